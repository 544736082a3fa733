package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"vigor/internal/diag"
	"vigor/internal/source"
)

// listing is the answer of the go command: the NF's package with everything it imports, and the
// replaced files.
type listing struct {
	config  Config
	root    *packages.Package
	overlay map[string][]byte // by absolute path
}

const listMode = packages.NeedName | packages.NeedFiles | packages.NeedEmbedFiles | packages.NeedCompiledGoFiles |
	packages.NeedImports | packages.NeedDeps | packages.NeedExportFile | packages.NeedModule |
	packages.NeedTypesSizes

// list asks the go command for the package and its dependencies.
func list(ctx context.Context, config Config) (*listing, []diag.Diagnostic, error) {
	overlay := make(map[string][]byte, len(config.Overlay))
	for name, text := range config.Overlay {
		full, err := config.absolute(name)
		if err != nil {
			return nil, nil, err
		}
		overlay[full] = text
	}
	if config.Dir != "" {
		if _, err := os.Stat(config.Dir); err != nil {
			return nil, nil, fmt.Errorf("loading %s: %w", config.Pattern, withoutPath(err))
		}
	}
	roots, err := packages.Load(&packages.Config{
		Context: ctx, Dir: config.Dir, Mode: listMode, Overlay: overlay,
		Env: append(os.Environ(), "GOPACKAGESDRIVER=off"), // the go command that builds is the one that is asked
	}, config.Pattern)
	if err != nil {
		return nil, nil, fmt.Errorf("asking the go command for %s: %w", config.Pattern, err)
	}
	if len(roots) != 1 {
		return nil, []diag.Diagnostic{diag.New(diag.PackageNotFound, source.Span{},
			"%q names %d packages, want one", config.Pattern, len(roots))}, nil
	}
	root := roots[0]
	if problem, bad := unusable(config, root); bad {
		return nil, []diag.Diagnostic{problem}, nil
	}
	return &listing{config: config, root: root, overlay: overlay}, nil, nil
}

// unusable reports why root cannot be loaded at all, if so.
func unusable(config Config, root *packages.Package) (diag.Diagnostic, bool) {
	report := func(format string, args ...any) (diag.Diagnostic, bool) {
		return diag.New(diag.PackageNotFound, source.Span{}, format, args...), true
	}
	switch {
	case len(root.CompiledGoFiles) == 0 && len(root.GoFiles) == 0:
		reason := "it has no Go files"
		if len(root.Errors) > 0 {
			reason = firstLine(root.Errors[0].Msg, config)
		}
		return report("no package %s: %s", config.Pattern, reason)
	case root.Module == nil:
		return report("package %s belongs to no module: an NF lives in a module with a go.mod", config.Pattern)
	case root.TypesSizes != nil && root.TypesSizes.Sizeof(wordType) != 8:
		return diag.New(diag.NotSixtyFour, source.Span{},
			"int has %d bits on this GOARCH, proofs are made for 64",
			8*root.TypesSizes.Sizeof(wordType)), true
	}
	return diag.Diagnostic{}, false
}

// directories before the name of a Go file in a message.
var directories = regexp.MustCompile(`\S*/(\S+\.go:)`)

// firstLine is the first line of a message of the go command that says something, without the place
// it ran in.
func firstLine(message string, config Config) string {
	line := ""
	for candidate := range strings.Lines(message) {
		line = strings.TrimSpace(candidate)
		if line != "" && !strings.HasPrefix(line, "# ") {
			break
		}
	}
	if dir, err := config.absolute("."); err == nil {
		line = strings.ReplaceAll(line, dir+string(filepath.Separator), "")
		line = strings.ReplaceAll(line, dir, ".")
	}
	return directories.ReplaceAllString(line, "$1")
}

// withoutPath drops the path of a file system error: messages never show where a tree is checked out.
func withoutPath(err error) error {
	if pathError, ok := errors.AsType[*os.PathError](err); ok {
		return pathError.Err
	}
	return err
}

// read returns the text of a listed file.
func (l *listing) read(file string) ([]byte, error) {
	if text, ok := l.overlay[file]; ok {
		return text, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, withoutPath(err)
	}
	return text, nil
}

// fileName is the name a file has in positions.
func (l *listing) fileName(p *packages.Package, file string) string {
	if p.Module != nil && p.Module.Path == l.root.Module.Path {
		if rel, err := filepath.Rel(p.Module.Dir, file); err == nil {
			return filepath.ToSlash(rel)
		}
	}
	return path.Join(p.PkgPath, filepath.Base(file))
}

// sourceFiles are the files to parse, sorted.
func sourceFiles(p *packages.Package) []string {
	files := p.CompiledGoFiles
	if len(files) == 0 {
		files = p.GoFiles
	}
	return slices.Sorted(slices.Values(files))
}

// fromSource reports whether p is loaded from source: it belongs to a module.
func fromSource(p *packages.Package) bool { return p.Module != nil }
