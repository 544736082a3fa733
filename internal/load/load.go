// Package load turns the directory of a network function into the program that is verified: typed
// syntax, SSA, and the table of what the function keeps between packets.
//
// Input is a package pattern as the go command takes it; output is an [NF], or diagnostics when the
// package does not have the shape of an NF or leaves the verifiable subset. Its one caller is package
// verify.
//
// One "go list" finds the files. Packages of modules (the NF, packet, nf, libvig) are parsed with
// comments and type-checked from source, the standard library comes from the compiler's export data,
// so that a program which imports fmt costs no more than one that does not. The bodies of libvig are
// neither checked nor built: its contracts stand for them.
//
// Guarantee: every function reachable from New, Process, Hint, Validate, Valid and package initialisation
// has no meaning beyond its text (beyond.go) and is inside the subset of subset.go, which has no call through an interface, no recursion, no
// allocation while a packet is processed and no global that is ever written; state consists of
// libvig structures over padding-free words and of integer and boolean fields. Bounds of loops are not
// looked at.
//
// Start at [Load]; then [NF] for what comes out.
package load

import (
	"cmp"
	"context"
	"fmt"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/diag"
	"vigor/internal/source"
)

// Import paths of what every NF is written against.
const (
	LibraryPath = "vigor/libvig"
	PacketPath  = "vigor/packet"
	RuntimePath = "vigor/nf"
)

// Config says what to load.
type Config struct {
	// Dir is where the go command runs; "" is the working directory.
	Dir string
	// Pattern names exactly one package, as for "go build".
	Pattern string
	// Overlay replaces or adds files: path, absolute or relative to Dir, to content.
	Overlay map[string][]byte
}

// NF is one loaded network function. Positions of Fset are relative to the root of its module, with
// slashes; files of other modules are named by import path.
type NF struct {
	Path      string // import path
	Dir       string // directory of the package, absolute
	ModuleDir string // root of its module, absolute
	Fset      *token.FileSet
	Prog      *ssa.Program
	Package   *ssa.Package
	Packages  map[string]*Package // packages loaded from source, by import path
	Sizes     types.Sizes

	New, Process, Validate *ssa.Function // Validate is the method of Config by value
	Hint                   *ssa.Function // nil if the NF has none
	NFType, ConfigType     *types.Named

	State   []StateField // fields with a spec tag: libvig structures and cells
	Objects []StateField // fields that point to a libvig structure, tagged or not
	Cells   []StateField // integer and boolean fields outside the configuration, tagged or not
	Lists   []List       // fields of the configuration that are lists
	Records []*types.Named
	// Valid holds the method Valid(env nf.Env) bool of each stored type that has one.
	Valid map[*types.Named]*ssa.Function

	Sources    map[string][]byte // text of every source file, by name in Fset
	SourceHash string            // of Sources and the go version, in hexadecimal
}

// Load loads the package that config names. The error is for what is not the package's fault: no go
// command, no such directory, a cancelled context. With any diagnostic the NF is nil.
func Load(ctx context.Context, config Config) (*NF, []diag.Diagnostic, error) {
	listed, problems, err := list(ctx, config)
	if err != nil || len(problems) > 0 {
		return nil, problems, err
	}
	l := newLoader(listed)
	if l.checkAll(); len(l.problems) > 0 {
		return nil, l.sorted(), nil
	}
	nf := l.program()
	for _, stage := range []func(*NF){l.handler, l.state, l.subset} {
		if stage(nf); len(l.problems) > 0 {
			return nil, l.sorted(), nil
		}
	}
	return nf, nil, nil
}

// Position converts a position of the program.
func (n *NF) Position(pos token.Pos) source.Position {
	return source.FromToken(n.Fset.Position(pos))
}

// Span is the empty span at pos.
func (n *NF) Span(pos token.Pos) source.Span { return source.At(n.Position(pos)) }

// Excerpt returns the source line at p, or "" if p is not in the program.
func (n *NF) Excerpt(p source.Position) string { return source.Line(n.Sources[p.File], p.Line) }

// SourcePackages returns the packages loaded from source, by import path.
func (n *NF) SourcePackages() []*Package {
	list := make([]*Package, 0, len(n.Packages))
	for _, p := range n.Packages {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *Package) int { return cmp.Compare(a.Path, b.Path) })
	return list
}

// reportf adds a diagnostic at pos.
func (l *loader) reportf(code diag.Code, pos token.Pos, cure, format string, args ...any) {
	at := source.At(source.FromToken(l.fset.Position(pos)))
	d := diag.New(code, at, format, args...)
	if cure != "" {
		d = d.With("hint", "%s", cure)
	}
	l.problems = append(l.problems, d)
}

// sorted returns the diagnostics found so far, by position, of each code the first in a line: one
// construct often makes several instructions.
func (l *loader) sorted() []diag.Diagnostic {
	return slices.CompactFunc(diag.Sort(l.problems), func(a, b diag.Diagnostic) bool {
		return a.Code == b.Code && a.Span.Start.File == b.Span.Start.File &&
			a.Span.Start.Line == b.Span.Start.Line
	})
}

// absolute resolves a path of the configuration.
func (c Config) absolute(path string) (string, error) {
	if filepath.IsAbs(path) {
		return filepath.Clean(path), nil
	}
	full, err := filepath.Abs(filepath.Join(c.Dir, path))
	if err != nil {
		return "", fmt.Errorf("resolving %s: %w", path, err)
	}
	return full, nil
}
