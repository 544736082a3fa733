package ixgbe

// Fault says what is wrong with a device.
type Fault uint8

// What can be wrong.
const (
	NotOpen Fault = iota // Open was not called, or Close was
	None
	Misaligned // the address of the rings is not a multiple of 16
	BadSize    // the size of the rings is not a power of two from 8 to ring.Size
	Busy       // the device does not stop accessing memory
	NoReset    // the reset does not end
	NoEEPROM   // the device has no EEPROM, or does not finish reading it
	NoQueue    // a queue does not start
	BadReceive // the device has received what cannot be: a frame that is empty, too long, or in parts
	faults
)

var texts = [faults]string{
	None:       "no fault",
	NotOpen:    "the device is not open",
	Misaligned: "the rings' address is not a multiple of 16",
	BadSize:    "the size of the rings is not a power of two, or too small or large",
	Busy:       "the device does not stop accessing memory",
	NoReset:    "the device does not finish its reset",
	NoEEPROM:   "the device has no EEPROM, or cannot read it",
	NoQueue:    "a queue of the device does not start",
	BadReceive: "the device has received a frame that is empty, too long, or in parts",
}

// Error is the fault in words.
func (f Fault) Error() string {
	if f >= faults {
		return "unknown fault"
	}
	return texts[f]
}
