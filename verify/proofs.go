package verify

import (
	"path"
	"slices"
	"strings"

	"vigor"
	"vigor/internal/contract"
	"vigor/internal/load"
	"vigor/internal/prove"
)

// assumed lists the libvig operations in use whose bodies are not proved: those that the lock of proofs
// does not have with the contract that was applied. A proof is of one source; if the NF is built with
// another one, none counts.
func (r *run) assumed() ([]string, error) {
	lock, err := prove.ParseLock(vigor.Proofs)
	if err != nil {
		return nil, err
	}
	source := r.librarySource()
	var list []string
	for name := range r.used {
		op := r.operation(name)
		if op == nil || !lock.Covers(source, name, op.Hash(), op.Warms) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list, nil
}

// librarySource is the hash of the source of libvig that the NF is built with.
func (r *run) librarySource() string {
	files := map[string][]byte{}
	if r.nf == nil || r.nf.Packages[load.LibraryPath] == nil {
		return ""
	}
	for _, f := range r.nf.Packages[load.LibraryPath].Files {
		name := r.nf.Fset.Position(f.Package).Filename
		files[path.Base(name)] = r.nf.Sources[name]
	}
	return prove.SourceHash(files)
}

// operation finds the contract of an operation, which is named with its type.
func (r *run) operation(name string) *contract.Operation {
	typeName, method, _ := strings.Cut(name, ".")
	library := r.library[load.LibraryPath]
	if library == nil || library.Types[typeName] == nil {
		return nil
	}
	t := library.Types[typeName]
	if op := t.Operations[method]; op != nil {
		return op
	}
	return t.Constructors[method]
}
