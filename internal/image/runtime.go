package image

import (
	"bytes"
	"debug/buildinfo"
	"debug/dwarf"
	"debug/elf"
	"fmt"
	"strings"
)

// goVersion is the version of Go whose compiled code and runtime the tool knows.
const goVersion = "go1.26"

// guardOffset is where compiled code finds the limit of the stack in its g.
const guardOffset = 16

// checkRuntime compares what the tool and package boot take for granted with what the program says of its
// runtime: the version, where g has the limit of the stack, that the size of a type comes first, and the
// parameters of the function that memory is asked from.
func checkRuntime(program []byte) error {
	info, err := buildinfo.Read(bytes.NewReader(program))
	if err != nil {
		return fmt.Errorf("reading which version of Go has made the program: %w", err)
	}
	if info.GoVersion != goVersion && !strings.HasPrefix(info.GoVersion, goVersion+".") {
		return fmt.Errorf("the program is made by %s: images are made by %s only, whose runtime is known", info.GoVersion, goVersion)
	}
	f, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := f.DWARF()
	if err != nil {
		return fmt.Errorf("reading what the program says of its runtime: %w", err)
	}
	r := described{fields: map[string]int64{}}
	if err := r.read(data); err != nil {
		return fmt.Errorf("reading what the program says of its runtime: %w", err)
	}
	return r.check()
}

// check compares what is described with what is known.
func (r described) check() error {
	for name, want := range map[string]int64{"runtime.g.stackguard0": guardOffset, "internal/abi.Type.Size_": 0} {
		if at, ok := r.fields[name]; !ok || at != want {
			return fmt.Errorf("%s is at offset %d (found: %t), want %d: the runtime is not the one that is known", name, at, ok, want)
		}
	}
	if got, want := strings.Join(r.mallocgc, ", "), "size uintptr, typ *internal/abi.Type, needzero bool"; got != want {
		return fmt.Errorf("runtime.mallocgc takes (%s), want (%s): the runtime is not the one that is known", got, want)
	}
	return nil
}

// described is what debugging information says.
type described struct {
	fields   map[string]int64 // offsets
	mallocgc []string         // parameters
}

func (r *described) read(data *dwarf.Data) error {
	for reader := data.Reader(); ; {
		e, err := reader.Next()
		if err != nil || e == nil {
			return err
		}
		name, _ := e.Val(dwarf.AttrName).(string)
		switch {
		case e.Tag == dwarf.TagStructType && (name == "runtime.g" || name == "internal/abi.Type"):
			t, err := data.Type(e.Offset)
			if err != nil {
				return err
			}
			for _, field := range t.(*dwarf.StructType).Field {
				r.fields[name+"."+field.Name] = field.ByteOffset
			}
		case e.Tag == dwarf.TagSubprogram && name == "runtime.mallocgc" && e.Children:
			if err := r.parameters(data, reader); err != nil {
				return err
			}
		case e.Tag == dwarf.TagSubprogram:
			reader.SkipChildren()
		}
	}
}

// parameters reads the parameters of a function, without its results.
func (r *described) parameters(data *dwarf.Data, reader *dwarf.Reader) error {
	for {
		e, err := reader.Next()
		if err != nil || e == nil || e.Tag == 0 {
			return err
		}
		result, _ := e.Val(dwarf.AttrVarParam).(bool)
		offset, typed := e.Val(dwarf.AttrType).(dwarf.Offset)
		if e.Tag == dwarf.TagFormalParameter && !result && typed {
			t, err := data.Type(offset)
			if err != nil {
				return err
			}
			name, _ := e.Val(dwarf.AttrName).(string)
			r.mallocgc = append(r.mallocgc, name+" "+typeName(t))
		}
		if e.Children {
			reader.SkipChildren()
		}
	}
}

// typeName is how Go writes a type.
func typeName(t dwarf.Type) string {
	if p, ok := t.(*dwarf.PtrType); ok {
		if s, ok := p.Type.(*dwarf.StructType); ok {
			return "*" + s.StructName
		}
	}
	if n := t.Common().Name; n != "" {
		return n
	}
	return t.String()
}
