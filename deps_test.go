// These tests parse the files themselves, since the test cache does not see what `go list` reads.
package vigor_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// rule gives a package, or with a star all packages of a folder, its layer.
type rule struct {
	layer    int
	pattern  string
	external []string // modules that it may import beside the standard library
}

// layers is the policy: a package imports lower layers only, or a sibling of its own tree. The
// toolchain may import internal/source from anywhere.
var layers = []rule{
	{0, ".", nil},
	{0, "packet", nil},
	{0, "internal/source", nil},
	{0, "internal/smt", nil},
	{0, "internal/contract", nil},
	{0, "internal/smt/*", nil},
	{0, "internal/testmodule", nil},
	{0, "internal/contract/*", nil},

	{1, "libvig", nil},
	{1, "nf", nil},
	{1, "internal/diag", nil},
	{1, "internal/solver", nil},

	{2, "nfs/*", nil},
	{2, "dataplane", nil},
	{2, "driver/*", nil},
	{2, "driver/*/*", nil},
	{2, "internal/solver/*", nil},
	{2, "internal/load", []string{"golang.org/x/tools"}},
	{2, "internal/spec/syntax", nil},
	{2, "internal/image", []string{"golang.org/x/arch"}},
	{2, "internal/qemu", nil},

	{3, "dataplane/config", []string{"github.com/goccy/go-yaml"}},
	{3, "dataplane/metrics", []string{"github.com/prometheus/client_golang"}},
	{3, "dataplane/afxdp", []string{"golang.org/x/sys", "github.com/cilium/ebpf"}},
	{3, "dataplane/bench", []string{"github.com/HdrHistogram/hdrhistogram-go", "golang.org/x/sys"}},
	{3, "dataplane/*", []string{"golang.org/x/sys"}},
	{3, "nfos/*", nil},
	{3, "internal/spec/resolve", nil},
	{3, "internal/spec/lower", nil},
	{3, "internal/symbex", []string{"golang.org/x/tools"}},
	{3, "internal/symbex/*", []string{"golang.org/x/tools"}},

	{4, "internal/obligation", nil},
	{4, "internal/prove", nil},
	{4, "internal/prove/*", nil},
	{5, "internal/program", nil},
	{5, "internal/replay", nil},
	{6, "internal/bench", []string{"gonum.org/v1/plot", "github.com/google/pprof"}},
	{6, "verify", nil},
	{6, "verify/*", nil},
	{7, "cmd/vigor", []string{
		"github.com/spf13/cobra", "github.com/schollz/progressbar/v3", "golang.org/x/term",
	}},
}

// runTime are the trees that go into an NF's program; they never import internal/.
var runTime = []string{"packet", "libvig", "nf", "nfs", "dataplane", "driver", "nfos"}

// bothSides are the packages of the toolchain that may import the run-time side.
var bothSides = []string{"internal/replay", "internal/bench", "cmd/vigor"}

// forTests are the packages that only tests may import.
var forTests = []string{
	"dataplane/conformance", "dataplane/looptest", "dataplane/netns", "internal/testmodule",
	"driver/check", "driver/check/mutants", "driver/check/stepping",
}

const module = "vigor"

func TestImports(t *testing.T) {
	for _, problem := range importProblems(os.DirFS(".")) {
		t.Error(problem)
	}
}

// importProblems checks every file of the tree but tests against the table.
func importProblems(tree fs.FS) []string {
	var problems []string
	files := sources(tree)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text := files[name]
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || constrained(text) {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, text, parser.ImportsOnly)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		from := path.Dir(name)
		if _, ok := layerOf(from); !ok {
			problems = append(problems, fmt.Sprintf("%s: package %s has no layer in deps_test.go", name, from))
			continue
		}
		for _, spec := range file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			if why := refused(from, imported); why != "" {
				problems = append(problems, fmt.Sprintf("%v: %s imports %s: %s",
					fset.Position(spec.Pos()), from, imported, why))
			}
		}
	}
	return problems
}

// refused says why the package from must not import the other, or "" if it may.
func refused(from, imported string) string {
	rule, _ := layerOf(from)
	to, ours := strings.CutPrefix(imported, module+"/")
	if imported == module {
		to, ours = ".", true
	}
	if !ours {
		if standard(imported) || slices.ContainsFunc(rule.external, func(m string) bool { return inTree(imported, m) }) {
			return ""
		}
		return "this module is not allowed here"
	}
	other, ok := layerOf(to)
	switch {
	case !ok:
		return "it has no layer in deps_test.go"
	case slices.Contains(forTests, to) && !slices.Contains(forTests, from):
		return "only tests may import it"
	case isRunTime(from) && strings.HasPrefix(to, "internal/"):
		return "the run-time side never imports internal/"
	case !isRunTime(from) && isRunTime(to) && !slices.Contains(bothSides, from):
		return "only " + strings.Join(bothSides, ", ") + " see both sides"
	case strings.HasPrefix(from, "nfs/") && strings.HasPrefix(to, "nfs/"):
		return "an NF never imports another NF"
	case strings.HasPrefix(from, "internal/spec/") && inTree(to, "internal/symbex"):
		return "spec never imports symbex: both meet in obligation"
	case strings.HasPrefix(from, "internal/symbex") && strings.HasPrefix(to, "internal/solver/"):
		return "symbex never names a back end"
	case to == "internal/source" && strings.HasPrefix(from, "internal/"):
		return ""
	case other.layer < rule.layer:
		return ""
	case other.layer == rule.layer && treeOf(from) == treeOf(to):
		return ""
	}
	return fmt.Sprintf("layer %d may import only lower layers and its own tree, not layer %d", rule.layer, other.layer)
}

// layerOf finds the first rule for a package; the table lists a folder's exceptions before its star.
func layerOf(pkg string) (rule, bool) {
	for _, r := range layers {
		if ok, _ := path.Match(r.pattern, pkg); ok {
			return r, true
		}
	}
	return rule{}, false
}

// treeOf gives the folder whose packages are siblings: internal/symbex for internal/symbex/summary.
func treeOf(pkg string) string {
	parts := strings.Split(pkg, "/")
	if parts[0] == "internal" && len(parts) > 1 {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

func inTree(pkg, root string) bool { return pkg == root || strings.HasPrefix(pkg, root+"/") }

func isRunTime(pkg string) bool {
	return slices.ContainsFunc(runTime, func(root string) bool { return inTree(pkg, root) })
}

// standard reports whether a path names the standard library: its first element has no dot.
func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") && first != module
}

// constrained reports whether a file is left out of ordinary builds by a constraint of ours.
func constrained(text []byte) bool {
	return strings.HasPrefix(string(text), "//go:build deps") || strings.HasPrefix(string(text), "//go:build ignore")
}

// sources returns the project's own Go and Python files by name: not those of testdata, nor of
// folders that the go command ignores.
func sources(tree fs.FS) map[string][]byte {
	files := make(map[string][]byte)
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if entry.IsDir() {
			hidden := name != "." && (base[0] == '.' || base[0] == '_')
			if hidden || base == "testdata" || base == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		if ext := path.Ext(base); ext == ".go" || ext == ".py" {
			files[name], err = fs.ReadFile(tree, name)
		}
		return err
	})
	if err != nil {
		panic(err)
	}
	return files
}

func TestImportProblemsAreNamed(t *testing.T) {
	tests := []struct {
		name, file, imports string
		want                string // part of the problem; empty if it is allowed
	}{
		{"lower layer", "internal/diag/x.go", `"vigor/internal/smt"`, ""},
		{"standard library", "packet/x.go", `"encoding/binary"`, ""},
		{"sibling", "internal/solver/bitblast/x.go", `"vigor/internal/solver/sat"`, ""},
		{"source from the bottom", "internal/contract/x.go", `"vigor/internal/source"`, ""},
		{"back end's module", "dataplane/afxdp/x.go", `"github.com/cilium/ebpf/link"`, ""},
		{"test file", "packet/x_test.go", `"vigor/internal/smt"`, ""},
		{"higher layer", "internal/smt/x.go", `"vigor/internal/diag"`, "internal/smt/x.go:3:8: internal/smt imports vigor/internal/diag: layer 0"},
		{"same layer, other tree", "internal/load/x.go", `"vigor/internal/spec/syntax"`, "layer 2 may import only lower layers"},
		{"run time into the toolchain", "libvig/x.go", `"vigor/internal/source"`, "the run-time side never imports internal/"},
		{"toolchain into the run time", "verify/x.go", `"vigor/libvig"`, "see both sides"},
		{"NF into NF", "nfs/nat/x.go", `"vigor/nfs/nop"`, "an NF never imports another NF"},
		{"spec into symbex", "internal/spec/lower/x.go", `"vigor/internal/symbex"`, "spec never imports symbex"},
		{"symbex into a back end", "internal/symbex/x.go", `"vigor/internal/solver/sat"`, "symbex never names a back end"},
		{"foreign module", "nf/x.go", `"golang.org/x/sys/unix"`, "this module is not allowed here"},
		{"module in a solver", "internal/solver/sat/x.go", `"github.com/cilium/ebpf"`, "this module is not allowed here"},
		{"helper of tests in a test", "dataplane/tap/x_test.go", `"vigor/dataplane/netns"`, ""},
		{"helper of tests in another", "dataplane/conformance/x.go", `"vigor/dataplane/netns"`, ""},
		{"helper of tests in a program", "dataplane/tap/x.go", `"vigor/dataplane/netns"`, "only tests may import it"},
		{"module of one back end in another", "dataplane/tap/x.go", `"github.com/cilium/ebpf"`, "this module is not allowed here"},
		{"unknown folder", "pkg/x.go", `"fmt"`, "pkg has no layer"},
		{"unknown import", "verify/x.go", `"vigor/internal/misc"`, "it has no layer"},
		{"syntax error", "nf/x.go", `"fmt`, "nf/x.go:3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := "package x\n\nimport " + tt.imports + "\n"
			got := importProblems(fstest.MapFS{tt.file: {Data: []byte(text)}})
			switch {
			case tt.want == "" && len(got) > 0:
				t.Errorf("got %q, want no problem", got)
			case tt.want != "" && (len(got) == 0 || !strings.Contains(got[0], tt.want)):
				t.Errorf("got %q, want one with %q", got, tt.want)
			}
		})
	}
}

// parse parses one of the sources with its comments.
func parse(fset *token.FileSet, name string, text []byte) (*ast.File, error) {
	return parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
}
