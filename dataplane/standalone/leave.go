package standalone

import (
	"fmt"
	"log/slog"
	"os"

	"vigor/dataplane/process"
)

// account looks up whom the process is to become, while that is possible; nil for nobody else.
func (p *program[Config]) account() (*process.Identity, error) {
	if p.section.User == "" {
		return nil, nil
	}
	id, err := process.Find(string(p.section.User), string(p.section.Group))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.options.config, err)
	}
	return &id, nil
}

// leave gives up privileges. Everything that needs them is done.
func (p *program[Config]) leave(log *slog.Logger, id *process.Identity) error {
	if id != nil {
		if err := id.Become(); err != nil {
			return err
		}
	}
	if os.Geteuid() == 0 {
		log.Warn("running as root: set user in the section dataplane")
	}
	if !p.section.Confine {
		log.Warn("not confined: what the process was allowed to do, it still is")
		return nil
	}
	if err := process.DropCapabilities(); err != nil {
		return err
	}
	return process.Confine()
}
