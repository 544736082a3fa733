package firewall

import (
	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Hint says which flow of TCP or UDP Process will look for.
func (f *Firewall) Hint(p *nf.Packet) libvig.Hint {
	g, ok := packet.GuessFlow(p.Bytes())
	if !ok {
		return libvig.Hint{}
	}
	inside, outside, insidePort, outsidePort := f.sides(p.Device(), g.Source(), g.Destination(), g.SourcePort(), g.DestinationPort())
	return f.flows.HintKey(Flow{inside, outside, insidePort, outsidePort, uint16(g.Protocol()), 0})
}
