// Package image makes a bootable image of a program that the Go compiler and linker have made: nothing
// that cannot be reached from the boot loader's entry is left in it.
//
// Input is a linked program around packages boot and kernel of nfos. [Build] follows calls, jumps and
// addresses from the entry through the machine code, refuses what an image must not contain, overwrites all
// other code with breakpoints and all other data with zeros, and fills in what the processor and boot
// loaders read: page tables, segments, gates, headers. Addresses stay what the linker made them.
//
// Guarantee: every byte of code that is mapped is part of a function in [Image.Functions], or INT3. That
// the walk misses nothing need not be trusted: what it misses is a breakpoint, which stops the machine.
// What is trusted is that data which is not kept is not read; see keep.
//
// Start at [Build], then walk.go, seal.go and layout.go.
package image

// Image is a bootable image, and what is in it.
type Image struct {
	Bytes     []byte
	Functions []*Function // by address
	Data      []Range     // of kept data, by address; the rest of the data is zero
	Stops     []string    // functions that are called, and are not there: a call stops the machine
	Memory    uint64      // bytes of the machine's memory that it takes, from 4 MiB on
	Lines     Lines
}

// Range is a range of addresses.
type Range struct{ Start, End uint64 }

// Base is the address of the first byte of an image.
const Base = imageBase

// Build makes an image of a program whose linker was told the [Entry], with the packages of the program that
// are not the standard library's.
func Build(program []byte, packages []string) (*Image, error) {
	l, err := read(program)
	if err != nil {
		return nil, err
	}
	if err := checkRuntime(program); err != nil {
		return nil, err
	}
	own := map[string]bool{"main": true}
	for _, p := range packages {
		own[p] = true
	}
	if err := checkInitialisers(l, own); err != nil {
		return nil, err
	}
	w, err := walk(l, own)
	if err != nil {
		return nil, err
	}
	made := &Image{Functions: w.sorted(), Stops: w.stopList(), Data: w.ranges(), Memory: l.bssEnd() - imageBase}
	if made.Lines, err = lines(l, made.Functions, w.starts, made.Stops); err != nil {
		return nil, err
	}
	if err := seal(l, w); err != nil {
		return nil, err
	}
	if err := lay(l); err != nil {
		return nil, err
	}
	if err := boot(l, program); err != nil {
		return nil, err
	}
	made.Bytes = l.file
	return made, nil
}
