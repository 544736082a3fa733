package virtio

// Fault says what is wrong with a device.
type Fault uint8

// What can be wrong.
const (
	NotOpen Fault = iota // Open was not called, or Close was
	None
	Misaligned      // the address of the rings is not a multiple of 16
	NotPresent      // there is no virtio network device of version 2
	NoReset         // the reset does not end
	Legacy          // the device does not offer VIRTIO_F_VERSION_1
	FeaturesRefused // the device does not work with VIRTIO_F_VERSION_1 alone
	NoQueue         // a queue is absent, or in use
	NoStructure     // a PCI function lacks a structure, or has it where it cannot be reached
	BadReceive      // the device has returned a descriptor that it did not have, or an impossible length
	BadSend         // the device has returned a descriptor of the transmit queue that it did not have
	faults
)

var texts = [faults]string{
	None:            "no fault",
	NotOpen:         "the device is not open",
	Misaligned:      "the rings' address is not a multiple of 16",
	NotPresent:      "there is no virtio 1.x network device",
	NoReset:         "the device does not finish its reset",
	Legacy:          "the device does not offer virtio 1.x (VIRTIO_F_VERSION_1)",
	FeaturesRefused: "the device refuses to work without offloads or another feature",
	NoQueue:         "the device lacks a receive or a transmit queue",
	NoStructure:     "the function's virtio structures are missing, too small or above 4 GiB",
	BadReceive:      "the device has returned a receive descriptor that it did not have, or an impossible length",
	BadSend:         "the device has returned a transmit descriptor that it did not have",
}

// Error is the fault in words.
func (f Fault) Error() string {
	if f >= faults {
		return "unknown fault"
	}
	return texts[f]
}
