package process

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// state is like that of a network function: arrays below pointers, in fields of its own.
type state struct {
	big   *table
	small []byte
	not   *table
}

type table struct {
	slots []uint64
	size  int
}

func TestUseHugePages(t *testing.T) {
	s := &state{big: &table{slots: make([]uint64, 2<<20)}, small: make([]byte, 1000)}
	for i := range s.big.slots {
		s.big.slots[i] = uint64(i)
	}
	got, err := UseHugePages(s)
	if errors.Is(err, unix.EINVAL) {
		t.Skip("this kernel has no transparent huge pages")
	}
	if err != nil || got.Asked < 16<<20 || got.Asked > 20<<20 || got.Huge > got.Asked {
		t.Errorf("got %+v, %v; want 16 MiB, rounded up", got, err)
	}
	if enabled, _ := os.ReadFile("/sys/kernel/mm/transparent_hugepage/enabled"); strings.Contains(string(enabled), "[never]") {
		if got.Huge != 0 {
			t.Errorf("%d bytes are on huge pages, which the system forbids", got.Huge)
		}
	} else if got.Huge == 0 {
		t.Logf("no huge page was free: %+v", got)
	}
	for i := range s.big.slots {
		if s.big.slots[i] != uint64(i) {
			t.Fatalf("slot %d is %d", i, s.big.slots[i])
		}
	}
}

func TestUseHugePagesFindsNothing(t *testing.T) {
	cycle := &struct {
		next any
		list []*table
	}{list: []*table{{}}}
	cycle.next = cycle
	for _, function := range []any{nil, (*state)(nil), &state{small: make([]byte, largeArray-1)}, cycle} {
		if got, err := UseHugePages(function); got != (Pages{}) || err != nil {
			t.Errorf("%T: %+v, %v", function, got, err)
		}
	}
}

func TestMerge(t *testing.T) {
	got := merge([]region{{8, 12}, {0, 4}, {4, 6}, {9, 10}, {11, 20}})
	if len(got) != 2 || got[0] != (region{0, 6}) || got[1] != (region{8, 20}) {
		t.Errorf("got %v", got)
	}
}

// TestHugeBytes: only mappings that the regions reach into count.
func TestHugeBytes(t *testing.T) {
	const smaps = `00001000-00002000 rw-p 00000000 00:00 0    [anon: Go: heap]
AnonHugePages:         4 kB
VmFlags: rd wr
00002000-00003000 rw-p 00000000 00:00 0
AnonHugePages:        16 kB
00003000-00004000 rw-p 00000000 00:00 0
AnonHugePages:        32 kB
`
	for _, test := range []struct {
		regions []region
		want    int64
	}{
		{nil, 0}, {[]region{{0x2000, 0x3000}}, 16 << 10}, {[]region{{0x1fff, 0x2001}}, 20 << 10},
		{[]region{{0x4000, 0x9000}}, 0}, {[]region{{0x1800, 0x1900}, {0x3fff, 0x4000}}, 36 << 10},
	} {
		if got, err := hugeBytes(strings.NewReader(smaps), test.regions); got != test.want || err != nil {
			t.Errorf("%v: %d, %v; want %d", test.regions, got, err, test.want)
		}
	}
}
