package image

import (
	"strings"
	"testing"
)

const refusableMain = `package main

import (
	"vigor/nf"
	"vigor/nfos/kernel"
	"vigor/nfos/virtionet"

	"example.com/user/user"
)

var heap [4 << 20]byte

func main() {
	m := kernel.Start("test", 1, heap[:], &virtionet.Driver)
	f, err := user.New(m.Env(), user.Config{})
	if err != nil {
		return
	}
	var p nf.Packet
	for m.Receive(&p) {
		m.Act(f.Process(&p))
	}
}
`

// refusable is a network function with places for what an image must not contain.
const refusable = `package user

import (
	"vigor/nf"
IMPORTS
)

type Config struct{}

func (Config) Validate() error { return nil }

type Function struct{ n int }

DECLARATIONS

func New(env nf.Env, cfg Config) (*Function, error) { return &Function{}, nil }

func (f *Function) Process(p *nf.Packet) nf.Action {
	BODY
	return nf.Flood()
}
`

// TestContentIsRefused: what an image cannot contain is named, with what needs it.
func TestContentIsRefused(t *testing.T) {
	for _, test := range []struct {
		name, imports, declarations, body string
		assembly                          string
		want                              []string
	}{
		{name: "function init", declarations: "var n = 1\n\nfunc init() { n++ }", body: "f.n = n",
			want: []string{"package example.com/user/user has variables or functions init that run at the start", "example.com/user/user.init.0"}},
		{name: "variable with code", declarations: "//go:noinline\nfunc five() int { return 5 }\n\nvar n = five()", body: "f.n = n",
			want: []string{"run at the start", "example.com/user/user.init"}},
		{name: "map", declarations: "type M = map[int]int\n\nvar m M", body: "f.n = m[int(p.Device())]",
			want: []string{"runtime.mapaccess", "cannot be part of an image; it is needed by\n", "\n    main.main", "\n    vigor/nfos/boot.program", "the boot loader"}},
		{name: "print", imports: `"fmt"`, body: "fmt.Println(f.n)",
			want: []string{"fmt.Fprintln cannot be part of an image", "    example.com/user/user.(*Function).Process"}},
		{name: "string", declarations: "var a, b string", body: "a = a + b", want: []string{"runtime.concatstring2 cannot be part"}},
		{name: "append", declarations: "var s []int", body: "s = append(s, f.n)", want: []string{"runtime.growslice cannot be part"}},
		{name: "goroutine", body: "go func() { f.n++ }()", want: []string{"runtime.newproc cannot be part"}},
		{name: "channel", declarations: "var c chan int", body: "f.n = <-c", want: []string{"runtime.chanrecv1 cannot be part"}},
		{name: "deeper", imports: `"sort"`, declarations: "func (f *Function) Len() int { return f.n }\n\nfunc (f *Function) Less(i, j int) bool { return i < j }\n\nfunc (f *Function) Swap(i, j int) { println(i) }",
			body: "sort.Sort(f)", want: []string{"sort.Sort cannot be part"}},
		{name: "method by interface", declarations: "type I interface{ M() }\n\nfunc (f *Function) M() { println(f.n) }\n\nvar i I", body: "if f.n > 0 {\n\t\ti = f\n\t}\n\tif i != nil {\n\t\ti.M()\n\t}",
			want: []string{"runtime.print", "    example.com/user/user.(*Function).M", "    go:itab.*example.com/user/user.Function,example.com/user/user.I"}},
		{name: "interrupt flag", declarations: "func enable()", body: "enable()", assembly: "TEXT ·enable(SB), 4, $0-0\n\tSTI\n\tRET\n",
			want: []string{"example.com/user/user.enable.abi0 at 0x", "the instruction STI is for package boot only"}},
		{name: "port", declarations: "func port()", body: "port()", assembly: "TEXT ·port(SB), 4, $0-0\n\tMOVL $0x60, DX\n\tINB\n\tRET\n",
			want: []string{"the instruction IN is for package boot only"}},
		{name: "vector instruction", declarations: "func vector()", body: "vector()", assembly: "TEXT ·vector(SB), 4, $0-0\n\tVPXOR Y0, Y0, Y0\n\tRET\n",
			want: []string{"example.com/user/user.vector.abi0 at 0x", "VPXOR", "vector extensions are off"}},
		{name: "unknown instruction", declarations: "func unknown()", body: "unknown()", assembly: "TEXT ·unknown(SB), 4, $0-0\n\tBYTE $0x0f; BYTE $0xae; BYTE $0xc8\n\tRET\n",
			want: []string{"decoding example.com/user/user.unknown.abi0 at 0x", "unrecognized instruction"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text := strings.NewReplacer("IMPORTS", test.imports, "DECLARATIONS", test.declarations, "BODY", test.body).Replace(refusable)
			files := map[string]string{"main.go": refusableMain, "user/user.go": text}
			if test.assembly != "" {
				files["user/user_amd64.s"] = test.assembly
			}
			made, err := Build(link(t, "-E "+Entry, files), append(packages, "example.com/user/user"))
			if err == nil {
				t.Fatalf("there is an image of %d bytes", len(made.Bytes))
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v\nwant %q", err, want)
				}
			}
		})
	}
}
