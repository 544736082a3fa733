package program_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"vigor/internal/image"
	"vigor/internal/program"
	"vigor/internal/qemu"
	"vigor/internal/testmodule"
)

// faulty is a network function that goes wrong in the way that the first byte of a frame says.
const faulty = `package faulty

import (
	"encoding/binary"
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
	case 'm':
		move(b[1:], int(b[1]), int(b[2]), int(b[3]))
	case 't':
		binary.LittleEndian.PutUint64(b[1:], uint64(p.Time()))
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

// move copies, clears and compares, what the runtime has functions for.
func move(b []byte, to, from, n int) {
	rest := b[4:]
	same := string(rest[to:to+n]) == string(rest[from:from+n])
	copy(rest[to:to+n], rest[from:from+n])
	clear(rest[from/2 : from/2+n/2])
	if same {
		b[3] = 1
	}
}

func (f *Faulty) deeper(n int) int {
	var room [64]int
	room[n&63] = n
	return f.deeper(n+1) + room[(n+1)&63] // overflow
}
`

// makeFaulty makes the image of the faulty function, once.
func makeFaulty(t *testing.T) (file string, made *image.Image) {
	t.Helper()
	dir := t.TempDir()
	file = filepath.Join(dir, "faulty.img")
	if made = images["faulty"]; made != nil {
		if err := os.WriteFile(file, made.Bytes, 0o644); err != nil {
			t.Fatal(err)
		}
		return file, made
	}
	if err := testmodule.Write(dir, map[string]string{"faulty.go": faulty}); err != nil {
		t.Fatal(err)
	}
	made, _, err := program.Image{Dir: dir, Package: ".", Devices: 2, File: file}.Install(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	images["faulty"] = made
	return file, made
}

// TestFaultsStop: what goes wrong stops the machine, and is reported with its line.
func TestFaultsStop(t *testing.T) {
	needQEMU(t)
	file, made := makeFaulty(t)
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
			m := start(t, qemu.Config{Kind: "microvm", Image: file, Devices: 2})
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

// TestClockIsRight: the time of packets goes as fast as that of this machine, and never back.
func TestClockIsRight(t *testing.T) {
	needQEMU(t)
	file, _ := makeFaulty(t)
	for _, c := range []qemu.Config{{Kind: "microvm"}, {Kind: "q35", CPU: "max"}} {
		c.Image, c.Devices = file, 2
		m := start(t, c)
		var first, last uint64
		began := time.Now()
		for i := range 50 {
			if err := m.Send(0, append([]byte("t"), make([]byte, 60)...)); err != nil {
				t.Fatal(err)
			}
			frame, err := m.Receive(1, 5*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			now := binary.LittleEndian.Uint64(frame[1:])
			if i == 0 {
				first, began = now, time.Now()
			}
			if now < last || now >= 1<<62 {
				t.Errorf("%s: after %d it is %d", c.Kind, last, now)
			}
			last = now
			time.Sleep(10 * time.Millisecond)
		}
		here, there := time.Since(began), time.Duration(last-first)
		t.Logf("%s: %v here, %v there", c.Kind, here, there)
		if there < here*9/10-50*time.Millisecond || there > here*11/10+50*time.Millisecond {
			t.Errorf("%s: in %v, %v go by", c.Kind, here, there)
		}
	}
}

// TestMemory: copies, whether they overlap or not, clearing and comparing are what they are in a program.
func TestMemory(t *testing.T) {
	needQEMU(t)
	file, made := makeFaulty(t)
	for _, name := range []string{"move", "clear", "equal"} {
		if !slices.ContainsFunc(made.Functions, func(f *image.Function) bool { return f.Name == "vigor/nfos/boot."+name+".abi0" }) {
			t.Errorf("%s is not part of the image", name)
		}
	}
	m := start(t, qemu.Config{Kind: "microvm", Image: file, Devices: 2})
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		frame := make([]byte, 600)
		for k := range frame {
			frame[k] = byte(random.IntN(2)) // so that parts are alike at times
		}
		frame[0] = 'm'
		to, from, n := random.IntN(200), random.IntN(200), random.IntN(10)
		if i%2 == 0 {
			n = random.IntN(200)
		}
		frame[1], frame[2], frame[3] = byte(to), byte(from), byte(n)
		want := slices.Clone(frame)
		rest := want[5:]
		same := string(rest[to:to+n]) == string(rest[from:from+n])
		copy(rest[to:to+n], rest[from:from+n])
		clear(rest[from/2 : from/2+n/2])
		if same {
			want[4] = 1
		}
		if err := m.Send(0, frame); err != nil {
			t.Fatal(err)
		}
		if got, err := m.Receive(1, 5*time.Second); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes from %d to %d: %v\ngot  %x\nwant %x", n, from, to, err, got, want)
		}
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
