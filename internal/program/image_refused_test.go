package program_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigor/internal/program"
	"vigor/internal/testmodule"
)

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

// TestImageRefuses: what an image cannot contain is named, with what needs it, and there is no image.
func TestImageRefuses(t *testing.T) {
	for _, test := range []struct {
		name, imports, declarations, body string
		assembly                          string
		want                              []string
	}{
		{name: "function init", declarations: "var n = 1\n\nfunc init() { n++ }", body: "f.n = n",
			want: []string{"package example.com/user has variables or functions init that run at the start", "example.com/user.init.0"}},
		{name: "variable with code", declarations: "//go:noinline\nfunc five() int { return 5 }\n\nvar n = five()", body: "f.n = n",
			want: []string{"run at the start", "example.com/user.init"}},
		{name: "map", declarations: "type M = map[int]int\n\nvar m M", body: "f.n = m[int(p.Device())]",
			want: []string{"runtime.mapaccess", "cannot be part of an image; it is needed by\n", "\n    main.main", "\n    vigor/nfos/boot.program", "the boot loader"}},
		{name: "print", imports: `"fmt"`, body: "fmt.Println(f.n)",
			want: []string{"fmt.Fprintln cannot be part of an image", "    example.com/user.(*Function).Process"}},
		{name: "string", declarations: "var a, b string", body: "a = a + b", want: []string{"runtime.concatstring2 cannot be part"}},
		{name: "append", declarations: "var s []int", body: "s = append(s, f.n)", want: []string{"runtime.growslice cannot be part"}},
		{name: "goroutine", body: "go func() { f.n++ }()", want: []string{"runtime.newproc cannot be part"}},
		{name: "channel", declarations: "var c chan int", body: "f.n = <-c", want: []string{"runtime.chanrecv1 cannot be part"}},
		{name: "deeper", imports: `"sort"`, declarations: "func (f *Function) Len() int { return f.n }\n\nfunc (f *Function) Less(i, j int) bool { return i < j }\n\nfunc (f *Function) Swap(i, j int) { println(i) }",
			body: "sort.Sort(f)", want: []string{"sort.Sort cannot be part"}},
		{name: "method by interface", declarations: "type I interface{ M() }\n\nfunc (f *Function) M() { println(f.n) }\n\nvar i I", body: "if f.n > 0 {\n\t\ti = f\n\t}\n\tif i != nil {\n\t\ti.M()\n\t}",
			want: []string{"runtime.print", "    example.com/user.(*Function).M", "    go:itab.*example.com/user.Function,example.com/user.I"}},
		{name: "interrupt flag", declarations: "func enable()", body: "enable()", assembly: "TEXT ·enable(SB), 4, $0-0\n\tSTI\n\tRET\n",
			want: []string{"example.com/user.enable.abi0 at 0x", "the instruction STI is for package boot only"}},
		{name: "port", declarations: "func port()", body: "port()", assembly: "TEXT ·port(SB), 4, $0-0\n\tMOVL $0x60, DX\n\tINB\n\tRET\n",
			want: []string{"the instruction IN is for package boot only"}},
		{name: "vector instruction", declarations: "func vector()", body: "vector()", assembly: "TEXT ·vector(SB), 4, $0-0\n\tVPXOR Y0, Y0, Y0\n\tRET\n",
			want: []string{"example.com/user.vector.abi0 at 0x", "VPXOR", "vector extensions are off"}},
		{name: "unknown instruction", declarations: "func unknown()", body: "unknown()", assembly: "TEXT ·unknown(SB), 4, $0-0\n\tBYTE $0x0f; BYTE $0xae; BYTE $0xc8\n\tRET\n",
			want: []string{"decoding example.com/user.unknown.abi0 at 0x", "unrecognized instruction"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			text := strings.NewReplacer("IMPORTS", test.imports, "DECLARATIONS", test.declarations, "BODY", test.body).Replace(refusable)
			files := map[string]string{"user.go": text}
			if test.assembly != "" {
				files["user_amd64.s"] = test.assembly
			}
			if err := testmodule.Write(dir, files); err != nil {
				t.Fatal(err)
			}
			in := program.Image{Dir: dir, Package: ".", Devices: 2, File: filepath.Join(dir, "user.img")}
			_, _, err := in.Install(t.Context())
			if err == nil {
				t.Fatal("there is an image")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v\nwant %q", err, want)
				}
			}
			if _, err := os.Stat(in.File); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("there is a file: %v", err)
			}
		})
	}
}

// TestImageIsProvedFirst: without a proof, or with a configuration that the function refuses, there is no
// image.
func TestImageIsProvedFirst(t *testing.T) {
	config := filepath.Join(t.TempDir(), "nop.yaml")
	for _, test := range []struct{ config, want string }{
		{"left: 0\nright: 0\n", "nop.yaml: left and right are the same device"},
		{"left: 0\nright: 2\n", "nop.yaml: left is 0 and right is 2, but devices are numbered 0 to 1"},
		{"left: 0\n", "nop.yaml:1:1: right is missing"},
		{"left: 0\nright: 1\n", "violated"},
	} {
		if err := os.WriteFile(config, []byte(test.config), 0o644); err != nil {
			t.Fatal(err)
		}
		in := program.Image{
			Dir: "../..", Package: "./nfs/nop", Config: config, Devices: 2, File: filepath.Join(t.TempDir(), "nop.img"),
			Prove: func() (string, error) { return "", errors.New("violated") },
		}
		_, _, err := in.Install(t.Context())
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %q", err, test.want)
		}
		if _, err := os.Stat(in.File); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("there is an image: %v", err)
		}
	}
}
