package program

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"vigor/internal/image"
)

//go:embed image.go.tmpl
var imageText string

var imageTemplate = template.Must(template.New("image").Parse(imageText))

// Image says what bootable image to make.
type Image struct {
	Dir     string // folder in which Package is resolved, and to which Config and File are relative; empty for the current one
	Package string
	Config  string // the configuration, which is compiled in
	Devices int    // of the machine
	// Drivers are the names of drivers for the devices, of those in [Drivers]; virtio if there are none.
	Drivers []string
	File    string // the image, made or replaced; beside it goes File.map, which says what is at which address
	// Prove is as in [Install].
	Prove func() (outcome string, err error)
}

// Drivers are the names of the drivers that an image can have.
var Drivers = []string{"intel", "virtio"}

// drivers are the packages of nfos with the drivers of the image.
func (in Image) drivers() ([]string, error) {
	if len(in.Drivers) == 0 {
		return []string{"virtionet"}, nil
	}
	var packages []string
	for _, name := range in.Drivers {
		if !slices.Contains(Drivers, name) {
			return nil, fmt.Errorf("there is no driver %q: there are %s", name, strings.Join(Drivers, ", "))
		}
		if !slices.Contains(packages, name+"net") {
			packages = append(packages, name+"net")
		}
	}
	return packages, nil
}

// imageEnvironment makes the go command compile for the machine, and for any processor of its kind.
var imageEnvironment = []string{"GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "CGO_ENABLED=0", "GOEXPERIMENT="}

// Install makes the image, and returns what is in it, and its identity as of [Install.Install]. Two images
// of the same files are the same bytes.
func (in Image) Install(ctx context.Context) (made *image.Image, identity string, err error) {
	target, err := Find(ctx, in.Dir, in.Package)
	if err != nil {
		return nil, "", err
	}
	file := in.File
	if !filepath.IsAbs(file) {
		file = filepath.Join(in.Dir, file)
	}
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return nil, "", fmt.Errorf("making the image of %s: %s is no file, and would be replaced: give another name", target.Path, in.File)
	}
	fail := func(err error) (*image.Image, string, error) {
		return nil, "", fmt.Errorf("making the image of %s: %w", target.Path, err)
	}
	if err := checkFlags(ctx, target.Folder); err != nil {
		return fail(err)
	}
	if identity, err = Identity(ctx, target.Folder, nil); err != nil {
		return fail(err)
	}
	literal, err := in.literal(ctx, target)
	if err != nil {
		return fail(err)
	}
	outcome := Unproved
	if in.Prove != nil {
		if outcome, err = in.Prove(); err != nil {
			return nil, "", err
		}
	}
	sources, err := os.MkdirTemp("", "vigor-image-")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(sources)
	if made, err = in.build(ctx, target, sources, literal, identity, outcome); err != nil {
		return fail(err)
	}
	if err := save(file, made); err != nil {
		return fail(err)
	}
	return made, identity, nil
}

// literal is the configuration as Go source, once it is validated and the network function was made with
// it.
func (in Image) literal(ctx context.Context, target Target) (string, error) {
	binary, err := target.Build(ctx, Literal)
	if err != nil {
		return "", err
	}
	args := []string{"--devices", strconv.Itoa(in.Devices)}
	if in.Config != "" {
		args = append(args, "--config", in.Config)
	}
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = in.Dir
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if text := strings.TrimSpace(complaint.String()); err != nil && text != "" {
		return "", errors.New(text)
	}
	return string(out), err
}

// memoryLine finds how much the network function allocates.
var memoryLine = regexp.MustCompile(`(?m)^const memory = ([0-9]+) `)

// Memory of an image beside that of the network function, in bytes.
const (
	deviceMemory = 640 << 10 // frames and rings of a device, generously
	spareMemory  = 1 << 20
)

// build compiles and links the program, and makes an image of it.
func (in Image) build(ctx context.Context, target Target, folder, literal, identity, outcome string) (*image.Image, error) {
	match := memoryLine.FindStringSubmatch(literal)
	if match == nil {
		return nil, errors.New("the configuration's source does not say how much memory is needed")
	}
	memory, err := strconv.ParseUint(match[1], 10, 40)
	if err != nil {
		return nil, fmt.Errorf("the network function allocates %s bytes: %w", match[1], err)
	}
	heap := memory + memory/8 + uint64(in.Devices)*deviceMemory + spareMemory
	heap = (heap + 1<<20 - 1) >> 20 << 20
	drivers, err := in.drivers()
	if err != nil {
		return nil, err
	}
	main, err := written(imageTemplate, map[string]any{
		"Path": target.Path, "Heap": heap, "Drivers": drivers, "Devices": in.Devices,
		"Banner": fmt.Sprintf("%s %s %s", target.Path, identity, outcome),
	})
	if err != nil {
		return nil, err
	}
	files := []string{filepath.Join(folder, "main.go"), filepath.Join(folder, "config.go")}
	for i, text := range []string{main, literal} {
		if err := os.WriteFile(files[i], []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	linked := filepath.Join(folder, "nf")
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-E " + image.Entry, "-o", linked}, files...)
	if _, err := goCommand(ctx, target.Folder, imageEnvironment, args...); err != nil {
		return nil, err
	}
	list := append([]string{"list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}"}, files...)
	packages, err := goCommand(ctx, target.Folder, imageEnvironment, list...)
	if err != nil {
		return nil, err
	}
	if err := unchanged(ctx, target, identity, imageEnvironment); err != nil {
		return nil, err
	}
	program, err := os.ReadFile(linked)
	if err != nil {
		return nil, err
	}
	return image.Build(program, strings.Fields(packages))
}

// unchanged refuses what was compiled if the files are not those of an identity.
func unchanged(ctx context.Context, target Target, identity string, env []string) error {
	before, err := Identity(ctx, target.Folder, nil)
	if err != nil {
		return err
	}
	compiled, err := Identity(ctx, target.Folder, env)
	switch {
	case err != nil:
		return err
	case before != identity:
		return errors.New("its files have changed meanwhile: build it again")
	case compiled != identity:
		return errors.New("for the machine it is made of other files than those that are proved: " +
			"leave build constraints out of the network function's packages")
	}
	return nil
}

// save writes the image and the file beside it.
func save(file string, made *image.Image) error {
	if err := replace(file, made.Bytes, 0o644); err != nil {
		return err
	}
	return replace(file+".map", made.Lines.Text(), 0o644)
}
