package loadbalancer

import (
	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Hint says which connection Process will look for.
func (b *Balancer) Hint(p *nf.Packet) libvig.Hint {
	g, ok := packet.GuessFlow(p.Bytes())
	if !ok || p.Device() != b.cfg.Clients {
		return libvig.Hint{}
	}
	return b.flows.HintKey(Flow{g.Source(), g.SourcePort(), uint16(g.Protocol())})
}
