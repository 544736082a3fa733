// Package config reads the configuration file of a network function: YAML, strictly.
//
// The file is a mapping from the fields of the function's Config type, written in snake case
// (ExternalIP is external_ip, as in specs), to their values. Every field must be there, none may
// be unknown or come twice, and every value must have the field's type:
//
//   - a field of type nf.Time, that is int64, is a duration with its unit: 300s, 2h4m, 1.5s;
//   - other integers, decimal or 0x…, must fit their type, and those of 32 bits may be written as an address;
//     strings and bools are themselves;
//   - a type that reads text, such as packet.IPv4 or packet.MAC, reads the value;
//   - nf.Devices, a set of devices, is a sequence of their numbers: [0, 2], or [] for none;
//   - structs are mappings, slices and arrays are sequences; of each element its own Validate is asked;
//   - a list with the methods UnmarshalElement and ElementExample reads each of its elements from text.
//
// Beside the function's fields there may be one key more, dataplane: how the function is run. Its keys
// are the fields of [Dataplane].
//
// Each error names file, line and column, what is wrong, and what would be right. At the end the
// configuration's own Validate is asked.
//
// Start at [Read].
package config

import (
	"encoding"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"vigor/nf"
	"vigor/packet"
)

// ReadFile reads the named file as [Read] reads text.
func ReadFile(name string, into any) (*Dataplane, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return Read(name, text, into)
}

// Read reads text into a configuration, a pointer to a struct, and returns the section about the data
// plane, or nil if there is none; name is for messages. All that is wrong is reported, joined into one
// error; the configuration is then of no use.
func Read(name string, text []byte, into any) (*Dataplane, error) {
	target := reflect.ValueOf(into).Elem()
	if clash := reserved(target.Type()); clash != "" {
		return nil, fmt.Errorf("%s: the field %s of %v has the name %s in files, which is the data plane's own: rename the field",
			name, clash, target.Type(), sectionKey)
	}
	tokens := lexer.Tokenize(strings.TrimPrefix(string(text), byteOrderMark))
	if err := shallow(name, tokens); err != nil {
		return nil, err
	}
	r := &reader{name: name, nodes: map[any]ast.Node{}}
	file, err := parser.Parse(tokens, 0)
	switch {
	case err != nil:
		return nil, syntaxError(name, err)
	case len(file.Docs) > 1 && file.Docs[1].Body != nil:
		r.fail(file.Docs[1].Body, "a second document: a configuration is one")
	}
	var body ast.Node
	if len(file.Docs) > 0 {
		body = file.Docs[0].Body
	}
	if body == nil && target.NumField() > 0 {
		return nil, fmt.Errorf("%s:1:1: the file is empty: it must set %s", name, fields(target.Type()))
	}
	if body != nil {
		r.top(body, target)
	}
	if len(r.problems) > 0 {
		return nil, errors.Join(r.problems...)
	}
	if c, ok := into.(interface{ Validate() error }); ok {
		if err := c.Validate(); err != nil {
			return nil, fmt.Errorf("%s: %w", r.place(err, target), err)
		}
	}
	return r.section, nil
}

// byteOrderMark may begin a file (YAML 1.2.2, 5.2); some editors write it.
const byteOrderMark = "\ufeff"

// syntaxError puts the position of a YAML error where all errors have theirs.
func syntaxError(name string, err error) error {
	var wrong yaml.Error
	if errors.As(err, &wrong) && wrong.GetToken() != nil && wrong.GetToken().Position != nil {
		at := wrong.GetToken().Position
		return fmt.Errorf("%s:%d:%d: not YAML: %s", name, at.Line, at.Column, wrong.GetMessage())
	}
	return fmt.Errorf("%s: not YAML: %w", name, err)
}

// reader collects what is wrong with a file.
type reader struct {
	name     string
	problems []error
	section  *Dataplane       // nil if the file has none
	nodes    map[any]ast.Node // what was read, by the pointer to where it went
}

// fail reports a problem where a node starts.
func (r *reader) fail(n ast.Node, format string, args ...any) {
	line, column := 1, 1
	if t := start(n); t != nil && t.Position != nil {
		line, column = t.Position.Line, t.Position.Column
	}
	message := fmt.Sprintf(format, args...)
	r.problems = append(r.problems, fmt.Errorf("%s:%d:%d: %s", r.name, line, column, message))
}

// start is the first token of a node: a mapping's own token is its first colon.
func start(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return n.Values[0].Key.GetToken()
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return n.GetToken()
}

// top reads the file's mapping: the fields of a struct, and the section about the data plane.
func (r *reader) top(n ast.Node, target reflect.Value) {
	entries, ok := mapping(n)
	if !ok {
		r.structure(n, target) // says what is wrong
		return
	}
	own := make([]*ast.MappingValueNode, 0, len(entries))
	for _, entry := range entries {
		if entry.Key.String() == sectionKey {
			r.readSection(entry.Value)
		} else {
			own = append(own, entry)
		}
	}
	r.entries(n, own, target)
}

// mapping gives the entries of a node that is a mapping.
func mapping(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// structure reads a mapping into a struct.
func (r *reader) structure(n ast.Node, target reflect.Value) {
	entries, ok := mapping(n)
	if !ok {
		r.fail(n, "%s: expected a mapping with %s", describe(n), fields(target.Type()))
		return
	}
	r.entries(n, entries, target)
}

// entries reads the entries of a mapping into a struct; n is where a missing one is reported.
func (r *reader) entries(n ast.Node, entries []*ast.MappingValueNode, target reflect.Value) {
	byName := map[string]int{}
	for i := range target.NumField() {
		byName[SnakeCase(target.Type().Field(i).Name)] = i
	}
	seen := map[string]bool{}
	for _, entry := range entries {
		key := entry.Key.String()
		i, ok := byName[key]
		switch {
		case !ok:
			r.fail(entry.Key, "unknown field %s: there are %s", plain(key), fields(target.Type()))
		case seen[key]:
			r.fail(entry.Key, "%s is set a second time", key)
		default:
			r.value(key, entry.Value, target.Field(i))
		}
		seen[key] = true
	}
	for i := range target.NumField() {
		field := target.Type().Field(i)
		if name := SnakeCase(field.Name); !seen[name] && field.Tag.Get("config") != "optional" {
			r.fail(n, "%s is missing: %s", name, wanted(field.Type))
		}
	}
}

// value reads one node into a field or element.
func (r *reader) value(name string, n ast.Node, target reflect.Value) {
	r.nodes[target.Addr().Interface()] = n
	if text, ok := target.Addr().Interface().(encoding.TextUnmarshaler); ok {
		r.text(name, n, text, target.Type())
		return
	}
	if set, ok := target.Addr().Interface().(*nf.Devices); ok {
		r.devices(name, n, set)
		return
	}
	switch kind := target.Kind(); kind {
	case reflect.Struct:
		r.structure(n, target)
	case reflect.Slice, reflect.Array:
		r.sequence(name, n, target)
	case reflect.Int64:
		r.duration(name, n, target)
	case reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			target.SetBool(b.Value)
			return
		}
		r.mismatch(name, n, target.Type())
	case reflect.String:
		if s, ok := n.(*ast.StringNode); ok {
			target.SetString(s.Value)
			return
		}
		r.mismatch(name, n, target.Type())
	default:
		r.integer(name, n, target)
	}
}

// text lets a type read its own form, quoted or not.
func (r *reader) text(name string, n ast.Node, target encoding.TextUnmarshaler, t reflect.Type) {
	s, ok := scalar(n)
	if !ok {
		r.mismatch(name, n, t)
		return
	}
	if err := target.UnmarshalText([]byte(s)); err != nil {
		r.fail(n, "%s: %v", name, err)
	}
}

// duration reads a number with a unit into nanoseconds.
func (r *reader) duration(name string, n ast.Node, target reflect.Value) {
	s, ok := scalar(n)
	if !ok {
		r.mismatch(name, n, target.Type())
		return
	}
	d, err := time.ParseDuration(s)
	switch {
	case err != nil && strings.Trim(s, "0123456789.") == "":
		r.fail(n, "%s: %s has no unit: write %ss for seconds, or ms, m, h", name, s, s)
	case err != nil || strings.TrimLeft(s, "0") == "":
		r.mismatch(name, n, target.Type())
	default:
		target.SetInt(d.Nanoseconds())
	}
}

// integer reads a number that must fit the type. One of 32 bits may be written as an IPv4 address.
func (r *reader) integer(name string, n ast.Node, target reflect.Value) {
	if text, ok := n.(*ast.StringNode); ok && target.Kind() == reflect.Uint32 {
		var a packet.IPv4
		if a.UnmarshalText([]byte(text.Value)) == nil {
			target.SetUint(uint64(a))
			return
		}
	}
	node, ok := n.(*ast.IntegerNode)
	if !ok {
		r.mismatch(name, n, target.Type())
		return
	}
	digits := node.Token.Value
	if len(digits) > 1 && digits[0] == '0' && unicode.IsDigit(rune(digits[1])) {
		r.fail(n, "%s: %s: leave out the leading zeros, which some read as octal", name, digits)
		return
	}
	fits := true
	if target.CanUint() {
		u, err := strconv.ParseUint(digits, 0, target.Type().Bits())
		fits = err == nil
		target.SetUint(u)
	} else if target.CanInt() {
		i, err := strconv.ParseInt(digits, 0, target.Type().Bits())
		fits = err == nil
		target.SetInt(i)
	} else {
		panic("config: no file can hold field " + name + " of type " + target.Type().String())
	}
	if !fits {
		r.fail(n, "%s: %s does not fit: %s", name, digits, wanted(target.Type()))
	}
}

// mismatch reports a value of another type than the field's.
func (r *reader) mismatch(name string, n ast.Node, t reflect.Type) {
	r.fail(n, "%s: %s: expected %s", name, describe(n), wanted(t))
}

// scalar is the text of a value that is neither mapping nor sequence.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// describe says what stands in the file.
func describe(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a sequence"
	case *ast.NullNode:
		return "nothing"
	}
	if s, ok := scalar(n); ok {
		return quote(s)
	}
	return quote(n.String())
}

// maxQuoted is how many bytes of a file a message quotes: a file that is no configuration can be one long word.
const maxQuoted = 64

// quote quotes a text, or its beginning.
func quote(text string) string {
	if len(text) > maxQuoted {
		return strconv.Quote(strings.ToValidUTF8(text[:maxQuoted], "")) + "…"
	}
	return strconv.Quote(text)
}

// plain is a key as it stands in the file, or quoted if it is long or has what a terminal does not show.
func plain(key string) string {
	hidden := func(c rune) bool { return !unicode.IsPrint(c) }
	if len(key) > maxQuoted || strings.ContainsFunc(key, hidden) {
		return quote(key)
	}
	return key
}

// wanted says what a field of a type takes.
func wanted(t reflect.Type) string {
	if zero, ok := reflect.Zero(t).Interface().(interface{ wanted() string }); ok {
		return zero.wanted()
	}
	if zero, ok := reflect.New(t).Interface().(encoding.TextMarshaler); ok {
		if example, err := zero.MarshalText(); err == nil {
			return "text of the form " + string(example)
		}
	}
	if t == reflect.TypeFor[nf.Devices]() {
		return "a sequence of numbers of devices, such as [0, 2]"
	}
	if list, ok := reflect.Zero(t).Interface().(elements); ok {
		return "a sequence, each element text of the form " + list.ElementExample()
	}
	switch t.Kind() {
	case reflect.Int64:
		return "a duration such as 300s, 5m or 2h4m"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "text"
	case reflect.Struct:
		return "a mapping with " + fields(t)
	case reflect.Slice, reflect.Array:
		return "a sequence, each element " + wanted(t.Elem())
	case reflect.Uint32:
		return fmt.Sprintf("a number from 0 to %d, or an address such as 10.0.0.1", ^uint32(0))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint64:
		return fmt.Sprintf("a number from 0 to %d", ^uint64(0)>>(64-t.Bits()))
	}
	most := int64(^uint64(0) >> (65 - t.Bits()))
	return fmt.Sprintf("a number from %d to %d", -most-1, most)
}

// fields lists the names that a mapping for a struct has.
func fields(t reflect.Type) string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = SnakeCase(t.Field(i).Name)
	}
	if len(names) == 0 {
		return "no fields"
	}
	return strings.Join(names, ", ")
}

// SnakeCase is the name in files and specs of a Go field: FlowTimeout is flow_timeout, ExternalIP
// is external_ip, WAN is wan, SrcMACAddress is src_mac_address.
func SnakeCase(name string) string {
	var out strings.Builder
	runes := []rune(name)
	for i, c := range runes {
		if i > 0 && unicode.IsUpper(c) {
			starts := unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1])
			ends := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if starts || ends {
				out.WriteByte('_')
			}
		}
		out.WriteRune(unicode.ToLower(c))
	}
	return out.String()
}
