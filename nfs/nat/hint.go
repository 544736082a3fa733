package nat

import (
	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Hint says which mapping Process will look for; of a packet that stays inside, that of its sender.
func (n *NAT) Hint(p *nf.Packet) libvig.Hint {
	g, ok := packet.GuessFlow(p.Bytes())
	if !ok {
		return libvig.Hint{}
	}
	if p.Device() == n.cfg.WAN {
		return n.mappings.HintIndex(int(g.DestinationPort()) - int(n.cfg.StartPort))
	}
	return n.mappings.HintKey(Endpoint{g.Source(), g.SourcePort(), p.Device(), uint64(g.Protocol())})
}
