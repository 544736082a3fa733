package resolve

import (
	"go/types"
	"strings"
	"unicode"

	"vigor/internal/load"
)

// SchemaOf gives what an NF offers to its specs: state fields with a tag, the records stored in
// them, the fields of its configuration whose types the language has. Properties are left empty.
func SchemaOf(nf *load.NF) *Schema {
	b := &schemaBuilder{records: map[*types.Named]*RecordOf{}}
	s := &Schema{}
	for _, r := range nf.Records {
		if t := b.typeOf(r); t != nil && t.Kind == Record {
			s.Records = append(s.Records, t.Record)
		}
	}
	for _, f := range nf.State {
		if o := b.object(f); o != nil {
			s.Objects = append(s.Objects, o)
		}
	}
	config := nf.ConfigType.Underlying().(*types.Struct)
	for i := range config.NumFields() {
		f := config.Field(i)
		if t := b.configType(f.Type()); t != nil && f.Exported() {
			s.Config = append(s.Config, Field{Name: SnakeCase(f.Name()), GoName: f.Name(), Type: t})
		}
	}
	return s
}

// configType gives the spec's type of a configuration field, nil if it has none.
func (b *schemaBuilder) configType(t types.Type) *Type {
	slice, ok := t.Underlying().(*types.Slice)
	if !ok {
		return b.typeOf(t)
	}
	elem := b.typeOf(slice.Elem())
	if elem == nil {
		return nil
	}
	return &Type{Kind: List, Elems: []*Type{elem}}
}

type schemaBuilder struct {
	records map[*types.Named]*RecordOf
}

// object describes a state field; nil if specs have nothing to say of its kind.
func (b *schemaBuilder) object(f load.StateField) *Object {
	o := &Object{Name: f.Name, Aliases: f.Aliases, GoName: f.GoName}
	switch f.Kind {
	case "Table", "ClassTable", "Dictionary":
		kinds := map[string]ObjectKind{"Table": Table, "ClassTable": ClassTable, "Dictionary": Dictionary}
		o.Kind, o.Key = kinds[f.Kind], b.typeOf(f.Params[0])
		if !empty(f.Params[1]) {
			if o.Value = b.typeOf(f.Params[1]); o.Value == nil {
				return nil
			}
		}
		if o.Key == nil {
			return nil
		}
	case "Map":
		o.Kind, o.Key = Map, b.typeOf(f.Params[0])
		o.Value = &Type{Kind: Int, Width: 64, Signed: true}
		if o.Key == nil {
			return nil
		}
	case "Vector", "Ring":
		o.Kind, o.Value = map[string]ObjectKind{"Vector": Vector, "Ring": Ring}[f.Kind], b.typeOf(f.Params[0])
		if o.Value == nil {
			return nil
		}
	case "PortRange":
		o.Kind = PortRange
	case "Maglev":
		o.Kind = Maglev
		if len(f.Params) == 0 {
			return nil
		}
		if o.Key = b.typeOf(f.Params[0]); o.Key == nil {
			return nil
		}
	case "Classifier":
		o.Kind = Classifier
	case "LPM":
		o.Kind, o.Key, o.Value = LPM, &Type{Kind: IP4}, &Type{Kind: Int, Width: 16}
	case "Chain":
		o.Kind = Chain
	case load.Cell:
		o.Kind, o.Value = Cell, b.typeOf(f.Type)
		if o.Value == nil {
			return nil
		}
	default:
		return nil
	}
	return o
}

// empty tells whether t is struct{}.
func empty(t types.Type) bool {
	s, ok := t.Underlying().(*types.Struct)
	return ok && s.NumFields() == 0
}

// typeOf gives the spec's type of a Go type, nil if it has none.
func (b *schemaBuilder) typeOf(t types.Type) *Type {
	t = types.Unalias(t)
	if named, ok := t.(*types.Named); ok {
		switch qualified(named) {
		case load.PacketPath + ".MAC":
			return &Type{Kind: MAC}
		case load.PacketPath + ".IPv4":
			return &Type{Kind: IP4}
		case load.RuntimePath + ".Devices":
			return &Type{Kind: Set}
		}
		if s, ok := named.Underlying().(*types.Struct); ok {
			return b.record(named, s)
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return basic(u)
	case *types.Array:
		elem := b.typeOf(u.Elem())
		if elem == nil || u.Len() > maxRounds {
			return nil
		}
		out := &Type{Kind: Tuple}
		for range u.Len() {
			out.Elems = append(out.Elems, elem)
		}
		return out
	}
	return nil
}

func qualified(n *types.Named) string {
	if n.Obj().Pkg() == nil {
		return n.Obj().Name()
	}
	return n.Obj().Pkg().Path() + "." + n.Obj().Name()
}

func basic(t *types.Basic) *Type {
	if t.Kind() == types.Bool {
		return &Type{Kind: Bool}
	}
	widths := map[types.BasicKind]int{types.Int: 64, types.Int8: 8, types.Int16: 16, types.Int32: 32, types.Int64: 64,
		types.Uint: 64, types.Uint8: 8, types.Uint16: 16, types.Uint32: 32, types.Uint64: 64, types.Uintptr: 64}
	w, ok := widths[t.Kind()]
	if !ok {
		return nil
	}
	return &Type{Kind: Int, Width: w, Signed: t.Info()&types.IsUnsigned == 0}
}

func (b *schemaBuilder) record(named *types.Named, s *types.Struct) *Type {
	if r, ok := b.records[named]; ok {
		return &Type{Kind: Record, Record: r}
	}
	r := &RecordOf{Name: named.Obj().Name()}
	for i := range s.NumFields() {
		f := s.Field(i)
		t := b.typeOf(f.Type())
		if t == nil {
			return nil
		}
		r.Fields = append(r.Fields, Field{Name: SnakeCase(f.Name()), GoName: f.Name(), Type: t})
	}
	b.records[named] = r
	return &Type{Kind: Record, Record: r}
}

// SnakeCase turns a Go name into a spec's: SrcPort is src_port, ExternalIP is external_ip.
func SnakeCase(name string) string {
	var out strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && runes[i-1] != '_' {
			next := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if !unicode.IsUpper(runes[i-1]) || next {
				out.WriteByte('_')
			}
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}
