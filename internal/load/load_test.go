package load_test

import (
	"context"
	"fmt"
	"go/types"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"vigor/internal/diag"
	"vigor/internal/load"
)

// root is the module's root, where the go command runs; the programs under test exist in the overlay
// only.
const root = "../.."

// parts are added to a program that does not declare the text they are keyed by.
var parts = []struct{ declares, text string }{
	{"type Config", "type Config struct{}\n\nfunc (c Config) Validate() error { return nil }\n"},
	{"type NF ", "type NF struct{}\n"},
	{"func New(", "func New(env nf.Env, cfg Config) (*NF, error) { return &NF{}, nil }\n"},
	{"Process(", "func (n *NF) Process(p *nf.Packet) nf.Action { return nf.Flood() }\n"},
}

// loadText loads one program of one file, nfs/example/NAME.
func loadText(t *testing.T, name, text string) (*load.NF, []diag.Diagnostic) {
	t.Helper()
	rest := "package example\n\nimport \"vigor/nf\"\n\nvar _ nf.Action\n\n"
	for _, part := range parts {
		if strings.Contains(text, "// alone") {
			break
		}
		if !strings.Contains(text, part.declares) {
			rest += part.text + "\n"
		}
	}
	overlay := map[string][]byte{
		"nfs/example/" + name:       []byte(text),
		"nfs/example/z_defaults.go": []byte(rest),
	}
	nf, problems, err := load.Load(context.Background(),
		load.Config{Dir: root, Pattern: "./nfs/example", Overlay: overlay})
	if err != nil {
		t.Fatal(err)
	}
	return nf, problems
}

var (
	wantComment = regexp.MustCompile(`// want (.*)$`)
	wantItem    = regexp.MustCompile(`^(VIG\d+) "((?:[^"\\]|\\.)*)" *`)
)

// expectation is one "want" comment's item.
type expectation struct {
	line int
	code string
	text *regexp.Regexp
}

// expectations reads the want comments of a program.
func expectations(t *testing.T, text string) []expectation {
	t.Helper()
	var list []expectation
	for n, line := range strings.Split(text, "\n") {
		m := wantComment.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		rest := m[1]
		for rest != "" {
			item := wantItem.FindStringSubmatch(rest)
			if item == nil {
				t.Fatalf("line %d: cannot read want comment %q", n+1, rest)
			}
			pattern := strings.ReplaceAll(item[2], `\"`, `"`)
			list = append(list, expectation{n + 1, item[1], regexp.MustCompile(pattern)})
			rest = rest[len(item[0]):]
		}
	}
	return list
}

// compare reports diagnostics that nobody wants, and wants that no diagnostic meets.
func compare(t *testing.T, name string, got []diag.Diagnostic, want []expectation) {
	t.Helper()
	for _, d := range got {
		met := -1
		for i, w := range want {
			if d.Span.Start.Line == w.line && d.Code.String() == w.code && w.text.MatchString(d.Message) {
				met = i
				break
			}
		}
		if file := "nfs/example/" + name; d.Span.Start.File != file {
			t.Errorf("got position %v, want one in %s", d.Span, file)
		}
		if met < 0 {
			t.Errorf("got unexpected %v: %v %s", d.Span, d.Code, d.Message)
			continue
		}
		want = append(want[:met:met], want[met+1:]...)
	}
	for _, w := range want {
		t.Errorf("got nothing at line %d, want %s %v", w.line, w.code, w.text)
	}
}

func TestRefused(t *testing.T) {
	for _, file := range []string{"shape", "state", "subset"} {
		archive, err := txtar.ParseFile("testdata/" + file + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		for _, program := range archive.Files {
			t.Run(strings.TrimSuffix(program.Name, ".go"), func(t *testing.T) {
				want := expectations(t, string(program.Data))
				if len(want) == 0 {
					t.Fatal("no want comment")
				}
				_, got := loadText(t, program.Name, string(program.Data))
				compare(t, program.Name, got, want)
			})
		}
	}
}

func TestAccepted(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/accepted.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range archive.Files {
		t.Run(strings.TrimSuffix(program.Name, ".go"), func(t *testing.T) {
			nf, got := loadText(t, program.Name, string(program.Data))
			compare(t, program.Name, got, nil)
			if nf == nil {
				t.Fatal("no NF")
			}
			check(t, nf)
		})
	}
}

// check tests what every loaded NF guarantees.
func check(t *testing.T, nf *load.NF) {
	t.Helper()
	for _, fn := range []interface{ String() string }{nf.New, nf.Process, nf.Validate} {
		if fn.String() == "" {
			t.Errorf("function without a name")
		}
	}
	if len(nf.New.Blocks) == 0 || len(nf.Process.Blocks) == 0 || len(nf.Validate.Blocks) == 0 {
		t.Error("a function has no body")
	}
	if lookup := nf.Packages[load.RuntimePath].SSA.Func("Drop"); len(lookup.Blocks) == 0 {
		t.Error("nf.Drop has no body")
	}
	for name := range nf.Sources {
		if path.IsAbs(name) {
			t.Errorf("source name %s is absolute", name)
		}
	}
	for _, p := range nf.SourcePackages() {
		if !p.Types.Complete() || len(p.Files) == 0 {
			t.Errorf("package %s is incomplete", p.Path)
		}
	}
	if at := nf.Position(nf.Process.Pos()); !strings.Contains(nf.Excerpt(at), "Process(") {
		t.Errorf("Process stands at %v, where the line is %q", at, nf.Excerpt(at))
	}
}

// fieldsOf shows state fields in one line each.
func fieldsOf(list []load.StateField) string {
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintf(&b, "%s%q %s %v %s", f.Name, f.Aliases, f.GoName, f.Field, f.Kind)
		for _, p := range f.Params {
			fmt.Fprintf(&b, " %s", types.TypeString(p, (*types.Package).Name))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestState(t *testing.T) {
	nf, problems := loadText(t, "state.go", `package example

import (
	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

type Config struct{ Limit uint64 }

func (c Config) Validate() error { return nil }

type Flow struct{ Source, Destination packet.IPv4 }

type Peer struct {
	MAC    packet.MAC
	Device nf.Device
}

func (p Peer) Valid(env nf.Env) bool { return int(p.Device) < env.Devices }

type counters struct {
	sent  uint64 `+"`spec:\"sent,out_count\"`"+`
	extra *libvig.Chain
}

type NF struct {
	cfg   Config
	flows *libvig.Table[Flow, Peer] `+"`yaml:\"x\" spec:\"flows\"`"+`
	counters
	own packet.MAC
	on  bool
}
`)
	if nf == nil {
		t.Fatal(problems)
	}
	const state = `flows[] flows [1] Table example.Flow example.Peer
sent["out_count"] counters.sent [2 0] Cell
`
	const objects = `flows[] flows [1] Table example.Flow example.Peer
[] counters.extra [2 1] Chain
`
	const cells = `sent["out_count"] counters.sent [2 0] Cell
[] own [3] Cell
[] on [4] Cell
`
	for _, test := range []struct{ got, want string }{
		{fieldsOf(nf.State), state}, {fieldsOf(nf.Objects), objects}, {fieldsOf(nf.Cells), cells},
		{fmt.Sprint(nf.Records), "[vigor/nfs/example.Flow vigor/nfs/example.Peer]"},
		{nf.State[0].Span.String(), "nfs/example/state.go:29:2"},
	} {
		if test.got != test.want {
			t.Errorf("got\n%s\nwant\n%s", test.got, test.want)
		}
	}
	if len(nf.Valid) != 1 || nf.Valid[nf.Records[1]] == nil {
		t.Errorf("got Valid %v, want the method of Peer", nf.Valid)
	}
}

func TestHashFollowsTheSource(t *testing.T) {
	const program = "package example\n\nconst x = 1\n"
	a, _ := loadText(t, "nf.go", program)
	b, _ := loadText(t, "nf.go", program)
	c, _ := loadText(t, "nf.go", strings.Replace(program, "1", "2", 1))
	if a.SourceHash != b.SourceHash || a.SourceHash == c.SourceHash || len(a.SourceHash) != 64 {
		t.Errorf("hashes %s, %s, %s", a.SourceHash, b.SourceHash, c.SourceHash)
	}
}

func TestPackageNotFound(t *testing.T) {
	for pattern, want := range map[string]string{
		"./nfs/missing": "no package ./nfs/missing: ", "./docs": "no package ./docs: ",
		"./internal/...": "names", "fmt": "belongs to no module",
	} {
		_, problems, err := load.Load(context.Background(), load.Config{Dir: root, Pattern: pattern})
		if err != nil || len(problems) != 1 || problems[0].Code != diag.PackageNotFound ||
			!strings.Contains(problems[0].Message, want) {
			t.Errorf("%s: got %v, %v; want %v %q", pattern, problems, err, diag.PackageNotFound, want)
		}
	}
	_, _, err := load.Load(context.Background(), load.Config{Dir: "missing", Pattern: "."})
	if err == nil {
		t.Error("a missing directory is accepted")
	}
}

// TestBrokenLibrary: the bodies of libvig are not checked here, but the compiler's errors are seen.
func TestBrokenLibrary(t *testing.T) {
	text, err := os.ReadFile(root + "/libvig/vector.go")
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(text), "\n\treturn ", "\n\tmissing()\n\treturn ", 1)
	_, problems, err := load.Load(context.Background(), load.Config{
		Dir: root, Pattern: "./nfs/nat", Overlay: map[string][]byte{"libvig/vector.go": []byte(broken)},
	})
	before, _, _ := strings.Cut(broken, "\tmissing()")
	want := fmt.Sprintf("vector.go:%d:2: undefined: missing", strings.Count(before, "\n")+1)
	if err != nil || len(problems) == 0 || problems[0].Code != diag.CompileError ||
		!strings.Contains(problems[0].Message, want) {
		t.Errorf("got %v, %v; want %v %s", problems, err, diag.CompileError, want)
	}
}

func TestThirtyTwoBits(t *testing.T) {
	t.Setenv("GOARCH", "386")
	_, problems := loadText(t, "nf.go", "package example\n")
	if len(problems) != 1 || problems[0].Code != diag.NotSixtyFour {
		t.Errorf("got %v, want %v", problems, diag.NotSixtyFour)
	}
}

// TestOtherModule loads an NF of a module of its own, which requires vigor.
func TestOtherModule(t *testing.T) {
	vigor, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.org/nf\n\ngo 1.26.0\n\nrequire vigor v0.0.0\n\nreplace vigor => " + vigor + "\n",
		"flood/nf.go": `package flood

import "vigor/nf"

type Config struct{}

func (c Config) Validate() error { return nil }

type Hub struct{}

func New(env nf.Env, cfg Config) (*Hub, error) { return &Hub{}, nil }

func (h *Hub) Process(p *nf.Packet) nf.Action { return nf.Flood() }
`,
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	nf, problems, err := load.Load(context.Background(), load.Config{Dir: dir, Pattern: "./flood"})
	if nf == nil {
		t.Fatal(problems, err)
	}
	check(t, nf)
	if nf.Sources["flood/nf.go"] == nil || nf.Sources["vigor/nf/nf.go"] == nil {
		t.Errorf("got sources %v", slices.Sorted(maps.Keys(nf.Sources)))
	}
}
