package prove

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/types"
	"go/version"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"vigor/internal/prove/finite"
)

// The machine that finds calls is no compiler. What it has found is run once more as compiled Go, in a test that
// is laid over the package, and results and fields are compared after each call.

// confirmLimit is how long compiling and running may take.
const confirmLimit = time.Minute

// confirm runs the calls of all failures, and says in their reports what became of them.
func (m *machine) confirm(ctx context.Context, c Config, report *Report) {
	var list [][]step
	at := map[string]int{}
	each := func(do func(x *Failure)) {
		for i := range report.Functions {
			for n := range report.Functions[i].Failed {
				if x := &report.Functions[i].Failed[n]; x.calls != nil {
					do(x)
				}
			}
		}
	}
	each(func(x *Failure) {
		if key := shown(x.calls); at[key] == 0 {
			list = append(list, x.calls)
			at[key] = len(list)
		}
	})
	if len(list) == 0 {
		return
	}
	lines, err := m.compiled(ctx, c, list)
	each(func(x *Failure) {
		n := at[shown(x.calls)] - 1
		switch {
		case err != nil:
			x.Reached += " (not run as compiled code: " + err.Error() + ")"
		case m.agrees(list[n], lines[n]):
			x.Reached += "; the compiled code does the same"
		default:
			x.Reached = "not known: the compiled code does not do what was expected of " + shown(x.calls)
			x.calls = nil
		}
	})
}

// agrees compares what compiled calls printed with what is expected: results and state after each call, as far
// as they are known.
func (m *machine) agrees(calls []step, lines []string) bool {
	i := 0
	take := func(kind, want string) bool {
		i++
		return i <= len(lines) && (want == "" || lines[i-1] == kind+want)
	}
	for n, c := range calls {
		last := n == len(calls)-1
		if last && c.panics {
			return take("panic", "")
		}
		if last && c.state == "" {
			return true
		}
		state := c.state
		if m.guessed {
			state = ""
		}
		if !take("results ", c.results) || !take("state ", state) {
			return false
		}
	}
	return true
}

// compiled runs sequences of calls and returns the lines that each printed.
func (m *machine) compiled(ctx context.Context, c Config, list [][]step) ([][]string, error) {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, err
	}
	temporary, err := os.MkdirTemp("", "vigor-prove-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	overlay, err := m.overlay(c, dir, temporary, m.testText(list))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, confirmLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-vet=off", "-v", "-count=1", "-overlay", overlay, "-run", "^TestVigorSequences$", ".")
	cmd.Dir = dir
	var out, wrong bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &wrong
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go test: %w%s", err, complaint(wrong.String()+out.String(), temporary))
	}
	lines := make([][]string, len(list))
	for line := range strings.Lines(out.String()) {
		rest, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "vigor ")
		number, text, _ := strings.Cut(rest, " ")
		if n, err := strconv.Atoi(number); ok && err == nil && 0 <= n && n < len(lines) {
			lines[n] = append(lines[n], text)
		}
	}
	return lines, nil
}

// complaint is the first line of an output that names a place, or the first line.
func complaint(out, temporary string) string {
	out = strings.ReplaceAll(out, temporary+string(filepath.Separator), "")
	for line := range strings.Lines(out) {
		if strings.Contains(line, ".go:") {
			return ": " + strings.TrimSpace(line)
		}
	}
	if out == "" {
		return ""
	}
	return ": " + firstLine(out)
}

// overlay writes the file that tells the go command what to read in place of files of the package: what is
// proved, the test, no other test, and a module if the package is in none.
func (m *machine) overlay(c Config, dir, temporary, test string) (string, error) {
	replace := map[string]string{}
	add := func(name, text string) error {
		file := filepath.Join(temporary, name)
		replace[filepath.Join(dir, name)] = file
		return os.WriteFile(file, []byte(text), 0o600)
	}
	tests, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		return "", err
	}
	for _, name := range tests {
		replace[name] = ""
	}
	for _, name := range sorted(c.Overlay) {
		if err := add(name, string(c.Overlay[name])); err != nil {
			return "", err
		}
	}
	if err := add("vigor_sequences_test.go", test); err != nil {
		return "", err
	}
	if !inModule(dir) {
		if err := add("go.mod", "module example\n\ngo "+strings.TrimPrefix(version.Lang(runtime.Version()), "go")+"\n"); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(temporary, "overlay.json")
	return name, os.WriteFile(name, text, 0o600)
}

// inModule reports whether a folder, or one around it, has a go.mod.
func inModule(dir string) bool {
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return true
		}
		if dir == filepath.Dir(dir) {
			return false
		}
	}
}

// testText is a test that makes the calls and prints what became of each.
func (m *machine) testText(list [][]step) string {
	var b strings.Builder
	fmt.Fprintf(&b, "package %s\n\nimport (\n\t\"fmt\"\n\t\"testing\"\n)\n\nfunc TestVigorSequences(*testing.T) {\n", m.w.pkg.Name())
	b.WriteString("\tfor i, run := range []func(show func(string, ...any)){\n")
	for _, calls := range list {
		b.WriteString("\t\tfunc(show func(string, ...any)) {\n")
		for i, c := range calls {
			m.writeCall(&b, i, c)
		}
		b.WriteString("\t\t},\n")
	}
	b.WriteString("\t} {\n\t\tfunc() {\n\t\t\tdefer func() {\n\t\t\t\tif recover() != nil {\n\t\t\t\t\tfmt.Println(\"vigor\", i, \"panic\")\n\t\t\t\t}\n\t\t\t}()\n")
	b.WriteString("\t\t\trun(func(kind string, values ...any) { fmt.Println(\"vigor\", i, kind, values) })\n\t\t}()\n\t}\n}\n")
	return b.String()
}

func (m *machine) writeCall(b *strings.Builder, i int, c step) {
	sig := c.f.object.Signature()
	var results []string
	if i == 0 {
		params := ""
		if n := sig.TypeParams().Len(); n > 0 {
			params = "[" + strings.TrimSuffix(strings.Repeat("uint32, ", n), ", ") + "]"
		}
		fmt.Fprintf(b, "\t\t\to := %s%s%s\n", c.f.decl.Name.Name, params, c.code)
	} else {
		for n := range sig.Results().Len() {
			results = append(results, fmt.Sprintf("r%d_%d", i, n))
		}
		left := ""
		if len(results) > 0 {
			left = strings.Join(results, ", ") + " := "
		}
		fmt.Fprintf(b, "\t\t\t%so.%s%s\n", left, c.f.decl.Name.Name, c.code)
	}
	fmt.Fprintf(b, "\t\t\tshow(%s)\n", strings.Join(append([]string{`"results"`}, results...), ", "))
	fields := []string{`"state"`}
	of := c.f.of
	if of == nil {
		of = m.w.types[c.f.op.Type.Name]
	}
	for _, f := range of.fields {
		if printable(f.typ) {
			fields = append(fields, "o."+f.name)
		}
	}
	fmt.Fprintf(b, "\t\t\tshow(%s)\n", strings.Join(fields, ", "))
}

// printable reports whether a field is compared: numbers, bools, type parameters, slices of them, and of structs
// of them.
func printable(t types.Type) bool {
	if s, ok := types.Unalias(t).(*types.Slice); ok {
		t = s.Elem()
		if _, ok := t.Underlying().(*types.Struct); ok {
			for _, f := range structFields(t) {
				if !simple(f.typ) {
					return false
				}
			}
			return true
		}
	}
	return simple(t)
}

func simple(t types.Type) bool {
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return true
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsInteger|types.IsBoolean) != 0
}

// goType is a type as the package writes it.
func (w *world) goType(t types.Type) string { return types.TypeString(t, types.RelativeTo(w.pkg)) }

// outcome is what a call that failed leaves, as far as it is known: the results and the state at its return, or
// that compiled code panics.
func (m *machine) outcome() (results, state string, panics bool) {
	if m.ended {
		return m.goValues(m.outer.returned), m.goState(m.outer.this), false
	}
	for _, v := range m.violations {
		panics = panics || strings.HasPrefix(v.what, "index ") || strings.HasPrefix(v.what, "this panic")
	}
	return "", "", panics
}

// goValues writes values as Go prints a list of them.
func (m *machine) goValues(values []finite.Value) string {
	var list []string
	for _, v := range values {
		list = append(list, goValue(v))
	}
	return "[" + strings.Join(list, " ") + "]"
}

func goValue(v finite.Value) string {
	if e, ok := v.(finite.Element); ok {
		return string(e[strings.LastIndexByte(string(e), '.')+1:])
	}
	return show(v)
}

// goState writes the fields that are compared.
func (m *machine) goState(o *object) string {
	var list []string
	for _, f := range o.of.fields {
		if !printable(f.typ) {
			continue
		}
		slice, ok := sliceOf(f.typ)
		if !ok {
			list = append(list, goValue(o.leaves[f.name]))
			continue
		}
		var elements []string
		n, _ := o.leaves[f.name+"#len"].(*big.Int)
		for i := int64(0); n != nil && i < n.Int64() && i < 100; i++ {
			elements = append(elements, o.goElement(f.name, structFields(slice.Elem()), big.NewInt(i)))
		}
		list = append(list, "["+strings.Join(elements, " ")+"]")
	}
	return "[" + strings.Join(list, " ") + "]"
}

func (o *object) goElement(name string, fields []field, i *big.Int) string {
	at := func(leaf string) string {
		a, _ := o.leaves[leaf].(*finite.Array)
		if a == nil {
			return "?"
		}
		v, _ := a.At(i)
		return goValue(v)
	}
	if len(fields) == 0 {
		return at(name)
	}
	var list []string
	for _, f := range fields {
		list = append(list, at(name+"."+f.name))
	}
	return "{" + strings.Join(list, " ") + "}"
}
