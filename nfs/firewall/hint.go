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
	flow := Flow{
		Inside: g.Source(), Outside: g.Destination(), InsidePort: g.SourcePort(), OutsidePort: g.DestinationPort(),
		Protocol: uint16(g.Protocol()),
	}
	if p.Device() != f.cfg.Inside {
		flow = flow.turned()
	}
	return f.flows.HintKey(flow)
}
