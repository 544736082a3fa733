package image

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// faultReport is what package boot writes when the processor stops on an exception.
var faultReport = regexp.MustCompile(`vigor: stopped: trap (\d+) code 0x([0-9a-f]+) at 0x([0-9a-f]+)(?: from 0x([0-9a-f]+))? access 0x([0-9a-f]+)`)

// Exceptions of the processor: Intel SDM volume 3, table 6-1.
const (
	trapDivide     = 0
	trapBreakpoint = 3
	trapProtection = 13
	trapPage       = 14
)

// meanings are, by the beginning of its name, what a call of a function that is not there says.
var meanings = []struct{ prefix, meaning string }{
	{"runtime.panicBounds", "an index or a slice is out of range"},
	{"runtime.panicdivide", "a division by zero"},
	{"runtime.panicshift", "a shift by a negative number"},
	{"runtime.morestack", "the stack is full"},
	{"runtime.gopanic", "a panic"},
	{"runtime.panic", "a panic"},
	{"fmt.", "an error is made"},
	{"errors.", "an error is made"},
}

// Explain turns a line of the serial port that reports a fault into words, with the line of source; it
// fails if the line is none.
func (l Lines) Explain(line string) (text string, ok bool) {
	found := faultReport.FindStringSubmatch(line)
	if found == nil {
		return "", false
	}
	number := func(i, base int) uint64 {
		n, _ := strconv.ParseUint(found[i], base, 64) // digits; too many are the largest number
		return n
	}
	vector, code, at, access := number(1, 10), number(2, 16), number(3, 16), number(5, 16)
	switch vector {
	case trapBreakpoint:
		return l.explainCall(at-1, number(4, 16)-1), true
	case trapPage:
		what := map[uint64]string{0: "reads", 2: "writes", 16: "runs"}[code&(2|16)]
		if access < pageSize {
			return fmt.Sprintf("a nil pointer is used: %s", l.place(at)), true
		}
		return fmt.Sprintf("the program %s address %#x, which it must not: %s", what, access, l.place(at)), true
	case trapDivide:
		return fmt.Sprintf("a division by zero, or with too large a result: %s", l.place(at)), true
	case trapProtection:
		return fmt.Sprintf("an instruction that ring 3 must not run: %s", l.place(at)), true
	}
	return fmt.Sprintf("exception %d: %s", vector, l.place(at)), true
}

// explainCall is about a breakpoint at an address, called from another.
func (l Lines) explainCall(at, from uint64) string {
	name := "code that is not part of the image"
	if called, ok := l.Find(at); ok {
		name = called.Function
		for _, m := range meanings {
			if strings.HasPrefix(name, m.prefix) {
				return fmt.Sprintf("%s: %s", m.meaning, l.place(from))
			}
		}
	}
	return fmt.Sprintf("a call of %s: %s", name, l.place(from))
}

// place names an address by its line of source.
func (l Lines) place(address uint64) string {
	one, ok := l.Find(address)
	if !ok {
		return fmt.Sprintf("at %#x, which is not part of the image", address)
	}
	return fmt.Sprintf("%s:%d in %s", one.File, one.Line, one.Function)
}
