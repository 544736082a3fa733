package inspect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vigor/dataplane"
	"vigor/libvig"
	"vigor/nf"
)

// A step of [Live.Scan] looks at so many indices and copies so many entries at most: about ten
// microseconds. A loop without packets takes several at once, since its own steps last as long as it
// waits for packets.
const (
	scanIndices = 4096
	scanEntries = 256
	scanIdle    = 16
)

// Patience is how long [Live.Do] waits for the end of a step: a hundred times [dataplane.MaxWait].
const Patience = time.Second

// Live is a network function that runs in a loop.
type Live struct {
	Devices []string // the names of the devices, by number

	loop       *dataplane.Loop
	structures []Structure // by name; only the loop's goroutine looks at them once it runs, and at scalars
	scalars    []Field     // with a name for specs
}

// NewLive ties a network function to its loop, which does not run yet. Each device has a name; two
// structures of the function never have the same. From now on the loop samples latencies.
func NewLive(loop *dataplane.Loop, function any, devices []string) (*Live, error) {
	l := &Live{Devices: devices, loop: loop}
	if err := l.Replace(function); err != nil {
		return nil, err
	}
	loop.SampleLatency(sampleEvery)
	return l, nil
}

// sampleEvery is the number of bursts to one whose latency is measured.
const sampleEvery = 64

// Replace has another network function take the place of the one shown. While the loop runs, it is
// called in Do.
func (l *Live) Replace(function any) error {
	fields, err := Fields(function)
	if err != nil {
		return err
	}
	l.structures, l.scalars = sorted(fields)
	return nil
}

// Moment is what a watcher sees between two bursts.
type Moment struct {
	Now        nf.Time // the back end's clock
	Counters   *dataplane.Counters
	Structures []Structure // by name
	Scalars    []Field     // those with names for specs, by name
}

// Do has f called between two bursts of the running loop, and returns when that is done. Nothing of
// the moment may be kept, but copies. f should take microseconds. A loop that takes longer than
// [Patience] for its step is an error.
func (l *Live) Do(ctx context.Context, f func(m Moment)) error {
	limited, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	err := l.loop.Do(limited, func() {
		now, _ := l.loop.Now()
		f(Moment{now, &l.loop.Counters, l.structures, l.scalars})
	})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return fmt.Errorf("the loop has not finished a step within %v", Patience)
	}
	return err
}

// Step is part of a structure's entries.
type Step struct {
	libvig.Entries
	Now nf.Time // when they were read
}

// UnknownError says that there is no structure of a name.
type UnknownError struct {
	Name  string
	Known []string // sorted
}

// Error names those that there are.
func (e *UnknownError) Error() string {
	if len(e.Known) == 0 {
		return fmt.Sprintf("there is no table %q: the network function has none", e.Name)
	}
	return fmt.Sprintf("there is no table %q: there are %s", e.Name, strings.Join(e.Known, ", "))
}

// flows is what the entries of the only structure that can expire are called as well, where no structure has this name.
const flows = "flows"

// find returns the index of the structure with a name.
func find(list []Structure, name string) (i int, ok bool) {
	i, ok = slices.BinarySearchFunc(list, name, func(s Structure, name string) int { return cmp.Compare(s.Name, name) })
	if ok || name != flows {
		return i, ok
	}
	i = slices.IndexFunc(list, Structure.HasTimes)
	return i, i >= 0 && !slices.ContainsFunc(list[i+1:], Structure.HasTimes)
}

// Scan hands the entries of the named structure to use, step by step, in the order of their indices;
// each step is read between two bursts, use is called outside. It ends early when use returns an
// error. [UnknownError] says that there is no such structure. The only one whose entries expire is called flows, too.
func (l *Live) Scan(ctx context.Context, name string, use func(Step) error) error {
	for from, more := 0, true; more; {
		var steps []Step
		var failed error
		err := l.Do(ctx, func(m Moment) {
			i, ok := find(m.Structures, name)
			if !ok {
				failed = unknown(name, m.Structures)
				return
			}
			steps, from = read(m.Structures[i], from, m.Now, l.loop.Idle())
			more = from < m.Structures[i].Cap()
		})
		if err == nil {
			err = failed
		}
		for _, step := range steps {
			if err == nil {
				err = use(step)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read reads one step of a structure from an index on, or several if the loop is idle.
func read(s Structure, from int, now nf.Time, idle bool) (steps []Step, next int) {
	most := 1
	if idle {
		most = scanIdle
	}
	for next = from; len(steps) < most && next < s.Cap(); {
		step := Step{Now: now}
		step.Entries, next = s.Entries(next, scanIndices, scanEntries)
		steps = append(steps, step)
	}
	return steps, next
}

func unknown(name string, list []Structure) error {
	known := make([]string, len(list))
	for i, s := range list {
		known[i] = s.Name
	}
	return &UnknownError{name, known}
}
