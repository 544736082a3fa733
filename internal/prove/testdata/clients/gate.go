package libvig

// Gate decides by an access list whose rules say a number below 4; 4 is for what no rule fits.
//
// @ ghost rules uint31
type Gate struct {
	acl *Classifier
	// @ represent rules = acl.n
	// @ inv forall j int {acl.value[j]} :: 0 <= j && j < acl.n ==> acl.value[j] < 4
}

// NewGate takes the list.
//
// @ constructor
// @ requires len(list) <= 1000
// @ requires forall j int {list[j].Value} :: 0 <= j && j < len(list) ==> list[j].Value < 4
// @ ensures rules == len(list)
func NewGate(list []ClassifierRule) *Gate {
	return &Gate{acl: NewClassifier(list)}
}

// Decide says what the first rule that fits says.
//
// @ ensures r <= 4
func (g *Gate) Decide(src, dst uint32, srcPort, dstPort uint16, protocol uint8) (r uint16) {
	i := g.acl.Match(src, dst, srcPort, dstPort, protocol)
	if i == g.acl.Len() {
		return 4
	}
	return g.acl.Value(i)
}
