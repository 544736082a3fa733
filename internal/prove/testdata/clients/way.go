package libvig

// Way finds the device for an address among eight, by routes that name none other.
//
// @ ghost out map[int]uint16
type Way struct {
	fib *LPM
	// @ represent out = fib.route
	// @ inv forall ip int {fib.route[ip]} :: 0 <= ip && ip < 4294967296 ==> fib.route[ip] < 8
}

// NewWay takes the routes.
//
// @ constructor
// @ requires forall j int {routes[j].Value} :: 0 <= j && j < len(routes) ==> routes[j].Value < 8
func NewWay(routes []Rule) *Way {
	return &Way{fib: NewLPM(routes)}
}

// Device is where an address leads to.
//
// @ ensures v == out[ip]
func (w *Way) Device(ip uint32) (v uint16) {
	return w.fib.Lookup(ip)
}

// Known says that an address leads to one of the eight.
//
// @ ensures r
func (w *Way) Known(ip uint32) (r bool) {
	return w.fib.Lookup(ip) < 8
}

// NewNowhere has no routes.
//
// @ constructor
// @ requires len(none) == 0
// @ ensures forall ip int {out[ip]} :: 0 <= ip && ip < 4294967296 ==> out[ip] == 0
func NewNowhere(none []Rule) *Way {
	return &Way{fib: NewLPM(none)}
}
