package afpacket

import "fmt"

// Config are the choices of [Open]. The zero value is right for most.
type Config struct {
	// Blocks is the number of blocks of 64 KiB in which each device receives, 2 to 4096; 0 is 64.
	Blocks int
	// Busy never sleeps while no frame arrives, and has the kernel hand over each frame at once. Otherwise
	// it hands over a block when that is full, or a millisecond after its first frame, which costs less.
	Busy bool
	// Fanout divides what arrives between shards; nil if this program receives all.
	Fanout *Fanout
}

const (
	defaultBlocks = 64
	minBlocks     = 2
	maxBlocks     = 4096
)

// complete checks the configuration, and replaces what is zero by what it means.
func (c Config) complete() (Config, error) {
	if c.Blocks == 0 {
		c.Blocks = defaultBlocks
	}
	if c.Blocks < minBlocks || c.Blocks > maxBlocks {
		return c, fmt.Errorf("%d blocks: the number must be %d to %d", c.Blocks, minBlocks, maxBlocks)
	}
	return c, nil
}
