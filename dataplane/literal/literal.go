// Package literal writes the configuration of a network function as Go source, for a program that has no
// file to read it from.
//
// The configuration is read and validated as for a program that reads it, and the network function is made
// with it, so that whoever compiles the literal knows that this succeeds. How much memory that takes is
// part of what is written.
//
// Start at [Main].
package literal

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"go/token"
	"io"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"vigor/dataplane"
	"vigor/dataplane/config"
	"vigor/nf"
)

// Start makes a network function, as package standalone has it.
type Start[Config any] func(env nf.Env, cfg Config) (any, dataplane.Burst, error)

// Main is the program: it writes the file to standard output, or says why not and exits with 2.
func Main[Config any](start Start[Config]) {
	if err := run(start, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func run[Config any](start Start[Config], args []string, out io.Writer) error {
	flags := flag.NewFlagSet("literal", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the error says it
	file := flags.String("config", "", "configuration")
	devices := flags.Int("devices", 0, "number of devices")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var cfg Config
	if reflect.TypeFor[Config]().NumField() > 0 && *file == "" {
		return errors.New("no configuration: give --config FILE")
	}
	if *file != "" {
		if _, err := config.ReadFile(*file, &cfg); err != nil {
			return err
		}
	}
	memory, err := measure(start, cfg, *devices)
	var text []byte
	if err == nil {
		text, err = source(cfg, memory)
	}
	if err != nil && *file != "" {
		return fmt.Errorf("%s: %w", *file, err)
	}
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}

// measure makes the network function, and returns the number of bytes that it allocates. Whatever else
// runs in the program only adds to that, so the least of several is the same each time.
func measure[Config any](start Start[Config], cfg Config, devices int) (uint64, error) {
	debug.SetGCPercent(-1)
	least := ^uint64(0)
	for range 3 {
		env, err := dataplane.NewEnv(devices)
		if err != nil {
			return 0, err
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, _, err := start(env, cfg); err != nil {
			return 0, err
		}
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least, nil
}

// source is a file of package main with the configuration.
func source(cfg any, memory uint64) ([]byte, error) {
	w := writer{packages: map[string]string{}}
	if err := w.value(reflect.ValueOf(cfg)); err != nil {
		return nil, err
	}
	var text bytes.Buffer
	text.WriteString("package main\n\nimport (\n")
	for _, path := range w.order {
		fmt.Fprintf(&text, "%s %q\n", w.packages[path], path)
	}
	fmt.Fprintf(&text, ")\n\nconst memory = %d // bytes that the network function allocates\n\nvar config = ", memory)
	text.Write(w.text.Bytes())
	text.WriteByte('\n')
	return format.Source(text.Bytes())
}

// writer writes values as expressions.
type writer struct {
	text     bytes.Buffer
	packages map[string]string // names by import path
	order    []string
}

// errForm is about a field that no literal can hold.
var errForm = errors.New("it cannot be written as a constant: use integers, bools, strings, arrays, slices and structs with exported fields")

// value writes a value. Constants need no type: they take that of their place.
func (w *writer) value(v reflect.Value) error {
	switch k := v.Kind(); {
	case k == reflect.Bool:
		w.text.WriteString(strconv.FormatBool(v.Bool()))
	case v.CanInt():
		w.text.WriteString(strconv.FormatInt(v.Int(), 10))
	case v.CanUint():
		w.text.WriteString(strconv.FormatUint(v.Uint(), 10))
	case k == reflect.String:
		w.text.WriteString(strconv.Quote(v.String()))
	case k == reflect.Slice && v.IsNil():
		w.text.WriteString("nil")
	case k == reflect.Struct || k == reflect.Array || k == reflect.Slice:
		return w.composite(v)
	default:
		return fmt.Errorf("a value of type %v: %w", v.Type(), errForm)
	}
	return nil
}

func (w *writer) composite(v reflect.Value) error {
	if err := w.typeOf(v.Type()); err != nil {
		return err
	}
	w.text.WriteString("{")
	if v.Kind() != reflect.Struct {
		for i := range v.Len() {
			if err := w.value(v.Index(i)); err != nil {
				return err
			}
			w.text.WriteString(", ")
		}
		w.text.WriteString("}")
		return nil
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() {
			return fmt.Errorf("the field %s of %v: %w", f.Name, v.Type(), errForm)
		}
		w.text.WriteString(f.Name + ": ")
		if err := w.value(v.Field(i)); err != nil {
			return err
		}
		w.text.WriteString(", ")
	}
	w.text.WriteString("}")
	return nil
}

// typeOf writes a type.
func (w *writer) typeOf(t reflect.Type) error {
	switch {
	case t.Name() != "" && t.PkgPath() == "":
		w.text.WriteString(t.Name())
	case t.Name() != "":
		return w.named(t.PkgPath(), t.Name())
	case t.Kind() == reflect.Slice:
		w.text.WriteString("[]")
		return w.typeOf(t.Elem())
	case t.Kind() == reflect.Array:
		fmt.Fprintf(&w.text, "[%d]", t.Len())
		return w.typeOf(t.Elem())
	default:
		return fmt.Errorf("the type %v: %w", t, errForm)
	}
	return nil
}

// named writes the name of a type of a package, with its arguments if it is generic: package reflect gives
// them with the import paths of their packages.
func (w *writer) named(path, name string) error {
	if path != "" {
		short, ok := w.packages[path]
		if !ok {
			short = fmt.Sprintf("p%d", len(w.order))
			w.packages[path] = short
			w.order = append(w.order, path)
		}
		w.text.WriteString(short + ".")
	}
	base, arguments, generic := strings.Cut(strings.TrimSuffix(name, "]"), "[")
	w.text.WriteString(base)
	if !generic {
		return nil
	}
	for separator := "["; arguments != ""; separator = ", " {
		w.text.WriteString(separator)
		argument, rest := firstArgument(arguments)
		head, _, _ := strings.Cut(argument, "[")
		if !token.IsIdentifier(head[strings.LastIndexAny(head, "/.")+1:]) {
			return fmt.Errorf("the type argument %s: %w", argument, errForm)
		}
		dot := max(strings.LastIndexByte(head, '.'), 0)
		if err := w.named(argument[:dot], strings.TrimPrefix(argument[dot:], ".")); err != nil {
			return err
		}
		arguments = rest
	}
	w.text.WriteString("]")
	return nil
}

// firstArgument splits a list at its first comma that is not within brackets.
func firstArgument(list string) (first, rest string) {
	depth := 0
	for i, c := range list {
		switch c {
		case '[':
			depth++
		case ']':
			depth--
		case ',':
			if depth == 0 {
				return list[:i], list[i+1:]
			}
		}
	}
	return list, ""
}
