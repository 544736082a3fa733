// Package journal logs what packets went through that an operator should know of: those that were
// dropped because something was full or wrong.
//
// It looks at the counters of each shard once a second, between two bursts, and writes one line per
// shard, device and reason with the number of packets since the line before, whatever that number is: a
// flood of packets is not a flood of lines. Reasons that are about the packets themselves, such as a
// malformed header, are lines for debugging; those about the network function's resources and
// surroundings are warnings.
//
// Start at [Run].
package journal

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/inspect"
	"vigor/nf"
)

// interval is the time between two lines about one thing.
const interval = time.Second

// level is how important it is that packets are dropped for a reason.
func level(why nf.Reason) slog.Level {
	switch why {
	case nf.TableFull, nf.TransmitFull, nf.NoSuchDevice, nf.NoOtherDevice, nf.Truncated, nf.Oversize,
		nf.AddressConflict, nf.WrongShard, nf.ReceiveFull:
		return slog.LevelWarn
	}
	return slog.LevelDebug
}

// dropped is what a shard had dropped when it was last looked at.
type dropped [nf.MaxDevices][nf.Reasons]uint64

// Run writes lines until the context or a loop ends.
func Run(ctx context.Context, log *slog.Logger, live []*inspect.Live) {
	before := make([]dropped, len(live))
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for shard, l := range live {
			var now dropped
			err := l.Do(ctx, func(m inspect.Moment) { now = m.Counters.Dropped })
			switch {
			case ctx.Err() != nil || errors.Is(err, dataplane.ErrEnded):
				return
			case err != nil:
				log.Error("the packet thread is stuck", "shard", shard, "error", err)
			default:
				write(ctx, log, shard, l.Devices, &before[shard], &now)
			}
		}
	}
}

// write logs what has been dropped between two moments.
func write(ctx context.Context, log *slog.Logger, shard int, devices []string, before, now *dropped) {
	for d, name := range devices {
		for r := range now[d] {
			why := nf.Reason(r)
			if n := now[d][r] - before[d][r]; n > 0 {
				log.Log(ctx, level(why), "packets dropped", "reason", why.String(), "packets", n, "from", name, "shard", shard)
			}
		}
	}
	*before = *now
}
