package pcapfile_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"vigor/dataplane"
	"vigor/dataplane/pcapfile"
	"vigor/nf"
)

// capture writes a file of packets of a length, each full of its number, and returns its content.
func capture(t testing.TB, name string, number, length int) []byte {
	t.Helper()
	var packets []pcapfile.Packet
	for i := range number {
		packets = append(packets, pcapfile.Packet{Data: bytes.Repeat([]byte{byte(i)}, length), Length: length, Time: nf.Time(i)})
	}
	text := writeClassic(binary.LittleEndian, 0xA1B23C4D, nf.Second, packets)
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return text
}

// scribble writes over every frame and drops it; it counts those that were not as they should be.
func scribble(wrong *int) dataplane.Burst {
	number := 0
	return func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			f := packets[i].Bytes()
			if want := byte(number); f[0] != want || f[len(f)-1] != want {
				*wrong++
			}
			number++
			clear(f)
			actions[i] = nf.Drop(nf.Malformed)
		}
	}
}

// TestFilesStayAsTheyAre: a network function writes over whole frames, and neither the file nor a later
// frame changes.
func TestFilesStayAsTheyAre(t *testing.T) {
	in := pcapfile.File{Name: filepath.Join(t.TempDir(), "in.pcap")}
	before := capture(t, in.Name, 5000, 1000)
	files, err := pcapfile.Open([]pcapfile.File{in}, nil)
	if err != nil {
		t.Fatal(err)
	}
	wrong := 0
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, scribble(&wrong), files)
	if err := errors.Join(loop.Run(context.Background()), files.Close()); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(in.Name)
	if wrong != 0 || loop.Counters.Received[0] != 5000 || err != nil || !bytes.Equal(before, after) {
		t.Errorf("%d of %d frames were wrong, %v; the file is the same: %v", wrong, loop.Counters.Received[0], err, bytes.Equal(before, after))
	}
}

// TestFileShrinks: a file that becomes shorter while it is read ends in an error that says where.
func TestFileShrinks(t *testing.T) {
	in := pcapfile.File{Name: filepath.Join(t.TempDir(), "in.pcap")}
	capture(t, in.Name, 5000, 1000)
	files, err := pcapfile.Open([]pcapfile.File{in}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	wrong := 0
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, scribble(&wrong), files)
	if err := loop.Step(); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(in.Name, 500); err != nil {
		t.Fatal(err)
	}
	err = loop.Run(context.Background())
	if err == nil || !strings.Contains(err.Error(), "the file ends inside a packet") || wrong != 0 {
		t.Errorf("got %v, %d frames were wrong", err, wrong)
	}
}

// TestPieces: packets longer than a piece, and of every position in one, from streams that give as much
// or as little as they like.
func TestPieces(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var packets []pcapfile.Packet
	for i := range 400 {
		data := make([]byte, r.IntN(4000))
		if i%100 == 7 {
			data = make([]byte, 262144)
		}
		for j := range data {
			data[j] = byte(r.Uint32())
		}
		packets = append(packets, pcapfile.Packet{Data: data, Length: len(data)})
	}
	text := writeClassic(binary.LittleEndian, 0xA1B2C3D4, 1_000_000, packets)
	for name, stream := range map[string]io.Reader{
		"whole": bytes.NewReader(text), "halves": iotest.HalfReader(bytes.NewReader(text)),
		"end with data": iotest.DataErrReader(bytes.NewReader(text)),
	} {
		got, err := readFrom(stream)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		compare(t, got, packets)
	}
	if _, err := readFrom(iotest.TimeoutReader(bytes.NewReader(text))); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("got %v, want the error of the stream", err)
	}
}

func TestLoopAllocatesNothing(t *testing.T) {
	dir := t.TempDir()
	in := pcapfile.File{Name: filepath.Join(dir, "in.pcap")}
	capture(t, in.Name, 40000, 200)
	files, err := pcapfile.Open([]pcapfile.File{in}, []pcapfile.File{{Device: 0, Name: filepath.Join(dir, "out.pcap")}})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			actions[i] = nf.Forward(0)
		}
	}, files)
	step := func() {
		if err := loop.Step(); err != nil {
			t.Fatal(err)
		}
	}
	for range 200 { // until all pieces have been made
		step()
	}
	if got := testing.AllocsPerRun(1000, step); got != 0 || loop.Counters.Sent[0] < 30000 {
		t.Errorf("%v allocations per burst, %d frames sent, want 0", got, loop.Counters.Sent[0])
	}
}

// BenchmarkRead is the time for a frame of 60 bytes that is read, written to and dropped.
func BenchmarkRead(b *testing.B) { benchmark(b, nf.Drop(nf.Malformed)) }

// BenchmarkReadWrite is the time for one that is also written to another file.
func BenchmarkReadWrite(b *testing.B) { benchmark(b, nf.Forward(0)) }

func benchmark(b *testing.B, action nf.Action) {
	dir := b.TempDir()
	in := pcapfile.File{Name: filepath.Join(dir, "in.pcap")}
	capture(b, in.Name, b.N, 60)
	files, err := pcapfile.Open([]pcapfile.File{in}, []pcapfile.File{{Device: 0, Name: filepath.Join(dir, "out.pcap")}})
	if err != nil {
		b.Fatal(err)
	}
	defer files.Close()
	loop := dataplane.NewLoop(nf.Env{Devices: 1}, func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			packets[i].Bytes()[40]++
			actions[i] = action
		}
	}, files)
	runtime.GC() // of what writing the file has left
	b.ResetTimer()
	if err := loop.Run(context.Background()); err != nil {
		b.Fatal(err)
	}
}
