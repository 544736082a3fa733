package prove

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Lock is what has been proved of a package, kept in a file beside its source. A proof holds for the very
// source that it was made of: a lock of another one proves nothing.
type Lock struct {
	Source     string           // hash of the source, see [SourceHash]
	Operations map[string]Entry // by Type.Operation
	// Totals are the functions and obligations of everything, lemmas and unexported functions included.
	Functions, Obligations int
}

// Entry is one operation.
type Entry struct {
	Contract    string // hash of its contract
	Obligations int
	Retries     int // obligations that needed more than the first solver; it varies with the machine
}

// compiled are the endings of what go build may make a part of a package, on one platform or another.
var compiled = []string{".go", ".s", ".S", ".sx", ".syso", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx",
	".f", ".F", ".for", ".f90", ".swig", ".swigcxx"}

// SourceFiles are the files of a package's folder that may be compiled into it on any platform, by their names, but
// for tests. A text that is given stands in place of the file of that name, or beside the others.
func SourceFiles(dir string, given map[string][]byte) (map[string][]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the package: %w", err)
	}
	files := map[string][]byte{}
	for name, text := range given {
		if isSource(name) {
			files[name] = text
		}
	}
	for _, e := range entries {
		if _, ok := files[e.Name()]; ok || e.IsDir() || !isSource(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading the package: %w", err)
		}
		files[e.Name()] = text
	}
	return files, nil
}

// isSource reports whether go build may compile a file of this name: tests are not, nor names that it passes over.
func isSource(name string) bool {
	return slices.Contains(compiled, filepath.Ext(name)) && !strings.HasSuffix(name, "_test.go") &&
		!strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "_")
}

// SourceHash is the SHA-256, in hexadecimal, of the files of a package by their names, see [SourceFiles].
func SourceHash(files map[string][]byte) string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(h, "%s %d\n", name, len(files[name]))
		h.Write(files[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Lock is what a report proves. It is of use only if the report is [Report.Proved].
func (r *Report) Lock() *Lock {
	l := &Lock{Source: r.source, Operations: map[string]Entry{}, Functions: len(r.Functions)}
	for _, f := range r.Functions {
		l.Obligations += f.Obligations
		if f.contract != "" {
			l.Operations[f.operation] = Entry{Contract: f.contract, Obligations: f.Obligations, Retries: f.Retries}
		}
	}
	return l
}

// Text is the content of the file.
func (l *Lock) Text() []byte {
	var b bytes.Buffer
	b.WriteString("# What vigor prove has proved of this package; written by vigor prove --write.\n")
	fmt.Fprintf(&b, "source %s\ntotal %d functions %d obligations\n", l.Source, l.Functions, l.Obligations)
	for _, name := range slices.Sorted(maps.Keys(l.Operations)) {
		e := l.Operations[name]
		fmt.Fprintf(&b, "proved %s %s obligations %d retries %d\n", name, e.Contract, e.Obligations, e.Retries)
	}
	return b.Bytes()
}

// ParseLock reads a lock. The error names the line.
func ParseLock(text []byte) (*Lock, error) {
	l := &Lock{Operations: map[string]Entry{}}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		if line := lines.Text(); line != "" && line[0] != '#' && !l.line(strings.Fields(line)) {
			return nil, fmt.Errorf("line %d of the lock of proofs is malformed: %q", n, line)
		}
	}
	return l, lines.Err()
}

// line reads one line, and reports whether it could.
func (l *Lock) line(words []string) bool {
	numbers := func(at ...int) (list []int, ok bool) {
		for _, i := range at {
			n, err := strconv.Atoi(words[i])
			if err != nil || n < 0 {
				return nil, false
			}
			list = append(list, n)
		}
		return list, true
	}
	switch {
	case len(words) == 2 && words[0] == "source" && l.Source == "":
		l.Source = words[1]
		return true
	case len(words) == 5 && words[0] == "total" && words[2] == "functions" && words[4] == "obligations" && l.Functions == 0:
		n, ok := numbers(1, 3)
		if ok {
			l.Functions, l.Obligations = n[0], n[1]
		}
		return ok
	case len(words) == 7 && words[0] == "proved" && words[3] == "obligations" && words[5] == "retries" && l.Operations[words[1]] == (Entry{}):
		n, ok := numbers(4, 6)
		if ok {
			l.Operations[words[1]] = Entry{Contract: words[2], Obligations: n[0], Retries: n[1]}
		}
		return ok
	}
	return false
}

// Covers reports whether an operation with this contract is proved, of this source.
func (l *Lock) Covers(source, name, contract string) bool {
	e, ok := l.Operations[name]
	return ok && source != "" && l.Source == source && e.Contract == contract
}

// Differences says in which way a new lock claims something else than this one. Retries may differ.
func (l *Lock) Differences(now *Lock) []string {
	var list []string
	if l.Source != now.Source {
		list = append(list, "the source has changed since it was proved")
	}
	if l.Functions != now.Functions || l.Obligations != now.Obligations {
		list = append(list, fmt.Sprintf("%d functions with %d obligations are proved, the lock has %d with %d",
			now.Functions, now.Obligations, l.Functions, l.Obligations))
	}
	all := maps.Clone(l.Operations)
	maps.Copy(all, now.Operations)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		old, had := l.Operations[name]
		new, has := now.Operations[name]
		old.Retries, new.Retries = 0, 0
		switch {
		case !has:
			list = append(list, name+" is in the lock, but is not proved any more")
		case !had:
			list = append(list, name+" is proved, but not in the lock")
		case old != new:
			list = append(list, name+" has another contract, or other obligations, than in the lock")
		}
	}
	return list
}
