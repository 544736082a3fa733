//go:build amd64

package boot

import _ "unsafe" // for go:linkname

// program is where compiled code begins.
func program() {
	programMain()
	Fail("the program has ended")
}

// programMain is the program's function main.
//
//go:linkname programMain main.main
func programMain()
