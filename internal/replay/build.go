package replay

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// libraryPath is where the structures live.
const libraryPath = "vigor/libvig"

// keepFor is how long a program stays in the cache after its last use: each takes 2 MB, and a second to build again.
const keepFor = 24 * time.Hour

// harness is the text of the program around an NF. The files of libvig_* go into package libvig.
//
//go:embed _harness/*.go
var harness embed.FS

// caseText is shared with the harness.
//
//go:embed case.go
var caseText string

// program is a linked program.
type program struct {
	binary string
	module string // path of the NF's module
}

// shorten makes the file names of a stack relative to the NF's module.
func (p program) shorten(stack []string) {
	for i, line := range stack {
		function, file, _ := strings.Cut(line, " ")
		stack[i] = function + " " + strings.TrimPrefix(file, p.module+"/")
	}
}

// listed is what "go list" tells about one package.
type listed struct {
	Dir, ImportPath, Name string
	GoFiles               []string
	Standard, DepOnly     bool
	Module                *struct{ Path string }
}

// build returns the program for an NF, from the cache if it is there.
func build(ctx context.Context, source Source) (program, error) {
	work, err := os.MkdirTemp("", "vigor-replay-")
	if err != nil {
		return program{}, fmt.Errorf("building the NF: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	b, err := newBuilder(ctx, source, work)
	if err != nil {
		return program{}, err
	}
	hash, err := b.hash()
	if err != nil {
		return program{}, err
	}
	binary, err := b.cached(ctx, hash)
	return program{binary, b.nf.Module.Path}, err
}

// builder holds what one build needs.
type builder struct {
	source   Source
	work     string            // a folder of its own
	files    map[string][]byte // the overlay, by absolute path
	packages []listed          // the NF and all it imports but the standard library
	nf       listed
	library  listed // libvig
	root     string // of the Go installation
}

// newBuilder finds the sources of an NF and adds the harness to them.
func newBuilder(ctx context.Context, source Source, work string) (*builder, error) {
	b := &builder{source: source, work: work, files: map[string][]byte{}}
	for name, text := range source.Overlay {
		if !filepath.IsAbs(name) {
			absolute, err := filepath.Abs(filepath.Join(source.Dir, name))
			if err != nil {
				return nil, fmt.Errorf("building the NF: %w", err)
			}
			name = absolute
		}
		b.files[name] = text
	}
	if err := b.list(ctx); err != nil {
		return nil, err
	}
	return b, b.addHarness()
}

// list asks the go command for the NF's package and its imports.
func (b *builder) list(ctx context.Context) error {
	out, err := b.run(ctx, "list", "-deps", "-json=Dir,ImportPath,Name,GoFiles,Standard,DepOnly,Module",
		"--", b.source.Pattern, libraryPath, "vigor/nf")
	if err != nil {
		return err
	}
	found := false
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p listed
		if err := d.Decode(&p); err != nil {
			return fmt.Errorf("listing %s: %w", b.source.Pattern, err)
		}
		switch {
		case p.Standard:
			if p.ImportPath == "unsafe" {
				b.root = filepath.Dir(filepath.Dir(p.Dir))
			}
			continue
		case p.ImportPath == libraryPath:
			b.library = p
		case !p.DepOnly && p.ImportPath != "vigor/nf" && found:
			return fmt.Errorf("%s names more than one package", b.source.Pattern)
		case !p.DepOnly && p.ImportPath != "vigor/nf":
			b.nf, found = p, true
		}
		b.packages = append(b.packages, p)
	}
	if !found || b.nf.Module == nil {
		return fmt.Errorf("%s names no package of a module that can be a network function", b.source.Pattern)
	}
	return nil
}

// addHarness adds the harness's files to the overlay.
func (b *builder) addHarness() error {
	add := func(dir, name, text string) { b.files[filepath.Join(dir, name)] = []byte(text) }
	dir := filepath.Join(b.nf.Dir, programName)
	names, err := fs.Glob(harness, "_harness/*.go")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := fs.ReadFile(harness, name)
		if err != nil {
			return err
		}
		if base := path.Base(name); strings.HasPrefix(base, "libvig_") {
			add(b.library.Dir, "replay_"+base, string(text))
		} else {
			add(dir, base, string(text))
		}
	}
	invariant, err := b.read(filepath.Join(b.library.Dir, "invariant_test.go"))
	if err != nil {
		return fmt.Errorf("reading the invariants of libvig: %w", err)
	}
	add(b.library.Dir, "replay_invariant.go", string(invariant))
	add(dir, "case.go", strings.Replace(caseText, "package replay", "package main", 1))
	add(dir, "nf.go", "package main\n\nimport nf "+fmt.Sprintf("%q", b.nf.ImportPath)+
		"\n\nfunc main() { serve(nf.New) }\n")
	return b.addChecks()
}

// addChecks replaces the files of libvig by copies that check the contracts' preconditions.
func (b *builder) addChecks() error {
	files := map[string][]byte{}
	for _, name := range b.library.GoFiles {
		name = filepath.Join(b.library.Dir, name)
		text, err := b.read(name)
		if err != nil {
			return fmt.Errorf("reading libvig: %w", err)
		}
		files[name] = text
	}
	accessors, err := b.read(filepath.Join(b.library.Dir, "replay_libvig_observe.go"))
	if err != nil {
		return fmt.Errorf("reading the harness: %w", err)
	}
	files, err = instrument(files, accessors)
	if err != nil {
		return err
	}
	maps.Copy(b.files, files)
	return nil
}

// programName is the folder, below the NF's, of the main package; it exists in the overlay only.
const programName = "vigorreplay"

// read reads a file as the overlay shows it.
func (b *builder) read(name string) ([]byte, error) {
	if text, ok := b.files[name]; ok {
		return text, nil
	}
	return os.ReadFile(name)
}

// hash identifies everything the program is made of: sources, Go version, platform and flags.
func (b *builder) hash() (string, error) {
	h := sha256.New()
	version, _ := os.ReadFile(filepath.Join(b.root, "VERSION")) // a development version has none
	_, _ = fmt.Fprintf(h, "%s\n%q\n", b.nf.ImportPath, version)
	for _, name := range []string{"GOOS", "GOARCH", "GOAMD64", "GOARM64", "GOEXPERIMENT", "GOFLAGS", "GOROOT"} {
		_, _ = fmt.Fprintf(h, "%s=%q\n", name, os.Getenv(name))
	}
	for _, p := range b.packages {
		for _, name := range p.GoFiles {
			text, err := b.read(filepath.Join(p.Dir, name))
			if err != nil {
				return "", fmt.Errorf("building the NF: %w", err)
			}
			_, _ = fmt.Fprintf(h, "%s %s %d\n%s", p.ImportPath, name, len(text), text)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		if strings.HasPrefix(filepath.Base(name), "replay_") || filepath.Base(filepath.Dir(name)) == programName {
			_, _ = fmt.Fprintf(h, "%s %d\n%s", filepath.Base(name), len(b.files[name]), b.files[name])
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16]), nil
}

// cached returns the path of the program with a hash, and builds it if it is not there. The program
// appears under that path whole, so that several processes may build it at once.
func (b *builder) cached(ctx context.Context, hash string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("building the NF: %w", err)
	}
	dir := filepath.Join(cache, "vigor", "replay")
	binary := filepath.Join(dir, hash)
	now := time.Now()
	if os.Chtimes(binary, now, now) == nil {
		return binary, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("building the NF: %w", err)
	}
	removeOld(dir, now.Add(-keepFor))
	made := filepath.Join(dir, "new-"+filepath.Base(b.work))
	if _, err := b.run(ctx, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w",
		"-o", made, b.nf.ImportPath+"/"+programName); err != nil {
		return "", err
	}
	if err := os.Rename(made, binary); err != nil {
		return "", fmt.Errorf("storing the compiled NF: %w", err)
	}
	return binary, nil
}

// removeOld removes what was not used since a time. What cannot be removed stays.
func removeOld(dir string, since time.Time) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.ModTime().Before(since) {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// run runs the go command with the overlay and returns what it prints.
func (b *builder) run(ctx context.Context, verb string, args ...string) ([]byte, error) {
	overlay, err := b.writeOverlay()
	if err != nil {
		return nil, fmt.Errorf("building the NF: %w", err)
	}
	command := exec.CommandContext(ctx, "go", append([]string{verb, "-overlay=" + overlay}, args...)...)
	command.Dir = b.source.Dir
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("go %s %s: %w: %s", verb, b.source.Pattern, err, bytes.TrimSpace(problems.Bytes()))
	}
	return out.Bytes(), nil
}

// writeOverlay writes the overlay for the go command and returns the name of its index.
func (b *builder) writeOverlay() (string, error) {
	index := struct{ Replace map[string]string }{map[string]string{}}
	for n, name := range slices.Sorted(maps.Keys(b.files)) {
		file := filepath.Join(b.work, fmt.Sprintf("%d-%s", n, filepath.Base(name)))
		if err := os.WriteFile(file, b.files[name], 0o644); err != nil {
			return "", err
		}
		index.Replace[name] = file
	}
	text, err := json.Marshal(index)
	if err != nil {
		return "", err
	}
	file := filepath.Join(b.work, "overlay.json")
	return file, os.WriteFile(file, text, 0o644)
}
