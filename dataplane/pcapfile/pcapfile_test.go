package pcapfile_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"vigor/dataplane"
	"vigor/dataplane/pcapfile"
	"vigor/nf"
)

// readAll reads a capture to its end.
func readAll(text []byte) ([]pcapfile.Packet, error) { return readFrom(bytes.NewReader(text)) }

// readFrom reads a capture from a stream.
func readFrom(in io.Reader) ([]pcapfile.Packet, error) {
	r, err := pcapfile.NewReader("x.pcap", in)
	if err != nil {
		return nil, err
	}
	var all []pcapfile.Packet
	for {
		p, err := r.Next(nil)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, p)
	}
}

// writeClassic writes packets in one of the four forms of pcap, with a snap length of 20.
func writeClassic(order binary.ByteOrder, magic uint32, second nf.Time, packets []pcapfile.Packet) []byte {
	b := make([]byte, 24)
	order.PutUint32(b, magic)
	order.PutUint16(b[4:], 2)
	order.PutUint16(b[6:], 4)
	order.PutUint32(b[16:], 20)
	order.PutUint32(b[20:], 1)
	for _, p := range packets {
		var h [16]byte
		order.PutUint32(h[0:], uint32(p.Time/nf.Second))
		order.PutUint32(h[4:], uint32(p.Time%nf.Second/(nf.Second/second)))
		order.PutUint32(h[8:], uint32(len(p.Data)))
		order.PutUint32(h[12:], uint32(p.Length))
		b = append(append(b, h[:]...), p.Data...)
	}
	return b
}

// sample returns packets with times in whole microseconds, the last one cut short.
func sample() []pcapfile.Packet {
	var all []pcapfile.Packet
	for i := range 5 {
		data := bytes.Repeat([]byte{byte(i + 1)}, 4*i)
		all = append(all, pcapfile.Packet{Data: data, Length: len(data), Time: 1_700_000_000*nf.Second + nf.Time(i)*1000})
	}
	all[4].Length = 1500
	return all
}

// compare fails unless the packets are the same.
func compare(t *testing.T, got, want []pcapfile.Packet) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d packets, want %d", len(got), len(want))
	}
	for i := range want {
		if !bytes.Equal(got[i].Data, want[i].Data) || got[i].Length != want[i].Length || got[i].Time != want[i].Time {
			t.Errorf("packet %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestReadClassic(t *testing.T) {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for magic, second := range map[uint32]nf.Time{0xA1B2C3D4: 1_000_000, 0xA1B23C4D: 1_000_000_000} {
			got, err := readAll(writeClassic(order, magic, second, sample()))
			if err != nil {
				t.Fatalf("%v %x: %v", order, magic, err)
			}
			compare(t, got, sample())
		}
	}
}

// TestReadBigEndianCapture: a recorded file of that byte order, some of whose frames were cut
// short.
func TestReadBigEndianCapture(t *testing.T) {
	text, err := os.ReadFile("testdata/pcap-parser/be.pcap")
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAll(text)
	if err != nil || len(got) != 5 {
		t.Fatalf("%d packets, %v; want 5", len(got), err)
	}
	first, last := got[0], got[4]
	if len(first.Data) != 42 || first.Length != 60 || len(last.Data) != last.Length || last.Time != 3064*nf.Second+896929*1000 {
		t.Errorf("the first packet has %d bytes of %d, the last %d of %d, time %d",
			len(first.Data), first.Length, len(last.Data), last.Length, last.Time)
	}
}

func TestReadWhatGopacketWrites(t *testing.T) {
	var file bytes.Buffer
	w, err := pcapgo.NewNgWriter(&file, layers.LinkTypeEthernet)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddInterface(pcapgo.NgInterface{Name: "second", LinkType: layers.LinkTypeEthernet, TimestampResolution: 6}); err != nil {
		t.Fatal(err)
	}
	want := sample()
	for i, p := range want {
		info := gopacket.CaptureInfo{Timestamp: time.Unix(0, p.Time), CaptureLength: len(p.Data), Length: p.Length, InterfaceIndex: i % 2}
		if err := w.WritePacket(info, p.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	got, err := readAll(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	compare(t, got, want)
}

func TestWhatWeWriteGopacketReads(t *testing.T) {
	var file bytes.Buffer
	w, err := pcapfile.NewWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range sample() {
		if err := w.Write(p.Time+7, p.Data); err != nil {
			t.Fatal(err)
		}
	}
	r, err := pcapgo.NewReader(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range sample() {
		data, info, err := r.ReadPacketData()
		if err != nil || !bytes.Equal(data, p.Data) || info.Timestamp.UnixNano() != p.Time+7 {
			t.Errorf("got % x at %v, %v; want % x at %d", data, info.Timestamp.UnixNano(), err, p.Data, p.Time+7)
		}
	}
}

// block makes a pcapng block.
func block(kind uint32, body ...byte) []byte {
	size := uint32(12 + len(body))
	b := binary.LittleEndian.AppendUint32(nil, kind)
	b = append(binary.LittleEndian.AppendUint32(b, size), body...)
	return binary.LittleEndian.AppendUint32(b, size)
}

// words is the body of a block of 32-bit numbers.
func words(list ...uint32) []byte {
	var b []byte
	for _, w := range list {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

var (
	ngSection   = block(0x0A0D0D0A, words(0x1A2B3C4D, 1, 0xFFFFFFFF, 0xFFFFFFFF)...)
	ngInterface = block(1, words(1, 6)...)
)

// cat joins the parts of a file.
func cat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestReadRareBlocks(t *testing.T) {
	binaryClock := block(1, append(words(1, 0), 9, 0, 1, 0, 0x8A, 0, 0, 0, 14, 0, 8, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0)...)
	file := cat(ngSection, ngInterface,
		block(2, append(words(0, 0, 2_000_000, 4, 4), 1, 2, 3, 4)...), // obsolete packet block
		block(99, 1, 2, 3, 4), // unknown
		block(3, append(words(100), 1, 2, 3, 4, 5, 6, 0, 0)...), // simple: snapped to 6 bytes
		ngSection, binaryClock,
		block(6, append(words(0, 0, 3*1024+512, 2, 2), 8, 9, 0, 0)...))
	got, err := readAll(file)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, got, []pcapfile.Packet{
		{Data: []byte{1, 2, 3, 4}, Length: 4, Time: 2 * nf.Second},
		{Data: []byte{1, 2, 3, 4, 5, 6}, Length: 100, Time: 2 * nf.Second},
		{Data: []byte{8, 9}, Length: 2, Time: 2500 * nf.Millisecond}, // 3.5 s by a clock of 1/1024 s, less one
	})
}

func TestMalformedFiles(t *testing.T) {
	classic := writeClassic(binary.LittleEndian, 0xA1B2C3D4, 1_000_000, sample())
	change := func(at int, to ...byte) []byte { b := bytes.Clone(classic); copy(b[at:], to); return b }
	packet := block(6, append(words(0, 0, 1, 2, 2), 8, 9, 0, 0)...)
	late := block(1, append(words(1, 0), 14, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F)...)
	early := block(1, append(words(1, 0), 14, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0x80)...)
	for _, test := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "offset 0: the file ends too early"},
		{"three bytes", []byte{0xD4, 0xC3, 0xB2}, "offset 0: the file ends inside the first four bytes: 3 bytes of 4"},
		{"text", []byte("#include <stdio.h>"), "offset 0: starts with 23 69 6e 63: neither"},
		{"header cut", classic[:23], "offset 4: the file ends inside the file header: 19 bytes of 20"},
		{"header missing", classic[:4], "offset 4: the file ends too early"},
		{"version", change(4, 3), "offset 4: is pcap version 3, want 2"},
		{"link type", change(20, 113), "offset 20: has link type 113"},
		{"packet header cut", classic[:30], "offset 24: the file ends inside a packet header: 6 bytes of 16"},
		{"packet cut", classic[:len(classic)-1], "the file ends inside a packet: 15 bytes of 16"},
		{"packet missing", classic[:len(classic)-16], "the file ends too early"},
		{"huge packet", change(24+8, 1, 0, 4, 0), "offset 24: packet of 262145 bytes"},
		{"block length", cat(ngSection, words(6, 33)), "offset 28: block of 33 bytes"},
		{"short block", cat(ngSection, words(6, 8)), "offset 28: block of 8 bytes"},
		{"huge block", cat(ngSection, words(6, 1<<30)), "offset 28: block of 1073741824 bytes"},
		{"lengths differ", cat(ngSection, words(6, 12, 16)), "offset 28: block says 12 bytes at its start and 16"},
		{"block cut", cat(ngSection, ngInterface, packet[:20]), "the file ends inside a block: 12 bytes of 28"},
		{"block header cut", cat(ngSection, words(6)), "offset 32: the file ends too early"},
		{"byte order", block(0x0A0D0D0A, words(5, 1, 0, 0)...), "offset 8: the byte-order magic"},
		{"section cut", ngSection[:8], "offset 4: the file ends inside a section header: 4 bytes of 8"},
		{"section version", block(0x0A0D0D0A, words(0x1A2B3C4D, 2, 0, 0)...), "not of pcapng version 1"},
		{"no interface", cat(ngSection, packet), "offset 28: packet of interface 0, but 0 are described"},
		{"simple first", cat(ngSection, block(3, words(0)...)), "before any interface"},
		{"not Ethernet", cat(ngSection, block(1, words(101, 0)...)), "interface 0 has link type 101"},
		{"short interface", cat(ngSection, block(1, words(1)...)), "interface description of 4 bytes"},
		{"option cut", cat(ngSection, block(1, append(words(1, 0), 2, 0, 5, 0, 1, 2, 3, 4)...)), "option 2 of an interface"},
		{"fine clock", cat(ngSection, block(1, append(words(1, 0), 9, 0, 1, 0, 20, 0, 0, 0)...)), "resolution 0x14"},
		{"finer clock", cat(ngSection, block(1, append(words(1, 0), 9, 0, 1, 0, 0xC0, 0, 0, 0)...)), "resolution 0xc0"},
		{"short packet block", cat(ngSection, ngInterface, block(6, words(0, 0, 0, 0)...)), "packet block of 16 bytes"},
		{"packet beyond block", cat(ngSection, ngInterface, block(6, words(0, 0, 0, 4, 4)...)), "packet of 4 bytes in a block with room for 0"},
		{"huge packet in block", cat(ngSection, ngInterface, block(6, words(0, 0, 0, 1<<31, 4)...)), "packet of 2147483648 bytes"},
		{"far future", cat(ngSection, ngInterface, block(6, words(0, 1<<31, 0, 0, 0)...)), "before 1970 or after 2262"},
		{"far future by offset", cat(ngSection, late, packet), "before 1970 or after 2262"},
		{"before 1970", cat(ngSection, early, packet), "before 1970 or after 2262"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := readAll(test.file)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "x.pcap: offset ") {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

// FuzzReader: no file makes the reader fail otherwise than by an error, or go on for ever.
func FuzzReader(f *testing.F) {
	f.Add(writeClassic(binary.BigEndian, 0xA1B23C4D, 1_000_000_000, sample()))
	f.Add(cat(ngSection, ngInterface, block(6, append(words(0, 0, 1, 2, 2), 8, 9, 0, 0)...)))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := readAll(text)
		again, slow := readFrom(iotest.OneByteReader(bytes.NewReader(text)))
		if len(again) != len(all) || fmt.Sprint(slow) != fmt.Sprint(err) {
			t.Fatalf("%d packets, %v; byte by byte %d, %v", len(all), err, len(again), slow)
		}
		for _, p := range all {
			if p.Time < 0 || p.Length < len(p.Data) || len(p.Data) > len(text) {
				t.Fatalf("impossible packet of %d bytes, %d on the wire, time %d", len(p.Data), p.Length, p.Time)
			}
		}
	})
}

// writeFile writes a capture of packets with given times; their one byte is the device.
func writeFile(t *testing.T, dir string, device nf.Device, times ...nf.Time) pcapfile.File {
	t.Helper()
	var packets []pcapfile.Packet
	for _, at := range times {
		packets = append(packets, pcapfile.Packet{Data: []byte{byte(device), byte(at)}, Length: 2, Time: at})
	}
	name := filepath.Join(dir, "in"+string(rune('0'+device))+".pcap")
	if err := os.WriteFile(name, writeClassic(binary.LittleEndian, 0xA1B23C4D, nf.Second, packets), 0o600); err != nil {
		t.Fatal(err)
	}
	return pcapfile.File{Device: device, Name: name}
}

// forward sends everything by device 2.
func forward(packets []nf.Packet, actions []nf.Action) {
	for i := range packets {
		actions[i] = nf.Forward(2)
	}
}

func TestFilesAreMergedByTime(t *testing.T) {
	dir := t.TempDir()
	var early, late []nf.Time
	for i := range 40 {
		early, late = append(early, nf.Time(2*i)), append(late, nf.Time(2*i+i%2))
	}
	in := []pcapfile.File{writeFile(t, dir, 0, early...), writeFile(t, dir, 1, late...)}
	out := pcapfile.File{Device: 2, Name: filepath.Join(dir, "out.pcap")}
	files, err := pcapfile.Open(in, []pcapfile.File{out})
	if err != nil {
		t.Fatal(err)
	}
	loop := dataplane.NewLoop(nf.Env{Devices: 3}, forward, files)
	if err := errors.Join(loop.Run(context.Background()), files.Close()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out.Name)
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAll(text)
	if err != nil || len(got) != 80 {
		t.Fatalf("%d packets, %v; want 80", len(got), err)
	}
	for i, p := range got {
		if want := []byte{byte(i % 2), byte(p.Time)}; !bytes.Equal(p.Data, want) || p.Time/2 != nf.Time(i/2) {
			t.Errorf("packet %d is % x at %d, want % x", i, p.Data, p.Time, want)
		}
	}
}

func TestPacketsBeforeTheDamageAreProcessed(t *testing.T) {
	dir := t.TempDir()
	in := writeFile(t, dir, 0, 1, 2, 3)
	text, _ := os.ReadFile(in.Name)
	if err := os.WriteFile(in.Name, text[:len(text)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := pcapfile.Open([]pcapfile.File{in}, nil)
	if err != nil {
		t.Fatal(err)
	}
	loop := dataplane.NewLoop(nf.Env{Devices: 3}, forward, files)
	err = loop.Run(context.Background())
	if err == nil || !strings.Contains(err.Error(), "ends inside a packet") || loop.Counters.Sent[2] != 2 {
		t.Errorf("got %v after %d packets, want an error after 2", err, loop.Counters.Sent[2])
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	in := writeFile(t, dir, 0, 1)
	out := pcapfile.File{Device: 1, Name: filepath.Join(dir, "out.pcap")}
	for _, test := range []struct {
		name    string
		in, out []pcapfile.File
		want    string
	}{
		{"missing input", []pcapfile.File{{Name: filepath.Join(dir, "none")}}, nil, "no such file"},
		{"folder", []pcapfile.File{{Name: dir}}, nil, "is a directory"},
		{"output over input", []pcapfile.File{in}, []pcapfile.File{{Device: 1, Name: in.Name}}, "would be overwritten"},
		{"two outputs", []pcapfile.File{in}, []pcapfile.File{out, out}, "device 1 has an output already"},
		{"one file for two", nil, []pcapfile.File{out, {Device: 0, Name: filepath.Join(dir, ".", "out.pcap")}}, "is the output of device 1 already"},
		{"device", nil, []pcapfile.File{{Device: 64, Name: out.Name}}, "device 64: the largest is 63"},
	} {
		if _, err := pcapfile.Open(test.in, test.out); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
	}
	files, err := pcapfile.Open(nil, []pcapfile.File{{Device: 0, Name: os.DevNull}, {Device: 1, Name: os.DevNull}})
	if err != nil || files.Close() != nil {
		t.Errorf("two devices may write to what is no file: %v", err)
	}
}

func TestNothingAllocates(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var packets []pcapfile.Packet
	for range 5000 {
		data := make([]byte, 60+r.IntN(1400))
		packets = append(packets, pcapfile.Packet{Data: data, Length: len(data)})
	}
	reader, err := pcapfile.NewReader("x", bytes.NewReader(writeClassic(binary.LittleEndian, 0xA1B2C3D4, 1_000_000, packets)))
	if err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 2048)
	got := testing.AllocsPerRun(4000, func() {
		if _, err := reader.Next(buffer); err != nil {
			t.Fatal(err)
		}
	})
	if got != 0 {
		t.Errorf("%v allocations per packet, want 0", got)
	}
}
