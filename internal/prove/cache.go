package prove

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// Cache remembers which questions were answered with unsat, by their text and the solver. Nothing else is
// kept: another answer may be another one tomorrow. Its zero value works in memory.
type Cache struct {
	// Dir keeps the answers in a folder, too, for later runs.
	Dir string

	mu    sync.Mutex
	known map[[32]byte]bool
}

// cacheKey is of the question and of all that an answer depends on: another build of a solver may be wrong in
// another way.
func cacheKey(s Solver, question string) [32]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%q\n%s\n%s", s.Name, s.build, s.Args, s.Options, question))
}

// proved reports whether a question is known to be answered with unsat.
func (c *Cache) proved(s Solver, question string) bool {
	if c == nil {
		return false
	}
	key := cacheKey(s, question)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known[key] {
		return true
	}
	if c.Dir == "" {
		return false
	}
	_, err := os.Stat(c.file(key))
	return err == nil
}

// keep notes an answer. A folder that cannot be written to costs time only.
func (c *Cache) keep(s Solver, question string) {
	if c == nil {
		return
	}
	key := cacheKey(s, question)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[[32]byte]bool{}
	}
	c.known[key] = true
	if c.Dir != "" {
		_ = os.WriteFile(c.file(key), nil, 0o600)
	}
}

func (c *Cache) file(key [32]byte) string {
	return filepath.Join(c.Dir, hex.EncodeToString(key[:]))
}
