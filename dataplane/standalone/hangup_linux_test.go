package standalone_test

import (
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/netns"
	"vigor/nf"
)

// asHungUp is the variable with which the program under test gets a signal while it builds its function.
const asHungUp = "VIGOR_STANDALONE_TEST_HUNG_UP"

var hangUp sync.Once

// hungUp is start; the first time, if asHungUp is set, the signal to reload comes during it.
func hungUp(env nf.Env, cfg wire) (any, dataplane.Burst, error) {
	if os.Getenv(asHungUp) != "" {
		hangUp.Do(func() {
			_ = syscall.Kill(os.Getpid(), syscall.SIGHUP) // cannot fail for oneself
			time.Sleep(50 * time.Millisecond)             // in which it would end the program
		})
	}
	return start(env, cfg)
}

// TestHungUpEarly: who asks for a reload before the program runs does not end it, and is heard later.
func TestHungUpEarly(t *testing.T) {
	lab := netns.New(t, 2)
	t.Setenv(asHungUp, "1")
	r := launch(t, lab.Own, section("afpacket", lab.Devices(), "  user: nobody\n"))
	if line := r.wait(t, "reloaded"); !strings.Contains(line, "level=INFO msg=reloaded") {
		t.Error(line)
	}
	if err := r.end(t, syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}
