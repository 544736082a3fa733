package nf_test

import (
	"fmt"

	"vigor/nf"
	"vigor/packet"
)

// wire sends every IPv4 frame of one device by the other.
type wire struct{}

// Process has the form that the run loop and the verifier ask for.
func (wire) Process(p *nf.Packet) nf.Action {
	eth, ok := packet.ParseEthernet(p.Bytes())
	if !ok {
		return nf.Drop(nf.Malformed)
	}
	if eth.Type() != packet.TypeIPv4 {
		return nf.Drop(nf.UnsupportedEtherType)
	}
	return nf.Forward(1 - p.Device())
}

func Example() {
	frame := make([]byte, 60)
	p := nf.NewPacket(frame, 0, 5*nf.Second)
	fmt.Println(wire{}.Process(&p).Reason)
	frame[12] = 8
	action := wire{}.Process(&p)
	fmt.Println(action.Kind, action.Device)
	// Output:
	// unsupported_ether_type
	// forwarded 1
}
