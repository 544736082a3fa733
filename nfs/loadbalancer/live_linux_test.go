package loadbalancer_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"vigor/dataplane"
	"vigor/dataplane/afpacket"
	"vigor/dataplane/looptest"
	"vigor/dataplane/neighbour"
	"vigor/dataplane/netns"
	"vigor/libvig"
	"vigor/nf"
	"vigor/nfs/loadbalancer"
	"vigor/packet"
)

// timeout is how long a backend is alive after a heartbeat.
const timeout = time.Second

// size is that of the page which backends serve, behind their name.
const size = 300_000

// live is a service in namespaces: a client, backends, and a balancer between them.
type live struct {
	client *netns.Namespace
	vip    string
}

// TestDirect runs a client, two backends and the balancer on one segment. Backends have the service's address and
// reply to the client themselves.
func TestDirect(t *testing.T) {
	netns.Need(t, "curl")
	lab := netns.New(t, 4)
	lab.Own.Run(t, "ip", "link", "add", "br0", "type", "bridge", "stp_state", "0", "mcast_snooping", "0")
	for _, device := range lab.Devices() {
		lab.Own.Run(t, "ip", "link", "set", device, "master", "br0")
	}
	lab.Own.Run(t, "ip", "link", "set", "br0", "up")
	const service = "203.0.113.80"
	for i, host := range lab.Hosts[:3] {
		host.Address(t, netns.HostDevice, fmt.Sprintf("10.1.0.%d/24", 10+i))
		host.Run(t, "ip", "neighbour", "add", "10.1.0.1", "lladdr", "02:00:00:00:02:03", "dev", netns.HostDevice)
	}
	lab.Hosts[0].Route(t, service+"/32", "10.1.0.1")
	start(t, lab.Hosts[3], []string{netns.HostDevice}, nil, func(c *loadbalancer.Config) {
		c.OwnMAC = packet.MAC{2, 0, 0, 0, 2, 3}
		c.Networks = []loadbalancer.Network{{Backends: true, Prefix: packet.Prefix{Address: ip(10, 1, 0, 0), Length: 24}}}
		c.Backends = []libvig.Entry[packet.IPv4, uint16]{{Key: ip(10, 1, 0, 11), Value: 1}, {Key: ip(10, 1, 0, 12), Value: 1}}
	})
	l := &live{client: lab.Hosts[0], vip: service}
	for i, host := range lab.Hosts[1:3] {
		host.Address(t, "lo", service+"/32")
		serve(t, host, service+":80", fmt.Sprint(i))
	}
	l.check(t, lab.Hosts[1:3])
}

// TestRewriting runs the balancer as the router between a client and two backends on networks of their own.
func TestRewriting(t *testing.T) {
	netns.Need(t, "curl")
	lab := netns.New(t, 3)
	var devices []neighbour.Device
	for i, host := range lab.Hosts {
		host.Address(t, netns.HostDevice, fmt.Sprintf("10.1.%d.2/24", i))
		host.Route(t, "default", fmt.Sprintf("10.1.%d.1", i))
		devices = append(devices, neighbour.Device{
			Address: neighbour.Address{IP: ip(10, 1, byte(i), 1), Bits: 24}, MAC: packet.MAC{2, 0, 0, 0, 1, byte(i)},
		})
	}
	start(t, lab.Own, lab.Devices(), devices, func(c *loadbalancer.Config) {
		c.RewriteDestination, c.VIP = true, ip(10, 1, 0, 1)
		c.Networks = make([]loadbalancer.Network, 3)
		for i := range packet.IPv4(2) {
			c.Networks[i+1] = loadbalancer.Network{Backends: true, Prefix: packet.Prefix{Address: ip(10, 1, byte(i+1), 0), Length: 24}}
		}
		c.Backends = []libvig.Entry[packet.IPv4, uint16]{{Key: ip(10, 1, 1, 2), Value: 1}, {Key: ip(10, 1, 2, 2), Value: 1}}
		c.HeartbeatTo = ip(10, 1, 1, 1)
	})
	l := &live{client: lab.Hosts[0], vip: "10.1.0.1"}
	for i, host := range lab.Hosts[1:] {
		serve(t, host, fmt.Sprintf("10.1.%d.2:80", i+1), fmt.Sprint(i))
	}
	l.check(t, lab.Hosts[1:])
}

// start runs a balancer on the devices of a namespace until the test ends.
func start(t *testing.T, n *netns.Namespace, names []string, devices []neighbour.Device, change func(*loadbalancer.Config)) {
	t.Helper()
	env, err := dataplane.NewEnv(len(names))
	if err != nil {
		t.Fatal(err)
	}
	b, err := loadbalancer.New(env, configuration(t, func(c *loadbalancer.Config) {
		c.BackendTimeout, c.Capacity = nf.Time(timeout), 1000
		change(c)
	}))
	if err != nil {
		t.Fatal(err)
	}
	var io dataplane.IO
	n.Do(t, func() {
		if io, err = afpacket.Open(names, afpacket.Config{}); err != nil {
			t.Fatal(err)
		}
		if devices != nil {
			if io, err = neighbour.New(io, env, neighbour.Config{Devices: devices}); err != nil {
				t.Fatal(err)
			}
		}
	})
	looptest.Start(t, env, b.Process, io)
}

// serve gives out a page that begins with a name.
func serve(t *testing.T, n *netns.Namespace, address, name string) {
	t.Helper()
	var listener net.Listener
	var err error
	n.Do(t, func() { listener, err = net.Listen("tcp", address) })
	if err != nil {
		t.Fatal(err)
	}
	text := []byte(name + strings.Repeat("x", size))
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(text) })}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
}

// beat sends heartbeats from a namespace until its function is called, or the test ends.
func beat(t *testing.T, n *netns.Namespace, to string) (stop func()) {
	t.Helper()
	var socket net.Conn
	var err error
	n.Do(t, func() { socket, err = net.Dial("udp", to) })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer socket.Close()
		for ctx.Err() == nil {
			socket.Write([]byte("alive")) // nobody may listen yet; the next one counts as much
			time.Sleep(50 * time.Millisecond)
		}
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// check has both backends serve, then one of them, then none.
func (l *live) check(t *testing.T, hosts []*netns.Namespace) {
	to := "10.1.0.1:4242"
	if l.vip == "10.1.0.1" {
		to = "10.1.1.1:4242"
	}
	first, second := beat(t, hosts[0], to), beat(t, hosts[1], to)
	l.waitFor(t, "both backends", func() bool { got := l.ask(t, 8); return got["0"] > 0 && got["1"] > 0 && got[""] == 0 })
	first()
	time.Sleep(timeout + timeout/5)
	if got := l.ask(t, 8); got["1"] != 8 {
		t.Errorf("one backend is alive, and of 8 connections these have been served by each: %v", got)
	}
	second()
	time.Sleep(timeout + timeout/5)
	if got := l.ask(t, 2); got[""] != 2 {
		t.Errorf("no backend is alive, and of 2 connections these have been served by each: %v", got)
	}
}

// waitFor asks until the answer is as wanted.
func (l *live) waitFor(t *testing.T, who string, good func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !good(); {
		if time.Now().After(deadline) {
			t.Fatalf("connections have not come to be served by %s", who)
		}
	}
}

// ask makes connections one by one, and counts who served them; nobody is "". What is served must be whole.
func (l *live) ask(t *testing.T, n int) map[string]int {
	t.Helper()
	got := map[string]int{}
	for range n {
		text, err := l.client.Command(t.Context(), "curl", "-s", "-m", "2", "--connect-timeout", "0.3", "http://"+l.vip).Output()
		switch {
		case err != nil:
			got[""]++
		case len(text) != size+1 || strings.Trim(string(text[1:]), "x") != "":
			t.Fatalf("%d bytes arrived, or other ones than were sent", len(text))
		default:
			got[string(text[:1])]++
		}
	}
	return got
}
