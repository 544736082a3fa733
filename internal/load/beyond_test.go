package load_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigor/internal/diag"
	"vigor/internal/load"
)

// TestBeyondText plants files and directives that have a value the text does not show: assembly gives
// a variable of Go another value than zero, and compiles.
func TestBeyondText(t *testing.T) {
	vigor, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	const start = `// Package wall drops.
package wall

import (
	_ "embed"

	"vigor/nf"
)

type Config struct{}

func (c Config) Validate() error { return nil }

type Wall struct{}

func New(env nf.Env, cfg Config) (*Wall, error) { return &Wall{}, nil }

//go:noinline
func (w *Wall) Process(p *nf.Packet) nf.Action { return nf.Drop(nf.NoReason) }

`
	for _, test := range []struct{ name, text, file, want string }{
		{"nothing", "var open uint64\n", "notes.txt", ""},
		{"assembly", "var open uint64\n", "data.s", "data.s would be linked into the network function"},
		{"object", "var open uint64\n", "data_linux.syso", "data_linux.syso would be linked"},
		{"embedded", "//go:embed data.txt\nvar text string\n", "data.txt", "data.txt would be linked"},
		{"directive", "//go:linkname open runtime.ncpu\nvar open int32\n", "notes.txt", "the directive go:linkname"},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"go.mod": "module example.org/wall\n\ngo 1.26.0\n\nrequire vigor v0.0.0\n\nreplace vigor => " + vigor + "\n",
			"nf.go":  start + test.text, test.file: "#include \"textflag.h\"\nDATA ·open+0(SB)/8, $1\nGLOBL ·open(SB), NOPTR, $8\n",
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		nf, problems, err := load.Load(context.Background(), load.Config{Dir: dir, Pattern: "."})
		if err != nil {
			t.Fatal(err)
		}
		if test.want == "" {
			if nf == nil {
				t.Errorf("%s: %v", test.name, problems)
			}
			continue
		}
		if nf != nil || len(problems) == 0 || problems[0].Code != diag.BeyondText || !strings.HasPrefix(problems[0].Message, test.want) {
			t.Errorf("%s: %v, want %v %s", test.name, problems, diag.BeyondText, test.want)
		}
	}
}
