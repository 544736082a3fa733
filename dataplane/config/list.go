package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"vigor/nf"
)

// elements is a list whose elements have a form in text, but no method to read it.
type elements interface {
	UnmarshalElement(i int, text []byte) error // reads element i, which is there
	ElementExample() string                    // what UnmarshalElement reads
}

// sequence reads into a slice, or an array, whose length must be met.
func (r *reader) sequence(name string, n ast.Node, target reflect.Value) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		r.mismatch(name, n, target.Type())
		return
	}
	if target.Kind() == reflect.Slice {
		if len(list.Values) > nf.MaxList {
			r.fail(n, "%s has %d elements, the most are %d", name, len(list.Values), nf.MaxList)
			return
		}
		target.Set(reflect.MakeSlice(target.Type(), len(list.Values), len(list.Values)))
	} else if len(list.Values) != target.Len() {
		r.fail(n, "%s has %d elements, want %d", name, len(list.Values), target.Len())
		return
	}
	for i, element := range list.Values {
		before := len(r.problems)
		if texts, ok := target.Interface().(elements); ok {
			r.element(fmt.Sprintf("%s[%d]", name, i), element, target, texts, i)
		} else {
			r.value(fmt.Sprintf("%s[%d]", name, i), element, target.Index(i))
		}
		if len(r.problems) == before {
			r.validate(fmt.Sprintf("%s[%d]", name, i), element, target.Index(i))
		}
	}
}

// element lets a list read the text of one of its elements, quoted or not.
func (r *reader) element(name string, n ast.Node, target reflect.Value, list elements, i int) {
	r.nodes[target.Index(i).Addr().Interface()] = n
	s, ok := scalar(n)
	if !ok {
		r.fail(n, "%s: %s: expected text of the form %s", name, describe(n), list.ElementExample())
		return
	}
	if err := list.UnmarshalElement(i, []byte(s)); err != nil {
		r.fail(n, "%s: %v", name, err)
	}
}

// devices reads a set of devices. Whether there are so many only New can tell.
func (r *reader) devices(name string, n ast.Node, target *nf.Devices) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		r.mismatch(name, n, reflect.TypeFor[nf.Devices]())
		return
	}
	for _, element := range list.Values {
		before := len(r.problems)
		var d nf.Device
		r.integer(name, element, reflect.ValueOf(&d).Elem())
		switch {
		case len(r.problems) > before:
		case d >= nf.MaxDevices:
			r.fail(element, "%s: %d is no device: they are numbered 0 to %d", name, d, nf.MaxDevices-1)
		case target.Has(d):
			r.fail(element, "%s: device %d is in the set already", name, d)
		default:
			*target = target.With(d)
		}
	}
}

// validate asks an element that was read without a problem whether it is valid. What the whole
// configuration says of it later has no place in the file.
func (r *reader) validate(name string, n ast.Node, element reflect.Value) {
	if v, ok := element.Interface().(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			r.fail(n, "%s: %v", name, err)
		}
	}
}

// place is where in the file an error of Validate belongs: to the field whose name it begins with, or, if it says
// which element of that list it is about, to that element. Else it is the file.
func (r *reader) place(err error, target reflect.Value) string {
	for i := range target.NumField() {
		field := target.Field(i)
		if !beginsWith(err.Error(), SnakeCase(target.Type().Field(i).Name)) {
			continue
		}
		element, ok := errors.AsType[*nf.ElementError](err)
		if ok && field.Kind() == reflect.Slice && element.Index < field.Len() {
			field = field.Index(element.Index)
		}
		n := r.nodes[field.Addr().Interface()]
		if n == nil { // left out
			break
		}
		if t := start(n); t != nil && t.Position != nil {
			return fmt.Sprintf("%s:%d:%d", r.name, t.Position.Line, t.Position.Column)
		}
	}
	return r.name
}

// beginsWith reports whether the first word of a message is a name.
func beginsWith(message, name string) bool {
	rest, ok := strings.CutPrefix(message, name)
	return ok && (rest == "" || strings.ContainsAny(rest[:1], " :,"))
}
