package lower

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigor/internal/smt"
	"vigor/internal/spec/resolve"
	"vigor/internal/spec/syntax"
)

// FuzzSpec looks for texts that are accepted and then make the evaluator panic.
func FuzzSpec(f *testing.F) {
	files, _ := filepath.Glob("../resolve/testdata/*/*.py")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	text, err := os.ReadFile("../../../docs/spec-language.md")
	if err != nil {
		f.Fatal(err)
	}
	for _, block := range strings.Split(string(text), "```python\n")[1:] {
		example, _, _ := strings.Cut(block, "```")
		f.Add(wrapped(example))
	}
	f.Fuzz(func(t *testing.T, text string) {
		tree, problems := syntax.Parse("spec.py", []byte(text))
		if len(problems) > 0 {
			return
		}
		specs, problems := resolve.Resolve(tree, schema())
		if len(problems) > 0 {
			return
		}
		for _, s := range specs {
			b := smt.NewBuilder()
			NewConcrete(b).Run(s, world(b, frameOf(inside), 0, 1000))
		}
	})
}
