package policer

import (
	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Hint says which bucket Process will look for.
func (p *Policer) Hint(pkt *nf.Packet) libvig.Hint {
	g, ok := packet.GuessFlow(pkt.Bytes())
	if !ok {
		return libvig.Hint{}
	}
	address := g.Source()
	if p.cfg.ByOutside == (pkt.Device() == p.cfg.Inside) {
		address = g.Destination()
	}
	class := p.prefixes.Lookup(uint32(address))
	if class == 0 || int(class) > len(p.cfg.Limits) {
		return libvig.Hint{}
	}
	return p.buckets.HintKey(Key{uint32(address & p.cfg.Limits[int(class)-1].Mask), class, pkt.Device()})
}
