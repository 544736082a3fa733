package bench

import (
	"bytes"
	"fmt"
	"os"
	"path"

	"github.com/google/pprof/profile"
)

// anonymous takes out of a recorded profile where the program was built, was run and lay in memory: the compiler
// goes by the names of functions and by lines, and a profile is kept with the sources.
func anonymous(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading a profile: %w", err)
	}
	p, err := profile.ParseData(text)
	if err != nil {
		return fmt.Errorf("reading the profile %s: %w", file, err)
	}
	p.TimeNanos = 0
	p.Comments = nil
	for _, m := range p.Mapping {
		m.File, m.BuildID, m.Start, m.Limit, m.Offset = "", "", 0, 0, 0
	}
	for _, f := range p.Function {
		f.Filename = path.Base(f.Filename)
	}
	for _, l := range p.Location {
		l.Address = 0
	}
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		return fmt.Errorf("writing the profile %s: %w", file, err)
	}
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing a profile: %w", err)
	}
	return nil
}
