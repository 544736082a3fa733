package replay

import (
	"encoding/hex"
	"encoding/json"
)

// This file is self-contained: it is also compiled into the harness, which reads a Case per line
// and writes a Result per line.

// Case is one packet in one state, and what is expected of it. As JSON it is the file that
// "vigor replay" reads.
type Case struct {
	Package  string             `json:"package"` // import path of the NF
	Env      Env                `json:"env"`
	Config   Value              `json:"config,omitempty"`  // what is missing is zero
	Objects  map[string]*Object `json:"objects,omitempty"` // by Go field; others stay as New left them
	Cells    map[string]Value   `json:"cells,omitempty"`   // likewise, for integers and bools
	Packet   Packet             `json:"packet"`
	Hint     bool               `json:"hint,omitempty"` // the NF is asked for its hint first
	Expected *Result            `json:"expected,omitempty"`
	// Invented says that the bytes of the packet do not add up to what the model said: it shows how the network function
	// gets where it gets, but no more.
	Invented bool `json:"-"`
}

// Env is what an NF is given by its surroundings.
type Env struct {
	Devices int       `json:"devices"`
	HashKey [5]uint64 `json:"hash_key"`
}

// Packet is a frame at its arrival.
type Packet struct {
	Device uint16 `json:"device"`
	Time   int64  `json:"time"` // nanoseconds
	Data   Hex    `json:"data"`
}

// Object is the state of one libvig structure. What a structure does not have is left out: a Chain
// has no keys and values, a Map and a Vector no times. The elements of a Vector that are not listed
// are as New left them; a Result lists those that the Case lists, too. The entries of a Ring are
// numbered from 0, the one to be popped next; those of a PortRange from its first number.
type Object struct {
	Cap     int     `json:"cap"`               // 0 in a Case: as New chose it
	First   int     `json:"first,omitempty"`   // the first number of a PortRange
	Entries []Entry `json:"entries,omitempty"` // in a Result: by index
	// Walks are the ways of keys through a Maglev, of which the entries are the backends.
	Walks []Walk `json:"walks,omitempty"`
	// Free are the indices that insertions take next, in order. An index that is freed by Process
	// itself comes before them, as it does in the running structure.
	Free []int `json:"free,omitempty"`
	// Last, in a Case, is the time of the latest insertion or refresh; 0 is that of the youngest
	// entry.
	Last int64 `json:"last,omitempty"`
}

// Walk is the way of a key through the slots of a Maglev.
type Walk struct {
	Key Value `json:"key"`
	// Hash of the key in the model. The compiled structure has another, so only the steps matter.
	Hash  uint32 `json:"hash"`
	Steps []Step `json:"steps,omitempty"` // those that are not listed meet nobody's slot
}

// Step is the backend whose slot a key meets at a step, counted from 0.
type Step struct {
	Step    int `json:"step"`
	Backend int `json:"backend"`
}

// Entry is what a structure holds at one index.
type Entry struct {
	Index int   `json:"index"`
	Key   Value `json:"key,omitempty"`
	Value Value `json:"value,omitempty"`
	Time  int64 `json:"time,omitempty"`
	Class uint8 `json:"class,omitempty"` // the timer class, in a structure that has them
}

// Value holds the integers of a Go value in decimal, by their path in it: "Port", "MAC[3]",
// "Peer.Port"; "" for a value that is itself an integer, which JSON shows as a plain number. A bool
// is 0 or 1.
type Value map[string]json.Number

// Status tells how far a case went.
type Status string

// The values of [Status].
const (
	Ran           Status = "ran"            // Process returned
	Panicked      Status = "panicked"       // New, Validate or Process panicked
	InvalidConfig Status = "invalid_config" // Validate refuses the configuration
	NewFailed     Status = "new_failed"     // New returns an error
	Refused       Status = "refused"        // no NF can be in this state
	TimedOut      Status = "timed_out"      // no answer within the limit
	Crashed       Status = "crashed"        // the program ended: out of memory, stack overflow
)

// Result is what became of a case. Action, Data, Objects and Cells are there when Process returned;
// as an expected result, those that are left out are not compared.
type Result struct {
	Status  Status             `json:"status"`
	Message string             `json:"message,omitempty"` // why, unless the case ran
	Stack   []string           `json:"stack,omitempty"`   // of a panic: "function file:line", innermost first
	Action  *Action            `json:"action,omitempty"`
	Data    Hex                `json:"data,omitempty"` // the frame after Process
	Objects map[string]*Object `json:"objects,omitempty"`
	Cells   map[string]Value   `json:"cells,omitempty"`
	// Other says what New made of the configuration where that is not what the case says: the case was run
	// with what it says, and shows nothing of that configuration.
	Other string `json:"other,omitempty"`
}

// Action is an nf.Action, with names for its kind and reason.
type Action struct {
	Kind    string `json:"kind"`
	Reason  string `json:"reason,omitempty"`
	Device  uint16 `json:"device"`
	Devices uint64 `json:"devices,omitempty"`
}

// Hex is a byte string, in hexadecimal as JSON.
type Hex []byte

// MarshalText encodes h.
func (h Hex) MarshalText() ([]byte, error) {
	return hex.AppendEncode(nil, h), nil
}

// UnmarshalText decodes into h.
func (h *Hex) UnmarshalText(text []byte) (err error) {
	*h, err = hex.AppendDecode(nil, text)
	return err
}

// MarshalJSON writes a value with the one path "" as a number, any other as an object.
func (v Value) MarshalJSON() ([]byte, error) {
	if n, ok := v[""]; ok && len(v) == 1 {
		return json.Marshal(n)
	}
	return json.Marshal(map[string]json.Number(v))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Value) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '{' {
		return json.Unmarshal(text, (*map[string]json.Number)(v))
	}
	var n json.Number
	if err := json.Unmarshal(text, &n); err != nil {
		return err
	}
	*v = Value{"": n}
	return nil
}
