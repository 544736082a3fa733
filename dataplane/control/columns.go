package control

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"

	"vigor/dataplane/config"
	"vigor/dataplane/inspect"
	"vigor/nf"
)

// render turns part of a table into rows: shard, index, what the key is made of, what the value is made
// of, and age, as far as the structure has them.
func render(shard int, step inspect.Step, devices []string) ([]Column, [][]any) {
	columns := []Column{{"shard", Number}, {"index", Number}}
	rows := make([][]any, len(step.Index))
	for n, i := range step.Index {
		rows[n] = []any{shard, i}
	}
	taken := map[string]bool{"shard": true, "index": true, "age": true}
	for _, side := range []struct {
		name string
		list any
	}{{"key", step.Keys}, {"value", step.Values}} {
		if side.list == nil {
			continue
		}
		list := reflect.ValueOf(side.list)
		for _, p := range parts(list.Type().Elem(), side.name) {
			name := p.name
			if taken[name] {
				name = side.name + "." + name
			}
			taken[name] = true
			columns = append(columns, Column{name, p.kind})
			for n := range rows {
				rows[n] = append(rows[n], p.show(list.Index(n), devices))
			}
		}
	}
	if step.Time != nil {
		columns = append(columns, Column{"age", Duration})
		for n, at := range step.Time {
			rows[n] = append(rows[n], max(step.Now-at, 0))
		}
	}
	return columns, rows
}

// part is a column of a key or value.
type part struct {
	name string
	kind Kind
	path []int // of fields, from the key or value down; nil for the whole
	typ  reflect.Type
}

var (
	texts    = reflect.TypeFor[encoding.TextMarshaler]()
	deviceOf = reflect.TypeFor[nf.Device]()
)

// parts lists the columns of a type: one per field of a struct, in their order, under the names that
// specs and configurations have for them; the whole, if it is none.
func parts(t reflect.Type, whole string) []part {
	if t.Kind() != reflect.Struct || t.Implements(texts) {
		return []part{{whole, kindOf(t), nil, t}}
	}
	var list []part
	for i := range t.NumField() {
		field := t.Field(i)
		name := config.SnakeCase(field.Name)
		for _, p := range parts(field.Type, name) {
			if p.path != nil {
				p.name = name + "." + p.name
			}
			p.path = append([]int{i}, p.path...)
			list = append(list, p)
		}
	}
	return list
}

func kindOf(t reflect.Type) Kind {
	switch t.Kind() {
	case reflect.Bool, reflect.Array, reflect.Struct:
		return Text
	}
	if t.Implements(texts) || t == deviceOf {
		return Text
	}
	return Number
}

// show is the value of the column in one key or value.
func (p part) show(v reflect.Value, devices []string) any {
	for _, i := range p.path {
		v = v.Field(i)
	}
	v = inspect.Reach(v)
	if p.typ == deviceOf {
		if d := v.Uint(); d < uint64(len(devices)) {
			return devices[d]
		}
		return strconv.FormatUint(v.Uint(), 10)
	}
	if v.Type().Implements(texts) {
		if text, err := v.Interface().(encoding.TextMarshaler).MarshalText(); err == nil {
			return string(text)
		}
	}
	switch {
	case v.CanUint():
		return v.Uint()
	case v.CanInt():
		return v.Int()
	}
	return fmt.Sprint(v)
}
