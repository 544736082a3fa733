package replay

import (
	"slices"
	"testing"

	"vigor/internal/symbex"
)

// TestReadable looks at cases that are to be shown: they hold no more than the condition needs.
func TestReadable(t *testing.T) {
	for _, test := range []struct {
		name, body             string
		length, bytes, entries int   // the shortest frame, and how many bytes of it are not 0
		least, most            int64 // time
	}{
		{"nothing", "", 4, 0, 0, 0, 0},
		{"bytes", "if len(b) < 21 || b[1] != 77 || b[2] == 0 { return nf.Drop(nf.Fragment) }", 21, 2, 0, 0, 0},
		{"product", "if int64(b[1])*int64(b[2]) != p.Time() || b[1] < 3 || b[2] < 5 { return nf.Drop(nf.Fragment) }",
			4, 2, 0, 15, 255 * 255},
		{"entry", "if _, ok := n.table.Lookup(Key(b[0])); !ok { return nf.Drop(nf.Fragment) }", 4, 0, 1, 0, 100},
		{"time of an entry", `i, ok := n.table.Lookup(Key(b[0]))
	if !ok {
		return nf.Drop(nf.Fragment)
	}
	n.table.ExpireBefore(p.Time() - 50)
	if n.table.Allocated(i) {
		return nf.Drop(nf.WrongPeer)
	}`, 4, 0, 1, 51, 100},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := large("1024", "uint32", "true", test.body)
			a := agree(t, subject{pattern: "./nfs/fixture", text: text})
			n := slices.IndexFunc(a.all, func(r *symbex.Run) bool {
				return r.Complete && r.Action.Kind == symbex.Flooded
			})
			f := &Finder{Package: "vigor/nfs/fixture", Readable: true}
			c, _ := f.Find(t.Context(), a.all[n], a.all[n].Path.Condition())
			if c == nil {
				t.Fatal("no case")
			}
			played(t, openSlow(t, text), a.all[n], c)
			set := len(c.Packet.Data) - len(slices.DeleteFunc(slices.Clone(c.Packet.Data), func(b byte) bool { return b != 0 }))
			if len(c.Packet.Data) > test.length || set > test.bytes || c.Env.Devices > 2 {
				t.Errorf("frame %x, %d devices; want %d bytes, %d of them set", c.Packet.Data, c.Env.Devices,
					test.length, test.bytes)
			}
			entries := 0
			for _, o := range c.Objects {
				if !isVector(o.Entries) || len(o.Entries) == 0 {
					entries += len(o.Entries)
				}
			}
			if entries > test.entries {
				t.Errorf("%d entries, want %d", entries, test.entries)
			}
			if c.Packet.Time < test.least || c.Packet.Time > test.most {
				t.Errorf("the time is %d, want %d to %d", c.Packet.Time, test.least, test.most)
			}
		})
	}
}
