package nat

import (
	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Hint says which flow Process will look for.
func (n *NAT) Hint(p *nf.Packet) libvig.Hint {
	t, ok := packet.GuessTuple(p.Bytes())
	if !ok {
		return libvig.Hint{}
	}
	if p.Device() == n.cfg.WAN {
		return n.flows.HintIndex(int(t.DestinationPort) - int(n.cfg.StartPort))
	}
	return n.flows.HintKey(Flow{
		Src: t.Source, Dst: t.Destination, SrcPort: t.SourcePort, DstPort: t.DestinationPort,
		Protocol: uint16(t.Protocol), Device: p.Device(),
	})
}
