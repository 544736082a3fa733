package bridge

import (
	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

// Hint says which stations Process will look for.
func (b *Bridge) Hint(p *nf.Packet) (sender, receiver libvig.Hint) {
	eth, ok := packet.ParseEthernet(p.Bytes())
	if !ok {
		return libvig.Hint{}, libvig.Hint{}
	}
	return b.stations.HintKey(eth.Source()), b.stations.HintKey(eth.Destination())
}
