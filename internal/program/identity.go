package program

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Identity is a hash of what a proof about a network function is about: the sources of its package and
// of all packages that it imports outside the standard library, its specs, by their names below the
// package's folder, and the version of Go with that of the language in each module, which say what the
// sources mean. Where the files are does not matter, nor who asks. The options are further
// arguments of "go list", such as tags, and env what is set in its environment: they decide which
// files belong to a package.
func Identity(ctx context.Context, folder string, env []string, options ...string) (string, error) {
	sum := sha256.New()
	if err := hashSources(ctx, sum, folder, env, options); err != nil {
		return "", fmt.Errorf("reading what is proved: %w", err)
	}
	if err := hashSpecs(sum, folder); err != nil {
		return "", fmt.Errorf("reading what is proved: %w", err)
	}
	return fmt.Sprintf("sha256:%x", sum.Sum(nil)), nil
}

// dependency is what "go list" tells of a package; files of other kinds cannot be verified.
type dependency struct {
	ImportPath, Dir                               string
	Standard                                      bool
	Module                                        struct{ GoVersion string }
	GoFiles, CgoFiles, SFiles, CFiles, EmbedFiles []string
}

func hashSources(ctx context.Context, sum hash.Hash, folder string, env, options []string) error {
	args := append([]string{"list", "-deps", "-json=ImportPath,Dir,Standard,Module,GoFiles,CgoFiles,SFiles,CFiles,EmbedFiles"}, options...)
	out, err := goCommand(ctx, folder, env, append(args, "--", ".")...)
	if err != nil {
		return err
	}
	var packages []dependency
	for d := json.NewDecoder(bytes.NewReader([]byte(out))); d.More(); {
		var p dependency
		if err := d.Decode(&p); err != nil {
			return fmt.Errorf("go list: %w", err)
		}
		if !p.Standard {
			packages = append(packages, p)
		}
	}
	slices.SortFunc(packages, func(a, b dependency) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	version, err := goCommand(ctx, folder, env, "env", "GOVERSION")
	if err != nil {
		return err
	}
	io.WriteString(sum, version)
	for _, p := range packages {
		fmt.Fprintf(sum, "%q %s\n", p.ImportPath, p.Module.GoVersion)
		files := slices.Concat(p.GoFiles, p.CgoFiles, p.SFiles, p.CFiles, p.EmbedFiles)
		slices.Sort(files)
		for _, name := range files {
			if err := hashFile(sum, path.Join(p.ImportPath, filepath.ToSlash(name)), filepath.Join(p.Dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// hashSpecs adds spec.py and properties/*.py, as far as they are there.
func hashSpecs(sum hash.Hash, folder string) error {
	properties, err := fs.Glob(os.DirFS(folder), "properties/*.py")
	if err != nil {
		return err
	}
	for _, name := range append([]string{"spec.py"}, properties...) {
		err := hashFile(sum, name, filepath.Join(folder, filepath.FromSlash(name)))
		if err != nil && !(name == "spec.py" && errors.Is(err, fs.ErrNotExist)) {
			return err
		}
	}
	return nil
}

// hashFile adds a file's name, length and content.
func hashFile(sum hash.Hash, name, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	_, err = io.WriteString(sum, fmt.Sprintf("%q %d\n%s\n", name, len(text), text))
	return err
}
