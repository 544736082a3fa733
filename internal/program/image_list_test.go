package program_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"vigor/internal/program"
	"vigor/internal/qemu"
	"vigor/internal/testmodule"
)

// listing is a network function whose configuration has a list, a generic type, a string and a bool, and
// whose state is large: a table of prefixes.
const listing = `package user

import (
	"vigor/libvig"
	"vigor/nf"
	"vigor/packet"
)

type Entry[K any] struct {
	Key    K
	Device nf.Device
}

type Config struct {
	Name    string
	On      bool
	Entries []Entry[packet.MAC]
}

func (Config) Validate() error { return nil }

type Function struct {
	cfg    Config
	routes *libvig.LPM
}

func New(env nf.Env, cfg Config) (*Function, error) {
	return &Function{cfg: cfg, routes: libvig.NewLPM([]libvig.Rule{{Prefix: 10 << 24, Length: 8, Value: 3}, {Prefix: 10<<24 | 77, Length: 32, Value: 1}})}, nil
}

func (f *Function) Process(p *nf.Packet) nf.Action {
	b := p.Bytes()
	b[6] = f.cfg.Name[int(b[0])%len(f.cfg.Name)]
	e := f.cfg.Entries[int(b[1])%len(f.cfg.Entries)]
	b[7] = e.Key[5]
	v := f.routes.Lookup(10<<24 | uint32(b[2]))
	b[8] = byte(v)
	if !f.cfg.On {
		return nf.Drop(nf.Malformed)
	}
	return nf.Forward(e.Device)
}
`

// TestListsBoot: a configuration with everything that files can hold arrives in the image, and so does a
// table of 64 MiB.
func TestListsBoot(t *testing.T) {
	needQEMU(t)
	dir := t.TempDir()
	var entries strings.Builder
	for i := range 200 {
		entries.WriteString("  - {key: 02:00:00:00:00:" + strconv.FormatInt(int64(i)+16, 16) + ", device: " + strconv.Itoa(i%2) + "}\n")
	}
	if err := testmodule.Write(dir, map[string]string{
		"user.go": listing, "user.yaml": "name: \"image\"\non: true\nentries:\n" + entries.String(),
	}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "user.img")
	if _, _, err := (program.Image{Dir: dir, Package: ".", Config: "user.yaml", Devices: 2, File: file}).Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(file); err != nil || len(text) > 4<<20 {
		t.Errorf("%d bytes, %v: memory that is zero must not be in the file", len(text), err)
	}
	m := start(t, qemu.Config{Kind: "microvm", Image: file, Devices: 2})
	for i := range 200 {
		frame := make([]byte, 60)
		frame[0], frame[1], frame[2] = byte(i), byte(i), byte(i)
		if err := m.Send(0, frame); err != nil {
			t.Fatal(err)
		}
		got, err := m.Receive(i%2, 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		frame[6], frame[7], frame[8] = "image"[i%5], byte(i+16), 3
		if i == 77 {
			frame[8] = 1
		}
		if string(got) != string(frame) {
			t.Fatalf("frame %d:\ngot  %x\nwant %x", i, got, frame)
		}
	}
}
