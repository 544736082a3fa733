package resolve

import (
	"go/types"

	"vigor/internal/diag"
	"vigor/internal/load"
)

// Names reports fields that specs cannot tell apart: two of a struct that have one name there, and fields of the
// configuration that are named like what every configuration has.
func Names(nf *load.NF) []diag.Diagnostic {
	n := &names{nf: nf, seen: map[*types.Struct]bool{}}
	config := nf.ConfigType.Underlying().(*types.Struct)
	for f := range config.Fields() {
		if f.Exported() && SnakeCase(f.Name()) == DeviceCount {
			n.report(f, "the number of devices")
		}
	}
	n.visit(config, true)
	for _, r := range nf.Records {
		n.visit(r, false)
	}
	return n.problems
}

// names looks for names of several fields.
type names struct {
	nf       *load.NF
	seen     map[*types.Struct]bool
	problems []diag.Diagnostic
}

// visit looks at the structs in t; of the configuration itself, specs know the exported fields only.
func (n *names) visit(t types.Type, exported bool) {
	switch u := t.Underlying().(type) {
	case *types.Slice:
		n.visit(u.Elem(), false)
	case *types.Array:
		n.visit(u.Elem(), false)
	case *types.Struct:
		if n.seen[u] {
			return
		}
		n.seen[u] = true
		had := map[string]*types.Var{}
		for f := range u.Fields() {
			if exported && !f.Exported() {
				continue
			}
			name := SnakeCase(f.Name())
			if other := had[name]; other != nil {
				n.report(f, "the field "+other.Name())
			}
			had[name] = f
			n.visit(f.Type(), false)
		}
	}
}

func (n *names) report(f *types.Var, other string) {
	d := diag.New(diag.DuplicateName, n.nf.Span(f.Pos()), "field %s has the name %s in specs, and so has %s", f.Name(),
		SnakeCase(f.Name()), other)
	n.problems = append(n.problems, d.With("hint", "rename one of them"))
}
