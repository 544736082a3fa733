package load

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/ssa"

	"vigor/internal/diag"
	"vigor/internal/source"
)

// wordType decides whether a platform has 64 bits.
var wordType = types.Typ[types.Int]

// Package is one package loaded from source.
type Package struct {
	Path  string
	Dir   string      // absolute
	Files []*ast.File // with comments, in the order of their names
	Types *types.Package
	// Info covers signatures and declarations, and bodies unless Library.
	Info *types.Info
	SSA  *ssa.Package // built, unless Library: then it has no bodies
	// Library marks libvig, whose contracts stand for its bodies.
	Library bool
}

// loader holds what is known while one NF is loaded.
type loader struct {
	listing  *listing
	fset     *token.FileSet
	packages map[string]*Package
	imports  map[string]*types.Package // from export data; some incomplete
	exports  map[string]string         // import path to export file
	sources  map[string][]byte
	problems []diag.Diagnostic
	nf       *NF
}

func newLoader(listed *listing) *loader {
	l := &loader{
		listing: listed, fset: token.NewFileSet(), packages: make(map[string]*Package),
		imports: make(map[string]*types.Package), exports: make(map[string]string),
		sources: make(map[string][]byte),
	}
	packages.Visit([]*packages.Package{listed.root}, nil, func(p *packages.Package) {
		l.exports[p.PkgPath] = p.ExportFile
	})
	return l
}

// checkAll type-checks the source packages, dependencies first, and completes what export data
// mentions.
func (l *loader) checkAll() {
	var order []*packages.Package
	packages.Visit([]*packages.Package{l.listing.root}, nil, func(p *packages.Package) {
		if fromSource(p) {
			order = append(order, p)
		}
	})
	for _, p := range order {
		if l.checkPackage(p); len(l.problems) > 0 {
			return
		}
	}
	l.listErrors()
	l.completeImports()
}

// listErrors reports what the go command found and the type checker did not, such as an error inside
// libvig, whose bodies are not checked here.
func (l *loader) listErrors() {
	packages.Visit([]*packages.Package{l.listing.root}, nil, func(p *packages.Package) {
		for _, e := range p.Errors {
			l.problems = append(l.problems, diag.New(diag.CompileError, source.Span{},
				"package %s does not build: %s", p.PkgPath, firstLine(e.Msg, l.listing.config)))
		}
	})
}

// checkPackage parses and type-checks one package.
func (l *loader) checkPackage(p *packages.Package) {
	pkg := &Package{Path: p.PkgPath, Library: p.PkgPath == LibraryPath, Info: &types.Info{
		Types: make(map[ast.Expr]types.TypeAndValue), Instances: make(map[*ast.Ident]types.Instance),
		Defs: make(map[*ast.Ident]types.Object), Uses: make(map[*ast.Ident]types.Object),
		Implicits:  make(map[ast.Node]types.Object),
		Selections: make(map[*ast.SelectorExpr]*types.Selection),
		Scopes:     make(map[ast.Node]*types.Scope), FileVersions: make(map[*ast.File]string),
	}}
	for _, file := range sourceFiles(p) {
		pkg.Dir = filepath.Dir(file)
		pkg.Files = append(pkg.Files, l.parse(p, file))
	}
	if !pkg.Library && len(l.problems) == 0 {
		l.beyondText(p, pkg.Files)
	}
	if len(l.problems) > 0 {
		return
	}
	config := types.Config{
		Importer: importer{l, p}, Sizes: p.TypesSizes, IgnoreFuncBodies: pkg.Library,
		Error: l.typeError,
	}
	if p.Module.GoVersion != "" {
		config.GoVersion = "go" + p.Module.GoVersion
	}
	pkg.Types, _ = config.Check(p.PkgPath, l.fset, pkg.Files, pkg.Info)
	l.packages[p.PkgPath] = pkg
}

// parse reads one file; what is wrong with it becomes a diagnostic.
func (l *loader) parse(p *packages.Package, file string) *ast.File {
	name := l.listing.fileName(p, file)
	text, err := l.listing.read(file)
	if err != nil {
		at := source.At(source.Position{File: name, Line: 1, Column: 1})
		l.problems = append(l.problems, diag.New(diag.CompileError, at, "cannot be read: %v", err))
		return nil
	}
	l.sources[name] = text
	tree, err := parser.ParseFile(l.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if list, ok := err.(scanner.ErrorList); ok {
		for _, e := range list {
			l.problems = append(l.problems,
				diag.New(diag.CompileError, source.At(source.FromToken(e.Pos)), "%s", e.Msg))
		}
	}
	return tree
}

// typeError receives the errors of go/types; the continuations it marks with a tab are left out.
func (l *loader) typeError(err error) {
	if e, ok := err.(types.Error); ok && !strings.HasPrefix(e.Msg, "\t") {
		l.reportf(diag.CompileError, e.Pos, "", "%s", e.Msg)
	}
}

// importer resolves the imports of one package.
type importer struct {
	l    *loader
	from *packages.Package
}

// Import returns a source package checked before, or reads export data.
func (i importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" { // go/ssa wants to know it, too; the subset check refuses its uses
		i.l.imports[path] = types.Unsafe
		return types.Unsafe, nil
	}
	p, ok := i.from.Imports[path]
	if !ok || (fromSource(p) && i.l.packages[p.PkgPath] == nil) {
		return nil, fmt.Errorf("no such package")
	}
	if pkg := i.l.packages[p.PkgPath]; pkg != nil {
		return pkg.Types, nil
	}
	return i.l.readExport(p.PkgPath)
}

// readExport reads a package of the standard library from the compiler's export data.
func (l *loader) readExport(path string) (*types.Package, error) {
	if pkg := l.imports[path]; pkg != nil && pkg.Complete() {
		return pkg, nil
	}
	name := l.exports[path]
	if name == "" {
		return nil, fmt.Errorf("the go command has no export data for %s", path)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("export data of %s: %w", path, withoutPath(err))
	}
	defer file.Close()
	reader, err := gcexportdata.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("export data of %s: %w", path, err)
	}
	pkg, err := gcexportdata.Read(reader, token.NewFileSet(), l.imports, path)
	if err != nil {
		return nil, fmt.Errorf("export data of %s: %w", path, err)
	}
	return pkg, nil
}

// completeImports reads the packages that export data only mentioned, until none is left: go/ssa
// needs the declaration of every method it may meet.
func (l *loader) completeImports() {
	for again := true; again; {
		again = false
		for _, path := range slices.Sorted(mapKeys(l.imports)) {
			if l.imports[path].Complete() || path == "unsafe" {
				continue
			}
			if _, err := l.readExport(path); err != nil {
				l.reportf(diag.CompileError, token.NoPos, "", "import %s: %v", path, err)
				return
			}
			again = true
		}
	}
}

// hash identifies the sources and the compiler.
func (l *loader) hash() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s %s\n", runtime.Version(), runtime.GOARCH, l.listing.root.PkgPath)
	for _, name := range slices.Sorted(mapKeys(l.sources)) {
		fmt.Fprintf(h, "%s %d\n", name, len(l.sources[name]))
		h.Write(l.sources[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}
