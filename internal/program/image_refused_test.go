package program_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigor/internal/program"
)

// TestImageIsProvedFirst: without a proof, or with a configuration that the function refuses, there is no
// image.
func TestImageIsProvedFirst(t *testing.T) {
	config := filepath.Join(t.TempDir(), "nop.yaml")
	for _, test := range []struct{ config, want string }{
		{"left: 0\nright: 0\n", "nop.yaml:1:7: left and right are the same device"},
		{"left: 0\nright: 2\n", "nop.yaml: left is 0 and right is 2, but devices are numbered 0 to 1"},
		{"left: 0\n", "nop.yaml:1:1: right is missing"},
		{"left: 0\nright: 1\n", "violated"},
	} {
		if err := os.WriteFile(config, []byte(test.config), 0o644); err != nil {
			t.Fatal(err)
		}
		in := program.Image{
			Dir: "../..", Package: "./nfs/nop", Config: config, Devices: 2, File: filepath.Join(t.TempDir(), "nop.img"),
			Prove: func() (string, error) { return "", errors.New("violated") },
		}
		_, _, err := in.Install(t.Context())
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %q", err, test.want)
		}
		if _, err := os.Stat(in.File); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("there is an image: %v", err)
		}
	}
}
