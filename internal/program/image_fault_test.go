package program_test

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"vigor/internal/program"
	"vigor/internal/qemu"
	"vigor/internal/testmodule"
)

// faulty is a network function that goes wrong in the way that the first byte of a frame says.
const faulty = `package faulty

import (
	"fmt"
	"unsafe"

	"vigor/nf"
)

type Config struct{}

func (Config) Validate() error { return nil }

type Faulty struct {
	values []int
	none   *int
	zero   int
	text   string
}

func New(env nf.Env, cfg Config) (*Faulty, error) { return &Faulty{values: make([]int, 3)}, nil }

func (f *Faulty) Process(p *nf.Packet) nf.Action {
	b := p.Bytes()
	switch b[0] {
	case 'i':
		return nf.Forward(nf.Device(f.values[b[1]])) // index
	case 's':
		return nf.Forward(nf.Device(len(b[b[1]:b[2]]))) // slice
	case 'n':
		return nf.Forward(nf.Device(*f.none)) // nil
	case 'd':
		return nf.Forward(nf.Device(7 / f.zero)) // divide
	case 'o':
		return nf.Forward(nf.Device(f.deeper(int(b[1])))) // overflow
	case 'e':
		return nf.Forward(nf.Device(len(fmt.Errorf("sealed").Error()))) // sealed
	case 'a':
		f.values = make([]int, b[1]) // allocate
	case 'c':
		call := fmt.Sprintf
		*(*byte)(*(*unsafe.Pointer)(*(*unsafe.Pointer)(unsafe.Pointer(&call)))) = 0x90 // write
	case 'x':
		data := &f.values[0]
		run := (*func())(unsafe.Pointer(&data))
		f.values[0] = int(uintptr(unsafe.Pointer(&f.values[1])))
		(*run)() // execute
	case 'f':
		call := fmt.Sprintf
		run := *(*func())(unsafe.Pointer(&call))
		run() // unknown
	case 'p':
		panic("panic") // panic
	}
	return nf.Flood()
}

func (f *Faulty) deeper(n int) int {
	var room [64]int
	room[n&63] = n
	return f.deeper(n+1) + room[(n+1)&63] // overflow
}
`

// TestFaultsStop: what goes wrong stops the machine, and is reported with its line.
func TestFaultsStop(t *testing.T) {
	needQEMU(t)
	dir := t.TempDir()
	if err := testmodule.Write(dir, map[string]string{"faulty.go": faulty}); err != nil {
		t.Fatal(err)
	}
	in := program.Image{Dir: dir, Package: ".", Devices: 2, File: filepath.Join(dir, "faulty.img")}
	made, _, err := in.Install(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		frame   string
		line    string // its comment in the source, or the function
		meaning string
	}{
		{"i\x03", "index", "an index or a slice is out of range"},
		{"s\x05\x04", "slice", "an index or a slice is out of range"},
		{"n", "nil", "a nil pointer is used"},
		{"d", "divide", "a division by zero"},
		{"o\x01", "func (f *Faulty) deeper", "the stack is full"},
		{"e", "", "an error is made: fmt/errors.go:"}, // inlined: the line is that of the innermost function
		{"f", "unknown", "a call of code that is not part of the image"},
		{"a\x01", "", "no memory left"},
		{"c", "write", "the program writes address"},
		{"x", "", "the program runs address"},
		{"p", "panic", "a panic"},
	} {
		t.Run(test.frame[:1], func(t *testing.T) {
			t.Parallel()
			m := start(t, qemu.Config{Kind: "microvm", Image: in.File, Devices: 2})
			if err := m.Send(0, append([]byte("--"), make([]byte, 60)...)); err != nil { // no fault
				t.Fatal(err)
			}
			if _, err := m.Receive(1, 5*time.Second); err != nil {
				t.Fatal(err)
			}
			if err := m.Send(0, append([]byte(test.frame), make([]byte, 60)...)); err != nil {
				t.Fatal(err)
			}
			lines, err := m.Wait("vigor: stopped: ", 5*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			report := lines[len(lines)-1]
			t.Log(report)
			text, explained := made.Lines.Explain(report)
			if !explained {
				text = report
			}
			t.Log(text)
			if !strings.Contains(text, test.meaning) || !strings.Contains(text, where(test.line)) {
				t.Errorf("got %q, want %q and %q", text, test.meaning, where(test.line))
			}
			stopped(t, m)
		})
	}
}

// where is how the place of a line of the source is written, by a part of it.
func where(part string) string {
	if part == "" {
		return ""
	}
	before, _, ok := strings.Cut(faulty, "// "+part+"\n")
	if !ok {
		before, _, _ = strings.Cut(faulty, part)
	}
	return "faulty.go:" + strconv.Itoa(1+strings.Count(before, "\n")) + " in "
}

// stopped fails if the machine still forwards, or writes more.
func stopped(t *testing.T, m *qemu.Machine) {
	t.Helper()
	if err := m.Send(0, append([]byte("--"), make([]byte, 60)...)); err != nil {
		t.Fatal(err)
	}
	if frame, err := m.Receive(1, 200*time.Millisecond); err == nil {
		t.Errorf("after it has stopped, the machine forwards %x", frame)
	}
	if lines, err := m.Wait("vigor", 50*time.Millisecond); err == nil {
		t.Errorf("after it has stopped, the machine writes %q", lines)
	}
}
