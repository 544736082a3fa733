package nat_test

import (
	"testing"

	"vigor/verify/verifytest"
)

// TestProved proves the spec, and every property, for every packet, state and valid configuration.
func TestProved(t *testing.T) { verifytest.All(t, 43) }
