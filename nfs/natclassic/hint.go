package natclassic

import (
	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Hint says which flow Process will look for.
func (n *NAT) Hint(p *nf.Packet) libvig.Hint {
	g, ok := packet.GuessFlow(p.Bytes())
	if !ok {
		return libvig.Hint{}
	}
	if p.Device() == n.cfg.WAN {
		return n.flows.HintIndex(int(g.DestinationPort()) - int(n.cfg.StartPort))
	}
	return n.flows.HintKey(Flow{
		Src: g.Source(), Dst: g.Destination(), SrcPort: g.SourcePort(), DstPort: g.DestinationPort(),
		Protocol: uint16(g.Protocol()), Device: p.Device(),
	})
}
