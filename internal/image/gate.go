package image

import (
	"fmt"
	"strings"

	"golang.org/x/arch/x86/x86asm"
)

// Entry is where a boot loader starts a program: the linker must be told.
const Entry = bootPackage + ".entry"

// Names of the linked program that the tool knows.
const (
	bootPackage = "vigor/nfos/boot"
	entryName   = Entry + ".abi0"
	faultName   = bootPackage + ".fault.abi0"
	programName = bootPackage + ".program"
	reportName  = bootPackage + ".report"
	machineName = bootPackage + ".machine"
	stackName   = bootPackage + ".stack"
)

// redirected are functions of the runtime that end at once in one of package boot, which takes the same
// arguments from the same registers.
var redirected = map[string]string{
	"runtime.mallocgc":             bootPackage + ".allocate",
	"runtime.memmove":              bootPackage + ".move.abi0",
	"runtime.memclrNoHeapPointers": bootPackage + ".clear.abi0",
	"runtime.memequal":             bootPackage + ".equal.abi0",
}

// allowed are the functions of the standard library that may be part of an image as they are. All that they
// read of a type is its size; see typeSize.
var allowed = map[string]bool{
	"runtime.makeslice": true,
	"runtime.newobject": true,
	"runtime.duffzero":  true, "runtime.duffcopy": true,
}

// allowedPackages are packages of the standard library that may be part of an image: they have no state.
var allowedPackages = map[string]bool{"math/bits": true, "encoding/binary": true, "internal/byteorder": true, "sync/atomic": true, "internal/runtime/atomic": true}

// stopped are functions that end the machine when they are called: they are not part of the image, and
// what fills their place is a breakpoint. They are what a panic, an overflow of the stack, or the way to
// an error would run. A name that ends in a star stands for all that begin so.
var stopped = []string{
	"runtime.panic*", "runtime.goPanic*", "runtime.gopanic", "runtime.throw*", "runtime.fatal*",
	"runtime.morestack*", "runtime.gcWriteBarrier*", "runtime.wbZero", "runtime.wbMove",
	// The way to an error boxes values and formats text. An image is only made of a configuration with
	// which the constructor returns none.
	"runtime.convT*", "fmt.Errorf", "fmt.errorf", "errors.New",
}

func isStopped(name string) bool {
	name = strings.TrimSuffix(name, ".abi0")
	for _, s := range stopped {
		if prefix, ok := strings.CutSuffix(s, "*"); s == name || ok && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// packageOf is the import path in the name of a symbol, as the linker writes it.
func packageOf(name string) string {
	if rest, ok := strings.CutPrefix(name, "type:.eq."); ok {
		name = strings.TrimLeft(rest, "*[]0123456789")
	}
	name, _, _ = strings.Cut(name, "[")
	slash := strings.LastIndex(name, "/") + 1
	if dot := strings.IndexByte(name[slash:], '.'); dot >= 0 {
		return name[:slash+dot]
	}
	return name
}

// privileged are instructions that only package boot may contain. Ring 3 stops most of them, but not those
// for ports and for the interrupt flag.
var privileged = map[x86asm.Op]bool{
	x86asm.CLI: true, x86asm.STI: true, x86asm.POPF: true, x86asm.POPFD: true, x86asm.POPFQ: true,
	x86asm.IN: true, x86asm.OUT: true, x86asm.INSB: true, x86asm.INSW: true, x86asm.INSD: true,
	x86asm.OUTSB: true, x86asm.OUTSW: true, x86asm.OUTSD: true,
	x86asm.HLT: true, x86asm.LGDT: true, x86asm.LIDT: true, x86asm.LLDT: true, x86asm.LTR: true,
	x86asm.RDMSR: true, x86asm.WRMSR: true, x86asm.SYSCALL: true, x86asm.SYSENTER: true,
	x86asm.SYSRET: true, x86asm.SYSEXIT: true, x86asm.IRET: true, x86asm.IRETD: true, x86asm.IRETQ: true,
	x86asm.INT: true, x86asm.LRET: true, x86asm.LMSW: true, x86asm.CLTS: true, x86asm.INVLPG: true,
	x86asm.WBINVD: true, x86asm.INVD: true, x86asm.XSETBV: true, x86asm.RDPMC: true,
}

// checkInitialisers refuses packages that may be part of an image and whose variables need code at the start.
func checkInitialisers(l *linked, own map[string]bool) error {
	for _, s := range l.symbols {
		pkg := packageOf(s.name)
		if !s.text || !own[pkg] && !allowedPackages[pkg] {
			continue
		}
		rest := strings.TrimPrefix(s.name, pkg+".")
		if rest == "init" || strings.HasPrefix(rest, "init.") || rest == "map.init" || strings.HasPrefix(rest, "map.init.") {
			return fmt.Errorf("package %s has variables or functions init that run at the start of a program (%s): "+
				"an image does not run them; use constants, or set variables where they are needed", pkg, s.name)
		}
	}
	return nil
}
