// Package program makes a program of a network function's package, and runs it.
//
// The program is a main function of a few lines around package dataplane/standalone, or another that
// its [Kind] names, and the loop over packets that [Target.Start] writes: the network function is
// compiled in, so that its calls are direct. It is built with the go command from the folder the user
// works in, whose module decides about versions, and kept in the user's cache. The go command links it
// anew only when a source file it depends on has changed. Programs for others than the user are made by
// [Install.Install], with the identity of what was proved inside.
//
// Start at [Run].
package program

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"text/template"
)

//go:embed main.go.tmpl
var mainText string

var mainTemplate = template.Must(template.New("main").Parse(mainText))

// Kind is what a program does with its network function: the name of the package below dataplane whose
// Main it calls.
type Kind string

// The kinds of programs.
const (
	Standalone Kind = "standalone" // runs the function
	Bench      Kind = "bench"      // measures it
	Literal    Kind = "literal"    // writes its configuration as Go source
)

// Config says what to run.
type Config struct {
	Dir     string   // folder in which Package is resolved; empty for the current one
	Package string   // of the network function: an import path, or a pattern such as ./nfs/nat
	Args    []string // of the program, see package dataplane/standalone; files are relative to Dir
	Stdout  io.Writer
	Stderr  io.Writer
}

// Run builds and runs the program, and returns its exit status: 0, or 2 if it could not start or
// not finish, and has said why on Stderr. The error is about building.
func Run(ctx context.Context, c Config) (int, error) {
	binary, err := Build(ctx, Standalone, c.Dir, c.Package)
	if err != nil {
		return 2, err
	}
	cmd := exec.CommandContext(ctx, binary, c.Args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.Dir, c.Stdout, c.Stderr
	cmd.SysProcAttr = apart()
	// The program ends by itself when it has drained, and its status counts.
	cmd.Cancel = func() error {
		_ = cmd.Process.Signal(syscall.SIGTERM) // or it has ended already
		return os.ErrProcessDone
	}
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)
	if err := cmd.Start(); err != nil {
		return 2, fmt.Errorf("running the program of %s: %w", c.Package, err)
	}
	done := make(chan error)
	go func() { done <- cmd.Wait() }()
	for ended := false; !ended; {
		select {
		case <-reload:
			_ = cmd.Process.Signal(syscall.SIGHUP) // or it has ended already
		case err = <-done:
			ended = true
		}
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	if err != nil {
		return 2, fmt.Errorf("running the program of %s: %w", c.Package, err)
	}
	return 0, nil
}

// Build builds a program of a package and returns the path of the binary.
func Build(ctx context.Context, kind Kind, dir, pkg string) (string, error) {
	target, err := Find(ctx, dir, pkg)
	if err != nil {
		return "", err
	}
	return target.Build(ctx, kind)
}

// Build builds a program of the function, with some build tags, and returns the path of the binary.
func (t Target) Build(ctx context.Context, kind Kind, tags ...string) (string, error) {
	data := mainData{Path: t.Path, Kind: kind, Outcome: Unproved}
	main, err := written(mainTemplate, data)
	if err != nil {
		return "", err
	}
	start, err := t.Start()
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding a place for the program of %s: %w", t.Path, err)
	}
	in := Install{Tags: tags}
	key := sha256.Sum256([]byte(t.Folder + "\n" + strings.Join(tags, ",") + "\n" + main + "\n" + start))
	place := filepath.Join(cache, "vigor", "program", fmt.Sprintf("%x", key[:12]))
	release, err := exclusive(place)
	if err != nil {
		return "", err
	}
	defer release()
	files, err := t.write(place, data)
	if err != nil {
		return "", err
	}
	if kind == Bench {
		if err := t.profile(place); err != nil {
			return "", err
		}
	}
	binary := filepath.Join(place, "nf")
	args := append([]string{"build", "-tags", strings.Join(tags, ","), "-o", binary}, files...)
	if _, err := goCommand(ctx, t.Folder, in.environment(), args...); err != nil {
		return "", fmt.Errorf("building the program of %s: %w", t.Path, err)
	}
	return binary, nil
}

// mainData is what the main function says of itself.
type mainData struct {
	Path              string // of the network function's package
	Kind              Kind
	Identity, Outcome string // of a proof
}

// write writes the program's sources into a folder, and returns their names.
func (t Target) write(folder string, data mainData) ([]string, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("writing the program of %s: %w", t.Path, err)
	}
	main, err := written(mainTemplate, data)
	if err != nil {
		return nil, err
	}
	start, err := t.Start()
	if err != nil {
		return nil, err
	}
	files := []string{filepath.Join(folder, "main.go"), filepath.Join(folder, "start.go")}
	for i, text := range []string{main, start} {
		if err := os.WriteFile(files[i], []byte(text), 0o644); err != nil {
			return nil, fmt.Errorf("writing the program of %s: %w", t.Path, err)
		}
	}
	return files, nil
}

// Profile is the name of the file in a network function's folder that tells the compiler which calls are worth
// inlining.
const Profile = "default.pgo"

// profile puts the function's profile, if it has one, beside the program's sources, where the go command looks for it
// unless GOFLAGS name another. It is for programs in which speed counts: with it everything is compiled anew.
func (t Target) profile(folder string) error {
	there := filepath.Join(folder, Profile)
	text, err := os.ReadFile(filepath.Join(t.Folder, Profile))
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.Remove(there); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	if err == nil && text != nil {
		err = os.WriteFile(there, text, 0o644)
	}
	if err != nil {
		return fmt.Errorf("taking over the profile of %s: %w", t.Path, err)
	}
	return nil
}

// goCommand runs the go command, with more in its environment, and returns its output; the error holds
// what it complains about.
func goCommand(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if text := strings.TrimSpace(complaint.String()); err != nil && text != "" {
		return "", fmt.Errorf("go %s: %s", args[0], text)
	}
	return string(out), err
}
