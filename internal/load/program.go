package load

import (
	"go/types"
	"iter"
	"maps"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// mapKeys ranges over the keys of m; callers sort.
func mapKeys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// program creates the SSA of every package and builds the bodies of the NF and of the packages it is
// written against; the standard library and libvig are declarations only.
func (l *loader) program() *NF {
	root := l.listing.root
	prog := ssa.NewProgram(l.fset, ssa.InstantiateGenerics)
	for _, path := range slices.Sorted(mapKeys(l.imports)) {
		prog.CreatePackage(l.imports[path], nil, nil, true)
	}
	paths := slices.Sorted(mapKeys(l.packages))
	for _, path := range paths {
		p := l.packages[path]
		if p.Library {
			p.SSA = prog.CreatePackage(p.Types, nil, nil, true)
		} else {
			p.SSA = prog.CreatePackage(p.Types, p.Files, p.Info, true)
		}
	}
	for _, path := range paths {
		l.packages[path].SSA.Build()
	}
	dir := filepath.Dir(sourceFiles(root)[0])
	l.nf = &NF{
		Path: root.PkgPath, Dir: dir, ModuleDir: root.Module.Dir, Fset: l.fset, Prog: prog,
		Package: l.packages[root.PkgPath].SSA, Packages: l.packages, Sizes: root.TypesSizes,
		Valid: make(map[*types.Named]*ssa.Function), Sources: l.sources, SourceHash: l.hash(),
	}
	return l.nf
}
