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
	return f.flows.HintKey(f.flow(p.Device(), g.Source(), g.Destination(), g.SourcePort(), g.DestinationPort(), g.Protocol(), 0))
}
