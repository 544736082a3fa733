package image

import (
	"bytes"
	"encoding/binary"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vigor/internal/testmodule"
)

const mainText = `package main

import (
	"vigor/nfos/kernel"
	"vigor/nfos/virtionet"
)

var heap [4 << 20]byte

func main() { kernel.Start("test", 1, heap[:], &virtionet.Driver) }
`

var packages = strings.Fields("vigor/nf vigor/nfos/boot vigor/nfos/kernel vigor/nfos/virtionet vigor/driver/bus vigor/driver/pci " +
	"vigor/driver/virtio vigor/driver/virtio/ring")

// link compiles and links a program for an image.
func link(t *testing.T, flags string, files map[string]string) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := testmodule.Write(dir, files); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "program")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags="+flags, "-o", file, "main.go")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	program, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// TestBuildRefuses: what the tool takes for granted is checked, and nothing is made of another program.
func TestBuildRefuses(t *testing.T) {
	program := link(t, "-E "+Entry, map[string]string{"main.go": mainText})
	if _, err := Build(program, packages); err != nil {
		t.Fatal(err)
	}
	header := func(program []byte, i int) []byte { return program[programHeaders+i*headerSize:] }
	load := 0
	for binary.LittleEndian.Uint32(header(program, load)) != 1 {
		load++
	}
	replace := func(old, new string) func([]byte) []byte {
		return func(program []byte) []byte {
			if len(old) != len(new) || !bytes.Contains(program, []byte(old)) {
				t.Fatalf("there is no %q to replace", old)
			}
			return bytes.ReplaceAll(program, []byte(old), []byte(new))
		}
	}
	for _, test := range []struct {
		name   string
		change func(program []byte) []byte
		want   string
	}{
		{"no program", func([]byte) []byte { return []byte("#!/bin/sh\n") }, "reading the linked program"},
		{"cut", func(p []byte) []byte { return p[:len(p)/2] }, "reading the "},
		{"relocatable", func(p []byte) []byte { p[16] = 3; return p }, "not a fixed program"},
		{"other machine", func(p []byte) []byte { p[18] = 183; return p }, "not a fixed program for x86-64"},
		{"writable code", func(p []byte) []byte { header(p, load)[4] |= 2; return p }, "segment 0 of the linked program is PF_X+PF_W+PF_R"},
		{"executable data", func(p []byte) []byte { header(p, load+2)[4] |= 1; return p }, "segment 2 of the linked program is"},
		{"fewer segments", func(p []byte) []byte { header(p, load+1)[0] = 0; return p }, "has 2 segments"},
		{"elsewhere", func(p []byte) []byte { header(p, load)[18] = 1; return p }, "want 0x400000 more"},
		{"other addresses", func(p []byte) []byte { header(p, load)[26] ^= 1; return p }, "segment 0 of the linked program is at"},
		{"used gap", func(p []byte) []byte { p[0xd58] = 1; return p }, "the linker uses the part of the first page"},
		{"other version", replace("go1.26", "go1.25"), "images are made by go1.26 only"},
		{"no fault handler", replace("vigor/nfos/boot.fault.abi0\x00", "vigor/nfos/boot.fault.abi1\x00"), "has no vigor/nfos/boot.fault.abi0"},
		{"no allocator", replace("vigor/nfos/boot.allocate\x00", "vigor/nfos/boot.allocatx\x00"), "has no vigor/nfos/boot.allocate"},
		{"no stack", replace("vigor/nfos/boot.stack\x00", "vigor/nfos/boot.stacx\x00"), "has no vigor/nfos/boot.stack"},
		{"placeholder gone", replace("\xb8\x01\x00\xa1\x5e", "\xb8\x01\x00\xa1\x5f"), "do not use address 1"},
		{"foreign package", replace("vigor/nfos/kernel.hasPCI\x00", "gigor/nfos/kernel.hasPCI\x00"), "gigor/nfos/kernel.hasPCI cannot be part of an image"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if made, err := Build(test.change(bytes.Clone(program)), packages); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, %t; want %q", err, made != nil, test.want)
			}
		})
	}
}

// TestWithoutSymbols: a program that was stripped cannot be followed.
func TestWithoutSymbols(t *testing.T) {
	if _, err := Build(link(t, "-s -w -E "+Entry, map[string]string{"main.go": mainText}), packages); err == nil || !strings.Contains(err.Error(), "reading what the program says of its runtime") &&
		!strings.Contains(err.Error(), "reading the symbols") {
		t.Errorf("got %v", err)
	}
}

// TestRuntimeIsCompared with what is known, fact by fact.
func TestRuntimeIsCompared(t *testing.T) {
	good := described{
		fields:   map[string]int64{"runtime.g.stackguard0": 16, "internal/abi.Type.Size_": 0},
		mallocgc: []string{"size uintptr", "typ *internal/abi.Type", "needzero bool"},
	}
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	for name := range good.fields {
		moved := described{maps.Clone(good.fields), good.mallocgc}
		moved.fields[name] += 8
		gone := described{maps.Clone(good.fields), good.mallocgc}
		delete(gone.fields, name)
		for _, r := range []described{moved, gone} {
			if err := r.check(); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%v: got %v", r, err)
			}
		}
	}
	for _, parameters := range [][]string{nil, good.mallocgc[:2], {"size uintptr", "needzero bool", "typ *internal/abi.Type"}} {
		if err := (described{good.fields, parameters}).check(); err == nil || !strings.Contains(err.Error(), "runtime.mallocgc takes") {
			t.Errorf("%v: got %v", parameters, err)
		}
	}
}

// TestPackageOf: the package is found in every form that the linker gives to a name.
func TestPackageOf(t *testing.T) {
	for name, want := range map[string]string{
		"main.main":                    "main",
		"vigor/nfs/nat.(*NAT).Process": "vigor/nfs/nat",
		"vigor/libvig.(*Table[go.shape.struct { a/b.C }]).Insert": "vigor/libvig",
		"vigor/libvig..dict.Table[a/b.C,struct {}]":               "vigor/libvig",
		"example.com/user.New":                                    "example.com/user",
		"type:.eq.vigor/nfs/nat.Flow":                             "vigor/nfs/nat",
		"type:.eq.[4]vigor/packet.MAC":                            "vigor/packet",
		"runtime.duffzero":                                        "runtime",
		"internal/runtime/atomic.Store":                           "internal/runtime/atomic",
		"memeqbody":                                               "memeqbody",
	} {
		if got := packageOf(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// TestStopped: only what ends a program is taken for a stop.
func TestStopped(t *testing.T) {
	for name, want := range map[string]bool{
		"runtime.panicBounds": true, "runtime.panicdivide": true, "runtime.morestack_noctxt.abi0": true, "runtime.gopanic": true,
		"runtime.gcWriteBarrier2": true, "fmt.Errorf": true, "errors.New": true,
		"runtime.mallocgc": false, "runtime.growslice": false, "fmt.Println": false, "errors.Is": false, "main.panicBounds": false,
		"runtime.mapaccess1": false, "runtime.concatstrings": false, "runtime.newproc": false,
	} {
		if got := isStopped(name); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestParseLinesRefuses what Text does not write.
func TestParseLinesRefuses(t *testing.T) {
	for _, text := range []string{
		"", "1\t2\tf.go\t3", "x\t2\tf.go\t3\tf", "2\t2\tf.go\t3\tf", "1\t2\tf.go\tx\tf", "5\t6\tf.go\t1\tf\n4\t5\tf.go\t1\tf",
		"1\t3\tf.go\t1\tf\n2\t4\tf.go\t1\tf",
	} {
		if lines, err := ParseLines([]byte(text)); err == nil {
			t.Errorf("%q: %v", text, lines)
		}
	}
}
