package replay

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// ownCache gives a test a cache that no other process builds in. What Go has compiled is shared.
func ownCache(t *testing.T) {
	t.Helper()
	shared, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("GOCACHE") == "" {
		t.Setenv("GOCACHE", filepath.Join(shared, "go-build"))
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
}

// TestOpenAtOnce builds one new program from several goroutines.
func TestOpenAtOnce(t *testing.T) {
	ownCache(t)
	text := meter + fmt.Sprintf("\n// %d\n", time.Now().UnixNano())
	c := parse(t, strings.Replace(loaded, "FRAME", "00", 1))
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			r, err := Open(context.Background(), sourceOf(text))
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = r.Close() }()
			results, err := r.Run(context.Background(), []Case{c})
			if err != nil || results[0].Status != Ran {
				t.Error(err, results)
			}
		})
	}
	all.Wait()
	cache, _ := os.UserCacheDir()
	if left, _ := filepath.Glob(filepath.Join(cache, "vigor", "replay", "new-*")); len(left) > 0 {
		t.Errorf("unfinished programs are left: %q", left)
	}
}

// TestOtherModule replays an NF of a module that uses this one.
func TestOtherModule(t *testing.T) {
	ours, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := map[string]string{
		"go.mod":                  "module example.org/own\n\ngo 1.26.0\n\nrequire vigor v0.0.0\n\nreplace vigor => " + ours + "\n",
		"internal/meter/meter.go": strings.Replace(meter, "package fixture", "package meter", 1),
	}
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Open(context.Background(), Source{Dir: dir, Pattern: "./internal/meter"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	got := runOne(t, r, parse(t, strings.Replace(loaded, "FRAME", "01", 1)))
	want := "example.org/own/internal/meter.(*Meter).Process internal/meter/meter.go:66"
	if got.Status != Panicked || len(got.Stack) == 0 || got.Stack[0] != want {
		t.Errorf("got %s in %q, want a panic in %q", got.Status, got.Stack, want)
	}
	if entries, err := os.ReadDir(filepath.Join(dir, "internal", "meter")); err != nil || len(entries) != 1 {
		t.Errorf("the NF's folder holds %v, want its one file", entries)
	}
}

func TestRemoveOld(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	for name, age := range map[string]time.Duration{"old": 48 * time.Hour, "new": time.Hour} {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	removeOld(dir, now.Add(-24*time.Hour))
	if entries, _ := os.ReadDir(dir); len(entries) != 1 || entries[0].Name() != "new" {
		t.Errorf("left are %v, want only the new file", entries)
	}
}
