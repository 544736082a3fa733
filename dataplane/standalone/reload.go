package standalone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"reflect"
	"slices"
	"syscall"

	"vigor/dataplane/config"
	"vigor/dataplane/reload"
	"vigor/dataplane/reread"
	"vigor/dataplane/shard"
)

// reloader is what a reload needs: the signal that asks for it, which waits from the beginning on, and
// the file.
type reloader struct {
	signals chan os.Signal
	file    *reread.Reader
}

// reloading starts to listen to SIGHUP, and the reader of the configuration.
func (p *program[Config]) reloading() (*reloader, error) {
	r := &reloader{signals: make(chan os.Signal, 1)}
	signal.Notify(r.signals, syscall.SIGHUP)
	var err error
	if r.file, err = reread.Start(p.options.config); err != nil {
		signal.Stop(r.signals)
		return nil, err
	}
	return r, nil
}

func (r *reloader) close() {
	signal.Stop(r.signals)
	r.file.Close()
}

// reloads applies the configuration anew on each SIGHUP, until the context ends.
func (p *program[Config]) reloads(ctx context.Context, log *slog.Logger, r *reloader, workers []*worker[Config],
	services *services) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.signals:
			services.supervisor.tell(stateReloading)
			report, err := p.reload(ctx, r.file, workers)
			services.supervisor.tell(stateReady)
			if services.metrics != nil {
				services.metrics.Reloaded(err)
			}
			if err != nil {
				log.Error("not reloaded: the configuration in force stays", "cause", err)
			} else {
				log.Info("reloaded", "kept", report.Kept, "entries", report.Entries)
			}
		}
	}
}

// reload reads the configuration and gives it to all shards, or to none.
func (p *program[Config]) reload(ctx context.Context, file *reread.Reader, workers []*worker[Config]) (total reload.Report, err error) {
	text, err := file.Read()
	if err != nil {
		return total, fmt.Errorf("reading the configuration: %w", err)
	}
	var cfg Config
	section, err := config.Read(p.options.config, text, &cfg)
	if err != nil {
		return total, err
	}
	if err := sameSection(p.section, section); err != nil {
		return total, fmt.Errorf("%s: %w", p.options.config, err)
	}
	if err := sameSteering(p.cfg, cfg, workers[0].env.Devices, len(workers)); err != nil {
		return total, fmt.Errorf("%s: %w", p.options.config, err)
	}
	configs, err := shard.Configs(cfg, len(workers))
	if err != nil {
		return total, fmt.Errorf("%s: %w", p.options.config, err)
	}
	plans := make([]*reload.Plan[Config], len(workers))
	for k, w := range workers {
		if plans[k], err = w.reloader.Prepare(configs[k]); err == nil {
			err = plans[k].Check(ctx)
		}
		if err != nil {
			return total, err
		}
	}
	for k := range workers {
		report, err := plans[k].Commit(ctx)
		if err != nil && k > 0 {
			err = fmt.Errorf("shards 0 to %d have the new configuration, the others the old one: reload again: %w", k-1, err)
		}
		if err != nil {
			return total, err
		}
		total.Kept = report.Kept
		total.Entries += report.Entries
	}
	return total, nil
}

// sameSteering refuses a configuration under which packets would find their shards in another way than
// under the one that the devices were opened with: those of one flow could then meet two shards.
func sameSteering[Config any](opened, next Config, devices, shards int) error {
	if shards > 1 && !slices.Equal(shard.Steerings(opened, devices), shard.Steerings(next, devices)) {
		return errors.New("packets would be spread over the shards in another way, which is settled when devices are opened: " +
			"restart to change it")
	}
	return nil
}

// sameSection refuses to change how the function is run while it runs, and names the first key that
// would.
func sameSection(now, next *config.Dataplane) error {
	if next == nil {
		return errors.New("the section dataplane is gone: restart to run without")
	}
	a, b := reflect.ValueOf(*now), reflect.ValueOf(*next)
	for i := range a.NumField() {
		if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			return fmt.Errorf("%s in the section dataplane would change: restart to change how the function is run",
				config.SnakeCase(a.Type().Field(i).Name))
		}
	}
	return nil
}
