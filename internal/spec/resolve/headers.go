package resolve

// HeaderOf describes a header: where its fields are, in bits from its first byte (RFC 791, RFC
// 9293, RFC 768, RFC 792, RFC 826, IEEE 802.1Q).
type HeaderOf struct {
	Name   string
	Fields []HeaderField
	Bytes  int // length of the fixed part
}

// HeaderField is a field of a header.
type HeaderField struct {
	Name   string
	Bit    int // of its first bit
	Type   *Type
	Width  int    // in bits
	Assign string // not empty: derived, assign these instead
}

// Field finds a field by name.
func (h *HeaderOf) Field(name string) (HeaderField, bool) {
	for _, f := range h.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return HeaderField{}, false
}

func num(name string, bit, width int) HeaderField {
	return HeaderField{Name: name, Bit: bit, Width: width, Type: &Type{Kind: Int, Width: width}}
}

func flag(name string, bit int) HeaderField {
	return HeaderField{Name: name, Bit: bit, Width: 1, Type: &Type{Kind: Bool}}
}

func macField(name string, bit int) HeaderField {
	return HeaderField{Name: name, Bit: bit, Width: 48, Type: &Type{Kind: MAC}}
}

func ip4Field(name string, bit int) HeaderField {
	return HeaderField{Name: name, Bit: bit, Width: 32, Type: &Type{Kind: IP4}}
}

func derived(name string, k Kind, assign string) HeaderField {
	return HeaderField{Name: name, Type: &Type{Kind: k}, Assign: assign}
}

var checksumOK = derived("checksum_ok", Bool, "checksum")

var ipv4Fields = []HeaderField{
	num("ihl", 4, 4), num("dscp", 8, 6), num("ecn", 14, 2), num("total_length", 16, 16), num("id", 32, 16),
	flag("df", 49), flag("mf", 50), num("fragment_offset", 51, 13), num("ttl", 64, 8), num("protocol", 72, 8),
	num("checksum", 80, 16), ip4Field("src", 96), ip4Field("dst", 128),
	derived("is_fragment", Bool, "mf, fragment_offset"), derived("header_length", Int, "ihl"), checksumOK,
}

// Headers are the headers a spec can name, in the order of the language's table. The checksum of l4
// is where TCP or UDP has it; Bit is TCP's.
var Headers = []*HeaderOf{
	{Name: "ether", Bytes: 14, Fields: []HeaderField{macField("dst", 0), macField("src", 48), num("type", 96, 16)}},
	{Name: "vlan", Bytes: 4, Fields: []HeaderField{num("pcp", 0, 3), flag("dei", 3), num("vid", 4, 12),
		num("type", 16, 16)}},
	{Name: "arp", Bytes: 28, Fields: []HeaderField{num("operation", 48, 16), macField("sender_mac", 64),
		ip4Field("sender_ip", 112), macField("target_mac", 144), ip4Field("target_ip", 192)}},
	{Name: "ipv4", Bytes: 20, Fields: ipv4Fields},
	{Name: "tcp", Bytes: 20, Fields: []HeaderField{num("src_port", 0, 16), num("dst_port", 16, 16),
		num("seq", 32, 32), num("ack_number", 64, 32), num("data_offset", 96, 4), flag("cwr", 104), flag("ece", 105),
		flag("urg", 106), flag("ack", 107), flag("psh", 108), flag("rst", 109), flag("syn", 110), flag("fin", 111),
		num("window", 112, 16), num("checksum", 128, 16), num("urgent", 144, 16), checksumOK}},
	{Name: "udp", Bytes: 8, Fields: []HeaderField{num("src_port", 0, 16), num("dst_port", 16, 16),
		num("length", 32, 16), num("checksum", 48, 16), checksumOK}},
	{Name: "icmp", Bytes: 8, Fields: []HeaderField{num("type", 0, 8), num("code", 8, 8), num("checksum", 16, 16),
		num("id", 32, 16), num("sequence", 48, 16), checksumOK}},
	{Name: "l4", Bytes: 4, Fields: []HeaderField{num("src_port", 0, 16), num("dst_port", 16, 16),
		num("checksum", 128, 16), checksumOK}},
	{Name: "inner"},
	{Name: "inner.ipv4", Bytes: 20, Fields: ipv4Fields},
	{Name: "inner.l4", Bytes: 4, Fields: []HeaderField{num("src_port", 0, 16), num("dst_port", 16, 16)}},
	{Name: "inner.icmp", Bytes: 8, Fields: []HeaderField{num("type", 0, 8), num("id", 32, 16)}},
}

// HeaderNamed finds a header; inner parts are named inner.ipv4, inner.l4, inner.icmp.
func HeaderNamed(name string) (*HeaderOf, bool) {
	for _, h := range Headers {
		if h.Name == name {
			return h, true
		}
	}
	return nil, false
}
