package program

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"text/template"
)

//go:embed start.go.tmpl
var startText string

var startTemplate = template.Must(template.New("start").Parse(startText))

// Target is the package of a network function, as found by [Find].
type Target struct {
	Path   string // import path
	Folder string // absolute
	Hint   bool   // the function has a method Hint
	Hints  int    // the number of its results
}

// Find finds the package that a pattern names in a folder, and looks whether its network function
// has a method Hint. The error says if there is not exactly one package.
func Find(ctx context.Context, dir, pattern string) (Target, error) {
	out, err := goCommand(ctx, dir, nil, "list", "-json=ImportPath,Dir,GoFiles", "--", pattern)
	if err != nil {
		return Target{}, fmt.Errorf("finding package %s: %w", pattern, err)
	}
	var found []listed
	for d := json.NewDecoder(bytes.NewReader([]byte(out))); d.More(); {
		var p listed
		if err := d.Decode(&p); err != nil {
			return Target{}, fmt.Errorf("finding package %s: %w", pattern, err)
		}
		found = append(found, p)
	}
	if len(found) != 1 {
		return Target{}, fmt.Errorf("finding package %s: the pattern matches %d packages, want one",
			pattern, len(found))
	}
	files, err := found[0].parse()
	if err == nil {
		err = reserved(files)
	}
	if err != nil {
		return Target{}, fmt.Errorf("reading package %s: %w", pattern, err)
	}
	hints := hints(files)
	return Target{Path: found[0].ImportPath, Folder: found[0].Dir, Hint: hints > 0, Hints: hints}, nil
}

// Results are names for the results of Hint.
func (t Target) Results() []string {
	names := make([]string, t.Hints)
	for i := range names {
		names[i] = fmt.Sprintf("hint%d", i)
	}
	return names
}

// listed is what "go list" tells about a package.
type listed struct {
	ImportPath, Dir string
	GoFiles         []string
}

// parse parses the package's files.
func (p listed) parse() ([]*ast.File, error) {
	files := make([]*ast.File, len(p.GoFiles))
	for i, name := range p.GoFiles {
		var err error
		files[i], err = parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// hints is the number of results of the method Hint of the type that New returns, 0 if it has none. The
// signature is left to the compiler and to the verifier.
func hints(files []*ast.File) int {
	created, hinted := "", map[string]int{}
	for _, file := range files {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			switch {
			case !ok:
			case f.Recv == nil && f.Name.Name == "New" && f.Type.Results != nil:
				created = typeName(f.Type.Results.List[0].Type)
			case f.Recv != nil && f.Name.Name == "Hint":
				hinted[typeName(f.Recv.List[0].Type)] = f.Type.Results.NumFields()
			}
		}
	}
	return hinted[created]
}

// reserved refuses a configuration with a field that has, in configuration files, the name of the section
// about the data plane. Packages config and standalone refuse it, too, but only when the program runs.
func reserved(files []*ast.File) (err error) {
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || spec.Name.Name != "Config" {
				return true
			}
			structure, ok := spec.Type.(*ast.StructType)
			if !ok {
				return false
			}
			for _, field := range structure.Fields.List {
				for _, name := range field.Names {
					if name.Name == "Dataplane" || name.Name == "DATAPLANE" {
						err = fmt.Errorf("Config has a field %s, whose name in configuration files is that of the section "+
							"about the data plane: rename the field", name.Name)
					}
				}
			}
			return false
		})
	}
	return err
}

// typeName is T for *T, and "" for anything else but T.
func typeName(x ast.Expr) string {
	if pointer, ok := x.(*ast.StarExpr); ok {
		x = pointer.X
	}
	if name, ok := x.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

// Start is the text of a file of package main with the function
//
//	func start(env nf.Env, cfg target.Config) (any, dataplane.Burst, error)
//
// which builds the network function, and returns it with its loop over packets. Every program that
// is made around a network function contains it.
func (t Target) Start() (string, error) { return written(startTemplate, t) }

// written executes a template.
func written(t *template.Template, data any) (string, error) {
	var text bytes.Buffer
	if err := t.Execute(&text, data); err != nil {
		return "", fmt.Errorf("writing the program: %w", err)
	}
	return text.String(), nil
}
