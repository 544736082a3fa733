package afxdp

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/netns"
	"vigor/nf"
)

// TestShards opens two queues of a device from two back ends that know nothing of each other, of one process or as
// if of two. Frames of a third queue go to the kernel's stack.
func TestShards(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(modes)) {
		t.Run(name, func(t *testing.T) { testShards(t, name, func() {}) })
		t.Run(name+", two processes", func(t *testing.T) { testShards(t, name, func() { clear(programs.at) }) })
	}
}

// testShards is TestShards in one mode; between is called between opening the first shard and the second.
func testShards(t *testing.T, name string, between func()) {
	near, far := fourQueues(t)
	stack := near.Wire(t, "dev0")
	var shards [2]*IO
	var loops [2]*dataplane.Loop
	for i := range shards {
		if i > 0 {
			between()
		}
		shards[i] = openQueue(t, near, "dev0", Config{Queue: i, Shards: 4, Generic: modes[name].Generic})
		loops[i] = dataplane.NewLoop(nf.Env{Devices: 1}, discard, shards[i])
	}
	if got, want := shards[1].Mode(), "dev0: "+name+", copy"; got != want {
		t.Errorf("the second shard's mode is %s, want %s", got, want)
	}
	sendToQueues(t, far, name, 10)
	for i, loop := range loops {
		receive(t, loop, 0, 10*uint64(i+1))
		if got := loop.Counters.Received[0]; got != 10*uint64(i+1) {
			t.Errorf("shard %d has received %d frames, want %d", i, got, 10*(i+1))
		}
	}
	if got := len(mine(t, stack)); got != 30 {
		t.Errorf("the stack has received %d frames, want 30", got)
	}
	// The first one has attached the program; the second one goes on without it.
	if err := shards[0].Close(); err != nil {
		t.Fatal(err)
	}
	sendToQueues(t, far, name, 10)
	receive(t, loops[1], 0, 40)
	if got := loops[1].Counters.Received[0]; got != 40 {
		t.Errorf("shard 1 has received %d frames, want 40", got)
	}
	if got := len(mine(t, stack)); got != 40 {
		t.Errorf("the stack has received %d frames, want 40", got)
	}
	if err := shards[1].Close(); err != nil {
		t.Fatal(err)
	}
	near.Do(t, func() { clean(t, "dev0") })
}

// TestShardsNeedNoMore: the shards of one process need no other capabilities than one alone.
func TestShardsNeedNoMore(t *testing.T) {
	near, _ := fourQueues(t)
	done := make(chan error)
	go func() { done <- openWithout(near.Path(), []string{"dev0"}, 4, dispensable) }()
	if err := <-done; err != nil {
		t.Error(err)
	}
	near.Do(t, func() { clean(t, "dev0") })
}

// fourQueues are two namespaces with a device each, dev0 and eth0, that are a pair and have four queues.
func fourQueues(t *testing.T) (near, far *netns.Namespace) {
	t.Helper()
	netns.Need(t, "ip")
	near, far = netns.NewNamespace(t), netns.NewNamespace(t)
	near.Run(t, "ip", "link", "add", "dev0", "numrxqueues", "4", "numtxqueues", "4", "type", "veth",
		"peer", "name", "eth0", "numrxqueues", "4", "numtxqueues", "4", "netns", far.Path())
	near.Run(t, "ip", "link", "set", "dev0", "up")
	far.Run(t, "ip", "link", "set", "eth0", "up")
	return near, far
}

func openQueue(t *testing.T, space *netns.Namespace, device string, cfg Config) *IO {
	t.Helper()
	var x *IO
	var err error
	space.Do(t, func() { x, err = Open([]string{device}, cfg) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { err = errors.Join(err, x.Close()) })
	return x
}

// transmitQueues are those by whose frames the other end of a veth pair receives in its queues 0, 1 and 2. The
// driver hands over the number of the queue only in native mode; else the stack takes what is left of
// the sender's for it, which is one more (skb_get_rx_queue in linux/skbuff.h).
var transmitQueues = map[string][]int{"native": {0, 1, 2}, "generic": {1, 2, 3}}

// sendToQueues has queue q of the near end receive each·(q+1) frames.
func sendToQueues(t *testing.T, from *netns.Namespace, mode string, each int) {
	t.Helper()
	for queue, by := range transmitQueues[mode] {
		x := openQueue(t, from, "eth0", Config{Queue: by, Generic: true})
		w := &watched{IO: x, t: t, inject: func(out *dataplane.Batch) {
			for range each * (queue + 1) {
				out.Inject(frame(60, 1), 0)
			}
		}}
		if err := dataplane.NewLoop(nf.Env{Devices: 1}, discard, w).Flush(); err != nil {
			t.Fatal(err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
