package verify

import (
	"bytes"
	"path"
	"path/filepath"
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
	source, err := r.librarySource()
	if err != nil {
		return nil, err
	}
	var list []string
	for name := range r.used {
		op := r.operation(name)
		if op == nil || !lock.Covers(source, name, op.Hash()) {
			list = append(list, name)
		}
	}
	list = append(list, r.meant()...)
	slices.Sort(list)
	return list, nil
}

// meant lists the functions of packages nf and packet that were not run, where the network function is built with
// others than those whose meaning is known.
func (r *run) meant() []string {
	if r.program == nil {
		return nil
	}
	known := map[string][]byte{"checksum.go": vigor.Checksums, "list.go": vigor.Lists}
	var list []string
	for fn := range r.program.Meant {
		file := r.nf.Fset.Position(fn.Pos()).Filename
		if text := known[path.Base(file)]; text == nil || !bytes.Equal(text, r.nf.Sources[file]) {
			list = append(list, path.Base(fn.Pkg.Pkg.Path())+"."+fn.Name())
		}
	}
	return list
}

// librarySource is the hash of the source of libvig that the NF is built with: of what is compiled here, and of what
// else lies in its folder for other machines and in assembly.
func (r *run) librarySource() (string, error) {
	if r.nf == nil || r.nf.Packages[load.LibraryPath] == nil {
		return "", nil
	}
	dir, given := r.nf.Packages[load.LibraryPath].Dir, map[string][]byte{}
	for _, f := range r.nf.Packages[load.LibraryPath].Files {
		name := r.nf.Fset.Position(f.Package).Filename
		given[path.Base(name)] = r.nf.Sources[name]
	}
	for name, text := range r.cfg.Overlay {
		if !filepath.IsAbs(name) {
			name = filepath.Join(r.cfg.Dir, name)
		}
		if abs, err := filepath.Abs(name); err == nil && filepath.Dir(abs) == dir {
			given[filepath.Base(abs)] = text
		}
	}
	files, err := prove.SourceFiles(dir, given)
	if err != nil {
		return "", err
	}
	return prove.SourceHash(files), nil
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
