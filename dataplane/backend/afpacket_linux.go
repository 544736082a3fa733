package backend

import (
	"golang.org/x/sys/unix"

	"vigor/dataplane/afpacket"
	"vigor/dataplane/shard"
)

// openAFPacket opens packet sockets; those of several shards divide the frames between them.
func (o *opening) openAFPacket() (driver, error) {
	cfg := afpacket.Config{Busy: o.BusyPoll}
	if o.Shards > 1 {
		cfg.Fanout = &afpacket.Fanout{Group: o.group, Programs: make([][]unix.SockFilter, len(o.names))}
		for i, s := range o.steerings {
			cfg.Fanout.Programs[i] = shard.Program(s, o.Shards)
		}
	}
	return afpacket.Open(o.names, cfg)
}
