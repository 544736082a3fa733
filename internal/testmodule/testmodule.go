// Package testmodule makes Go modules for tests that need one of a user's: it requires vigor and
// finds it in this tree, so that nothing is fetched. Only tests import it.
package testmodule

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const own = "module vigor\n"

// Write makes dir the root of a module example.com/user and puts the files there; their names are
// relative to dir, with slashes. The working directory lies in the tree of vigor.
func Write(dir string, files map[string]string) error {
	root, mod, err := find()
	if err != nil {
		return err
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return fmt.Errorf("making a module: %w", err)
	}
	text := strings.Replace(string(mod), own, "module example.com/user\n", 1)
	text += fmt.Sprintf("\nrequire vigor v0.0.0\n\nreplace vigor => %s\n", root)
	if err := WriteFile(dir, "go.mod", text); err != nil {
		return err
	}
	if err := WriteFile(dir, "go.sum", string(sum)); err != nil {
		return err
	}
	for name, text := range files {
		if err := WriteFile(dir, name, text); err != nil {
			return err
		}
	}
	return nil
}

// WriteFile writes one file below dir, making the folders it lies in.
func WriteFile(dir, name, text string) error {
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("making a module: %w", err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return fmt.Errorf("making a module: %w", err)
	}
	return nil
}

// find returns the folder of vigor's go.mod, at or above the working directory, and its text.
func find() (root string, mod []byte, err error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", nil, fmt.Errorf("making a module: %w", err)
	}
	for {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && bytes.HasPrefix(mod, []byte(own)) {
			return dir, mod, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", nil, errors.New("making a module: vigor's go.mod is not above the working directory")
		}
		dir = above
	}
}
