package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDemoFilesAreTheRecorded keeps the embedded copies equal to the captures that the NAT is tested
// with.
func TestDemoFilesAreTheRecorded(t *testing.T) {
	for _, name := range []string{"nat.yaml", "testdata/inside.pcap", "testdata/outside.pcap"} {
		original, err := os.ReadFile(filepath.Join("../../nfs/nat", name))
		if err != nil {
			t.Fatal(err)
		}
		embedded, err := demoFiles.ReadFile("demo/" + filepath.Base(name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(original, embedded) {
			t.Errorf("demo/%s is not nfs/nat/%s: copy it", filepath.Base(name), name)
		}
	}
}

// TestTranslation compares the demonstration's second half with what the NAT must do.
func TestTranslation(t *testing.T) {
	var out strings.Builder
	if err := translate(&out); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/translation.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("translation (-want +got):\n%s", diff)
	}
}
