package diag

import "fmt"

// Outcome is what a verification ends with. The zero value is Unknown: nothing is a success by
// omission.
type Outcome int

// The three outcomes.
const (
	Unknown  Outcome = iota // no answer within limits, or something went wrong
	Proved                  // every obligation holds
	Violated                // some packet and state break an obligation
)

var outcomeNames = [...]string{Unknown: "unknown", Proved: "proved", Violated: "violated"}

// String gives the outcome's name in lower case.
func (o Outcome) String() string {
	if o < 0 || int(o) >= len(outcomeNames) {
		return outcomeNames[Unknown]
	}
	return outcomeNames[o]
}

// MarshalText writes the outcome's name; JSON shows it as a string.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (o *Outcome) UnmarshalText(text []byte) error {
	for i, name := range outcomeNames {
		if name == string(text) {
			*o = Outcome(i)
			return nil
		}
	}
	return fmt.Errorf("unknown outcome %q", text)
}

// And returns the outcome of two parts together: violated if one is, proved if both are.
func (o Outcome) And(p Outcome) Outcome {
	switch {
	case o == Violated || p == Violated:
		return Violated
	case o == Proved && p == Proved:
		return Proved
	}
	return Unknown
}
