package load

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"

	"vigor/internal/diag"
)

// The signatures of an NF, as messages show them.
const (
	newShape      = "func New(env nf.Env, cfg Config) (*T, error)"
	processShape  = "func (t *T) Process(p *nf.Packet) nf.Action"
	validateShape = "func (c Config) Validate() error"
	validShape    = "func (v T) Valid(env nf.Env) bool"
	hintShape     = "func (t *T) Hint(p *nf.Packet) libvig.Hint, or with up to four such results"
)

// handler finds Config, Validate, New, Process and, if there is one, Hint.
func (l *loader) handler(n *NF) {
	pkg := n.Package.Pkg
	start := l.packages[n.Path].Files[0].Package
	if n.ConfigType = l.findConfig(pkg, start); n.ConfigType == nil {
		return
	}
	create, ok := pkg.Scope().Lookup("New").(*types.Func)
	if !ok {
		l.reportf(diag.NoSuchFunction, start, "declare "+newShape,
			"package %s has no function New", pkg.Name())
		return
	}
	if n.NFType = l.createdType(create, n.ConfigType); n.NFType == nil {
		return
	}
	n.New = n.Prog.FuncValue(create)
	n.Process = l.method(n.NFType, "Process", processShape, func(f *types.Func) bool {
		_, pointer := f.Signature().Recv().Type().(*types.Pointer)
		return pointer && hasTypes(f.Signature().Params(), isPacketPointer) &&
			hasTypes(f.Signature().Results(), isRuntime("Action"))
	})
	n.Hint = l.hint(n.NFType)
	n.Validate = l.method(n.ConfigType, "Validate", validateShape, func(f *types.Func) bool {
		_, pointer := f.Signature().Recv().Type().(*types.Pointer)
		return !pointer && hasTypes(f.Signature().Params()) &&
			hasTypes(f.Signature().Results(), isError)
	})
}

// findConfig returns the type Config.
func (l *loader) findConfig(pkg *types.Package, start token.Pos) *types.Named {
	object := pkg.Scope().Lookup("Config")
	if object == nil {
		l.reportf(diag.NoSuchFunction, start, "declare type Config struct{ … } with "+validateShape,
			"package %s has no type Config", pkg.Name())
		return nil
	}
	named, ok := object.Type().(*types.Named)
	if _, isType := object.(*types.TypeName); ok && isType && named.TypeParams().Len() == 0 {
		if _, isStruct := named.Underlying().(*types.Struct); isStruct {
			return named
		}
	}
	l.reportf(diag.WrongShape, object.Pos(), "declare type Config struct{ … }",
		"Config is not a struct type")
	return nil
}

// createdType checks the signature of New and returns the T of its result.
func (l *loader) createdType(create *types.Func, config *types.Named) *types.Named {
	isConfig := func(t types.Type) bool { return types.Identical(t, config) }
	sig := create.Signature()
	if sig.TypeParams().Len() == 0 && hasTypes(sig.Params(), isRuntime("Env"), isConfig) &&
		hasTypes(sig.Results(), isLocalPointer(create.Pkg()), isError) {
		return sig.Results().At(0).Type().(*types.Pointer).Elem().(*types.Named)
	}
	l.reportf(diag.WrongShape, create.Pos(), "write "+newShape,
		"New has the wrong signature %s", l.show(sig))
	return nil
}

// method finds a method of a type of the NF's package and checks its signature.
func (l *loader) method(t *types.Named, name, shape string, good func(*types.Func) bool) *ssa.Function {
	object, index, _ := types.LookupFieldOrMethod(t, true, t.Obj().Pkg(), name)
	f, ok := object.(*types.Func)
	switch {
	case !ok || len(index) != 1:
		l.reportf(diag.NoSuchFunction, t.Obj().Pos(), "declare "+shape, "%s has no method %s",
			t.Obj().Name(), name)
		return nil
	case !good(f):
		l.reportf(diag.WrongShape, f.Pos(), "write "+shape, "%s has the wrong signature %s", name,
			l.show(f.Signature()))
		return nil
	}
	return l.nf.Prog.FuncValue(f)
}

// hint finds the method Hint, which an NF may leave out.
func (l *loader) hint(t *types.Named) *ssa.Function {
	object, index, _ := types.LookupFieldOrMethod(t, true, t.Obj().Pkg(), "Hint")
	f, ok := object.(*types.Func)
	if !ok {
		return nil
	}
	if len(index) > 1 {
		l.reportf(diag.WrongShape, t.Obj().Pos(), "declare "+hintShape+" for the type itself, or name the field",
			"%s has Hint from an embedded field", t.Obj().Name())
		return nil
	}
	return l.method(t, "Hint", hintShape, func(*types.Func) bool {
		_, pointer := f.Signature().Recv().Type().(*types.Pointer)
		return pointer && hasTypes(f.Signature().Params(), isPacketPointer) && areHints(f.Signature().Results())
	})
}

// maxHints is the number of hints that a packet may have.
const maxHints = 4

// areHints reports whether the results are hints, and not too many.
func areHints(results *types.Tuple) bool {
	if results.Len() < 1 || results.Len() > maxHints {
		return false
	}
	for v := range results.Variables() {
		if !isNamed(LibraryPath, "Hint")(v.Type()) {
			return false
		}
	}
	return true
}

// show writes a type as it is written in the NF's package.
func (l *loader) show(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p.Path() == l.nf.Path {
			return ""
		}
		return p.Name()
	})
}

// hasTypes reports whether a tuple has exactly these types.
func hasTypes(tuple *types.Tuple, want ...func(types.Type) bool) bool {
	if tuple.Len() != len(want) {
		return false
	}
	for i, is := range want {
		if !is(tuple.At(i).Type()) {
			return false
		}
	}
	return true
}

// isRuntime recognises a named type of package nf.
func isRuntime(name string) func(types.Type) bool { return isNamed(RuntimePath, name) }

// isNamed recognises a named type of a package.
func isNamed(path, name string) func(types.Type) bool {
	return func(t types.Type) bool {
		named, ok := types.Unalias(t).(*types.Named)
		return ok && named.Obj().Name() == name && named.Obj().Pkg() != nil &&
			named.Obj().Pkg().Path() == path
	}
}

func isPacketPointer(t types.Type) bool {
	pointer, ok := types.Unalias(t).(*types.Pointer)
	return ok && isRuntime("Packet")(pointer.Elem())
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// isBool is for results of Valid.
func isBool(t types.Type) bool { return types.Identical(t, types.Typ[types.Bool]) }

// isLocalPointer recognises a pointer to a struct type declared in pkg, not generic.
func isLocalPointer(pkg *types.Package) func(types.Type) bool {
	return func(t types.Type) bool {
		pointer, ok := t.(*types.Pointer)
		if !ok {
			return false
		}
		named, ok := pointer.Elem().(*types.Named)
		if !ok || named.Obj().Pkg() != pkg || named.TypeArgs().Len() != 0 {
			return false
		}
		_, isStruct := named.Underlying().(*types.Struct)
		return isStruct
	}
}
