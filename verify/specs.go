package verify

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vigor/internal/spec/resolve"
	"vigor/internal/spec/syntax"
)

// specs reads the spec files; each function in them is a claim of its own.
func (r *run) specs(context.Context) error {
	r.schema = resolve.SchemaOf(r.nf)
	r.problems(resolve.Names(r.nf)...)
	title := "no panic, every loop ends, every libvig precondition holds"
	if r.nf.Hint != nil {
		title += ", hints only read"
	}
	r.claims = []*claim{{report: SpecReport{File: r.relative(r.nf.Dir), Name: "safety", Title: title}}}
	files, err := r.specFiles()
	if err != nil {
		return err
	}
	if err := r.readProperties(); err != nil {
		return err
	}
	for _, file := range files {
		text, err := r.readSpec(file)
		if err != nil {
			return err
		}
		tree, problems := syntax.Parse(r.relative(file), text)
		r.problems(problems...)
		if len(problems) > 0 {
			continue
		}
		specs, problems := resolve.Resolve(tree, r.schema)
		r.problems(problems...)
		for _, s := range specs {
			r.claims = append(r.claims, &claim{spec: s,
				report: SpecReport{File: r.relative(file), Name: s.Name, Title: s.Title, Lines: lines(text)}})
		}
	}
	return nil
}

// lines counts the lines of a spec that say something.
func lines(text []byte) int {
	n := 0
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			n++
		}
	}
	return n
}

func (r *run) readSpec(file string) ([]byte, error) {
	for name, text := range r.cfg.Overlay {
		if filepath.Join(r.cfg.Dir, name) == file || name == file {
			return text, nil
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the spec: %w", err)
	}
	return text, nil
}

// specFiles lists the files to prove, the full spec first.
func (r *run) specFiles() ([]string, error) {
	if r.cfg.Spec != "" {
		file := r.cfg.Spec
		if !filepath.IsAbs(file) {
			file = filepath.Join(r.cfg.Dir, file)
		}
		return []string{file}, nil
	}
	files, err := r.propertyFiles()
	if err != nil {
		return nil, err
	}
	full := filepath.Join(r.nf.Dir, "spec.py")
	if _, err := os.Stat(full); err == nil {
		files = append([]string{full}, files...)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no spec.py and no properties/*.py: write one, or name one with --spec",
			r.relative(r.nf.Dir))
	}
	return files, nil
}

// relative is a path as messages show it.
func (r *run) relative(path string) string {
	base, err := filepath.Abs(r.cfg.Dir)
	if err != nil {
		return filepath.ToSlash(path)
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	if rel, err := filepath.Rel(base, full); err == nil {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(path)
}

// propertyFiles lists the files of properties in the order of their names.
func (r *run) propertyFiles() ([]string, error) {
	files, err := filepath.Glob(filepath.Join(r.nf.Dir, "properties", "*.py"))
	if err != nil {
		return nil, fmt.Errorf("listing properties: %w", err)
	}
	slices.Sort(files)
	return files, nil
}

// readProperties reads what specs may import as steps.
func (r *run) readProperties() error {
	files, err := r.propertyFiles()
	if err != nil {
		return err
	}
	r.schema.Properties = map[string]resolve.Source{}
	for _, file := range files {
		text, err := r.readSpec(file)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.Base(file), ".py")
		r.schema.Properties[name] = resolve.Source{File: r.relative(file), Text: text}
	}
	return nil
}
