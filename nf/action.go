package nf

// Kind tells the actions apart.
type Kind uint8

// The kinds of [Action].
const (
	Dropped      Kind = iota // to no device; Reason says why
	Forwarded                // to Device
	ForwardedAll             // to every device in Devices but the one it came from
	Flooded                  // to every device but the one it came from
)

// String is the kind in one word.
func (k Kind) String() string {
	switch k {
	case Dropped:
		return "dropped"
	case Forwarded:
		return "forwarded"
	case ForwardedAll:
		return "forwarded_all"
	case Flooded:
		return "flooded"
	}
	return "unknown"
}

// Action is what a network function decides about a packet: which devices send it, as its bytes
// stand after Process. Fields that the kind does not use are zero.
type Action struct {
	Kind    Kind
	Reason  Reason
	Device  Device
	Devices Devices
}

// Drop sends the packet nowhere.
func Drop(why Reason) Action { return Action{Kind: Dropped, Reason: why} }

// Forward sends the packet by one device, which may be the one it came from.
func Forward(d Device) Action { return Action{Kind: Forwarded, Device: d} }

// ForwardAll sends a copy of the packet by each device in the set but the one it came from. Devices
// that do not exist must not be in the set.
func ForwardAll(set Devices) Action { return Action{Kind: ForwardedAll, Devices: set} }

// Flood sends a copy of the packet by every device but the one it came from.
func Flood() Action { return Action{Kind: Flooded} }
