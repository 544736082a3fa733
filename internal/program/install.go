package program

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Install says what program to make for others than the user's own cache.
type Install struct {
	Dir     string // folder in which Package is resolved, and to which File is relative; empty for the current one
	Package string
	File    string   // the program, made or replaced
	Tags    []string // build tags
	// Prove proves the package, unless it is nil, and says what came of it, in a few words; an error means
	// that no program is to be made.
	Prove func() (outcome string, err error)
}

// Unproved is the outcome in the identity of a program that nobody tried to prove.
const Unproved = "not verified"

// Install makes the program: statically linked, unless a tag needs C; and the same bytes each time, as
// long as neither sources nor the versions of Go and, with C, its compiler and libraries change. It
// returns the identity of what is inside. The proof is about the files that are compiled: if they
// change meanwhile, or tags choose others, there is no program.
func (in Install) Install(ctx context.Context) (identity string, err error) {
	target, err := Find(ctx, in.Dir, in.Package)
	if err != nil {
		return "", err
	}
	file := in.File
	if !filepath.IsAbs(file) {
		file = filepath.Join(in.Dir, file)
	}
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return "", fmt.Errorf("building the program of %s: %s is no file, and would be replaced: give another name", target.Path, in.File)
	}
	if err := checkFlags(ctx, target.Folder); err != nil {
		return "", fmt.Errorf("building the program of %s: %w", target.Path, err)
	}
	if identity, err = Identity(ctx, target.Folder, nil); err != nil {
		return "", err
	}
	outcome := Unproved
	if in.Prove != nil {
		if outcome, err = in.Prove(); err != nil {
			return "", err
		}
	}
	if err := in.build(ctx, target, file, mainData{target.Path, Standalone, identity, outcome}); err != nil {
		return "", fmt.Errorf("building the program of %s: %w", target.Path, err)
	}
	return identity, nil
}

// build compiles the program beside its place, and moves it there when it is right.
func (in Install) build(ctx context.Context, target Target, file string, data mainData) error {
	sources, err := os.MkdirTemp("", "vigor-build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(sources)
	files, err := target.write(sources, data)
	if err != nil {
		return err
	}
	if err := target.profile(sources); err != nil {
		return err
	}
	env, options := in.environment(), []string(nil)
	if len(in.Tags) > 0 {
		options = []string{"-tags=" + strings.Join(in.Tags, ",")}
	}
	fresh := filepath.Join(sources, "nf")
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-o", fresh}, options...)
	if _, err := goCommand(ctx, target.Folder, env, append(args, files...)...); err != nil {
		return err
	}
	compiled, err := Identity(ctx, target.Folder, env, options...)
	if err != nil {
		return err
	}
	before, err := Identity(ctx, target.Folder, nil)
	switch {
	case err != nil:
		return err
	case before != data.Identity:
		return errors.New("its files have changed meanwhile: build it again")
	case compiled != data.Identity:
		return fmt.Errorf("with the tags %q and %s it is made of other files than those that are proved: "+
			"leave build constraints out of the network function's packages", strings.Join(in.Tags, ","), env[0])
	}
	return move(fresh, file)
}

// environment is what decides about C: only programs with the driver dpdk have it.
func (in Install) environment() []string {
	if slices.Contains(in.Tags, "dpdk") {
		return []string{"CGO_ENABLED=1"}
	}
	return []string{"CGO_ENABLED=0"}
}

// move puts a file in its place, at once: a program that runs from there goes on.
func move(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return replace(to, text, 0o755)
}

// replace makes or replaces a file, at once.
func replace(to string, text []byte, mode fs.FileMode) error {
	beside, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+"-")
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no folder %s: make it first", filepath.Dir(to))
	}
	if err != nil {
		return err
	}
	_, err = beside.Write(text)
	err = errors.Join(err, beside.Chmod(mode), beside.Close())
	if err == nil {
		err = os.Rename(beside.Name(), to)
	}
	if err != nil {
		return errors.Join(err, os.Remove(beside.Name()))
	}
	return nil
}
