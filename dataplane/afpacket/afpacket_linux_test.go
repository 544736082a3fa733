package afpacket_test

import (
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/afpacket"
	"vigor/dataplane/conformance"
)

func TestConformance(t *testing.T) {
	for name, cfg := range map[string]afpacket.Config{
		"usual": {}, "few blocks, busy": {Blocks: 8, Busy: true},
	} {
		t.Run(name, func(t *testing.T) {
			open := func(devices []string) (dataplane.IO, error) { return afpacket.Open(devices, cfg) }
			for _, problem := range conformance.Check(conformance.Veth(t, open), 1514) {
				t.Error(problem)
			}
		})
	}
}
