package load

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// NFs lists the packages that match a pattern of the go command, such as ./nfs/..., and have a spec or a property beside
// them, each as the path of its folder below dir, which begins with "./". They are sorted.
func NFs(ctx context.Context, dir, pattern string) ([]string, error) {
	base, err := Config{Dir: dir}.absolute(".")
	if err != nil {
		return nil, err
	}
	matches, err := packages.Load(&packages.Config{Context: ctx, Dir: dir, Mode: packages.NeedName | packages.NeedFiles,
		Env: append(os.Environ(), "GOPACKAGESDRIVER=off")}, pattern)
	if err != nil {
		return nil, fmt.Errorf("asking the go command for %s: %w", pattern, err)
	}
	var list []string
	for _, p := range matches {
		if len(p.GoFiles) == 0 || !specified(filepath.Dir(p.GoFiles[0])) {
			continue
		}
		rel, err := filepath.Rel(base, filepath.Dir(p.GoFiles[0]))
		if err != nil {
			return nil, fmt.Errorf("naming the package %s: %w", p.PkgPath, err)
		}
		name := filepath.ToSlash(rel)
		if !strings.HasPrefix(name, ".") {
			name = "./" + name
		}
		list = append(list, name)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// specified reports whether a folder has something to prove.
func specified(folder string) bool {
	if _, err := os.Stat(filepath.Join(folder, "spec.py")); err == nil {
		return true
	}
	properties, err := filepath.Glob(filepath.Join(folder, "properties", "*.py"))
	return err == nil && len(properties) > 0
}
