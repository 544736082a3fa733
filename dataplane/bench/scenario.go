package bench

import (
	"context"
	"fmt"
	"math"
	"strings"

	"vigor/dataplane"
	"vigor/dataplane/inspect"
	"vigor/dataplane/memory"
	pages "vigor/dataplane/process"
	"vigor/libvig"
	"vigor/nf"
)

// Scenario is one way to measure a function.
type Scenario struct {
	Traffic   Traffic `json:"traffic"`
	Turnovers int     `json:"turnovers"` // how often all flows were replaced by others before
	Frame     int     `json:"frame"`     // length on the wire in bytes, FCS included
	Entries   int     `json:"entries"`   // size of the table, of which 90 % are flows
	Burst     int     `json:"burst"`
	Ring      int     `json:"ring"` // least number of bytes of all frames
	IO        IO      `json:"io"`
}

// IO says what frames come from and go to.
type IO string

// The back ends of measurements.
const (
	Memory IO = "memory" // a [memory.Cycle]
	DPDK   IO = "dpdk"   // a pair of DPDK's ring devices, in programs built with the tag dpdk
)

// UnmarshalText reads a back end's name.
func (io *IO) UnmarshalText(text []byte) error {
	if *io = IO(text); *io != Memory && *io != DPDK {
		return fmt.Errorf("there is no back end %q: there are %s and %s", text, Memory, DPDK)
	}
	return nil
}

// Flows is the number of flows: a table that is almost full is the hard case.
func (s Scenario) Flows() int { return max(s.Entries*9/10, 1) }

// flows is the number of flows of one function: half as many if each has two entries.
func (s Scenario) flows(d *File) int {
	if s.Traffic == Reply && d.ReplyLearns {
		return max(s.Flows()/2, 1)
	}
	return s.Flows()
}

// State is what was set up.
type State struct {
	Flows   int     `json:"flows"`
	Entries int     `json:"entries"`        // size of the table
	Packets int     `json:"packets"`        // different ones, after which they repeat
	Sent    float64 `json:"sent"`           // share of the packets that set up the state
	Huge    string  `json:"huge,omitempty"` // how much of the state lies on huge pages, if they were asked for
}

// subject is a function in the state that a scenario asks for, with traffic.
type subject struct {
	Scenario
	d       *File
	flows   *flows
	shape   *shape
	state   State
	env     nf.Env
	table   libvig.View // that the flows fill; nil if the description names none
	process dataplane.Burst
	now     nf.Time

	traffic *memory.Cycle
	vdev    *vdev       // nil on memory
	contest *contestant // the function
	harness *contestant // a fixed action
}

// newSubject builds the function, sends it what fills its table, and makes the traffic.
func newSubject(d *File, s Scenario, start builder, huge bool) (*subject, error) {
	if err := s.check(d); err != nil {
		return nil, err
	}
	entries := s.Entries
	if most := d.Entries.Most; most > 0 {
		entries = min(entries, most)
	}
	env, err := dataplane.NewEnv(d.Devices)
	if err != nil {
		return nil, err
	}
	function, process, err := start(env, entries)
	if err != nil {
		return nil, err
	}
	u := &subject{
		Scenario: s, d: d, env: env, process: process,
		flows: newFlows(d, s.Traffic), shape: newShape(d.Packet, s.Frame),
		state: State{Flows: s.flows(d), Entries: entries},
	}
	if u.IO == DPDK {
		u.now = clock()
	}
	if u.table, err = d.table(function); err != nil {
		return nil, err
	}
	if huge {
		if err := u.useHugePages(function); err != nil {
			return nil, err
		}
	}
	if err := u.prepare(); err != nil {
		return nil, err
	}
	if err := u.occupied(); err != nil {
		return nil, err
	}
	return u, u.connect()
}

// useHugePages asks for huge pages under the function's state, and notes what came of it.
func (u *subject) useHugePages(function any) error {
	got, err := pages.UseHugePages(function)
	u.state.Huge = fmt.Sprintf("%d of %d MB", got.Huge>>20, got.Asked>>20)
	return err
}

// prepare fills the function's state and makes the traffic.
func (u *subject) prepare() (err error) {
	if err := u.fill(); err != nil {
		return err
	}
	if u.traffic, err = u.ring(); err != nil || u.Traffic != Reply {
		return err
	}
	first := *u.traffic // the first replies may teach
	first.Limit(u.state.Flows)
	return u.send("replies", &first, 0)
}

// connect puts loops around the traffic.
func (u *subject) connect() (err error) {
	var own, harness dataplane.IO
	from := u.traffic.From()
	if u.IO == DPDK {
		if u.vdev, err = newVdev(from, u.traffic); err != nil {
			return err
		}
		own, harness = u.vdev, u.vdev
	} else {
		u.traffic.Now = u.now
		u.traffic.Limit(math.MaxInt)
		copied := *u.traffic // the same frames, and a clock of its own
		own, harness = u.traffic, &copied
	}
	u.contest = newContestant(u.env, u.process, own)
	u.harness = newContestant(u.env, fixed(nf.Device(u.d.Devices-1)-from), harness)
	return nil
}

// close gives back what the garbage collector does not.
func (u *subject) close() error {
	if u == nil || u.vdev == nil {
		return nil
	}
	return u.vdev.Close()
}

// occupied demands that the table has as many entries as there are flows: more by a burst or two, as
// time moves in steps.
func (u *subject) occupied() error {
	if u.table == nil {
		return nil
	}
	want := u.state.Flows
	if u.Traffic == Reply && u.d.ReplyLearns {
		want *= 2
	}
	slack := 2*u.Burst + u.state.Flows/64
	if n := u.table.Len(); n < want-slack || n > want+slack {
		return fmt.Errorf("%s: the table %s has %d entries, and there should be %d: its traffic is not what it says",
			u.d.name, u.d.Table, n, want)
	}
	return nil
}

// table is the structure that the description names, or nil.
func (d *File) table(function any) (libvig.View, error) {
	if d.Table == "" {
		return nil, nil
	}
	fields, err := inspect.Fields(function)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range fields {
		if s, ok := f.Structure(); ok && s.Name == d.Table {
			return s.View, nil
		} else if ok {
			names = append(names, s.Name)
		}
	}
	if names == nil {
		names = []string{"none"}
	}
	return nil, fmt.Errorf("%s: table: there is no structure %s: there are %s", d.name, d.Table, strings.Join(names, ", "))
}

// fixed sends everything by one device: what is left of the time is the harness's.
func fixed(to nf.Device) dataplane.Burst {
	action := nf.Forward(to)
	return func(_ []nf.Packet, actions []nf.Action) {
		for i := range actions {
			actions[i] = action
		}
	}
}

// check refuses what the description or the harness rules out.
func (s Scenario) check(d *File) error {
	impossible := func(format string, args ...any) error {
		return &impossibleError{fmt.Sprintf(format, args...)}
	}
	f := newFlows(d, s.Traffic)
	most := d.Entries.Most
	switch {
	case s.Frame < MinFrame || s.Frame > MaxFrame:
		return impossible("frames have %d to %d bytes", MinFrame, MaxFrame)
	case s.Turnovers < 0 || s.Entries < 1:
		return impossible("there must be entries, and turnovers are not negative")
	case s.Burst < 1 || s.Burst > dataplane.MaxBurst:
		return impossible("a burst has 1 to %d frames", dataplane.MaxBurst)
	case most > 0 && s.Flows() > most:
		return impossible("at most %d entries: %s", most, d.Entries.Why)
	case uint64(s.Flows())*uint64(s.Turnovers+3) > f.count():
		return impossible("the fields that vary tell only %d flows apart", f.count())
	case s.packets(d)*(s.Frame-checksumLength) > memory.MaxCycle:
		return impossible("the frames of all flows have more than %d bytes together", memory.MaxCycle)
	case s.Traffic == Reply && !d.Reply:
		return impossible("its description does not say that there are replies")
	case (s.Traffic == Miss || s.Turnovers > 0) && d.Expires == 0:
		return impossible("it forgets no flow")
	case s.IO == DPDK && (s.Traffic == Miss || s.Turnovers > 0):
		return impossible("flows are replaced in no time, and on devices time passes by itself")
	case s.IO == DPDK && d.Devices != 2:
		return impossible("frames go round from one of two devices to the other")
	}
	return nil
}

// packets is the number of different packets: all flows, more often the fewer there are.
func (s Scenario) packets(d *File) int {
	one := s.flows(d)
	if s.Traffic == Miss {
		one *= 2 // when the first comes again it has long expired
	}
	passes := (s.Ring/(s.Frame-checksumLength) + one - 1) / one
	return one * max(passes, 1)
}

// gap is the time between the first packets of flows, such that as many as wanted are remembered.
func (u *subject) gap() nf.Time {
	if u.IO == DPDK {
		return 0 // what is to come has the clock's time
	}
	return u.d.Expires / nf.Time(u.state.Flows)
}

// first is the number of the oldest of the flows that there are after the turnovers.
func (u *subject) first() uint64 { return uint64(u.state.Flows) * uint64(u.Turnovers) }

// fill brings the function into the state the scenario asks for.
func (u *subject) fill() error {
	for i, p := range u.d.Before {
		what, deal := fmt.Sprintf("packets of before[%d]", i), u.send
		if p.Dropped {
			deal = u.drop
		}
		if err := deal(what, prelude(p, u.Frame), 0); err != nil {
			return err
		}
	}
	flows := uint64(u.state.Flows)
	for turn := range uint64(u.Turnovers + 1) {
		if err := u.send("first packets of flows", u.sequence(turn*flows, flows), u.gap()); err != nil {
			return err
		}
	}
	if u.Traffic == Miss {
		return nil
	}
	return u.send("packets of known flows", u.sequence(u.first(), flows), 0)
}

// prelude makes the packets of one element of before.
func prelude(p Prelude, wire int) *memory.Cycle {
	s, f := newShape(p.Packet, wire), &flows{kind: Sequential, fields: p.Vary}
	c := memory.NewCycle(nil, p.Count)
	for n := range p.Count {
		f.apply(s, uint64(n))
		c.Add(s.device, s.frame)
	}
	return c
}

// sequence makes the first packets of flows with numbers in order.
func (u *subject) sequence(from, count uint64) *memory.Cycle {
	c := memory.NewCycle(nil, int(count))
	c.Grow(int(count), int(count)*len(u.shape.frame))
	for n := from; n < from+count; n++ {
		u.flows.apply(u.shape, n)
		c.Add(u.shape.device, u.shape.frame)
	}
	return c
}

// send lets the function process packets once, with a time between them, and demands that the share
// that the description promises is sent.
func (u *subject) send(what string, c *memory.Cycle, gap nf.Time) error {
	counters, err := u.receive(what, c, gap)
	if err != nil {
		return err
	}
	u.state.Sent, err = u.d.share(what, counters)
	return err
}

// drop lets the function process packets once, and demands that it sends none.
func (u *subject) drop(what string, c *memory.Cycle, gap nf.Time) error {
	counters, err := u.receive(what, c, gap)
	if err != nil {
		return err
	}
	for device := range u.d.Devices {
		if n := counters.Sent[device]; n > 0 {
			return fmt.Errorf("%s: of %s %d are sent, all were said to be dropped", u.d.name, what, n)
		}
	}
	return nil
}

// receive lets the function process packets once, with a time between them.
func (u *subject) receive(what string, c *memory.Cycle, gap nf.Time) (*dataplane.Counters, error) {
	c.Now, c.Tick = u.now, gap*nf.Time(u.Burst)
	loop := dataplane.NewLoop(u.env, u.process, c)
	loop.SetBurst(u.Burst)
	if err := loop.Run(context.Background()); err != nil {
		return nil, fmt.Errorf("sending %s: %w", what, err)
	}
	u.now = c.Now
	return &loop.Counters, nil
}

// share is how much of what was received was sent; an error if it is less than the description says.
func (d *File) share(what string, c *dataplane.Counters) (float64, error) {
	var received, dropped, most uint64
	var why nf.Reason
	for device := range d.Devices {
		received += c.Received[device]
		for reason, n := range c.Dropped[device] {
			dropped += n
			if n > most {
				most, why = n, nf.Reason(reason)
			}
		}
	}
	sent := received - min(dropped, received)
	share := float64(sent) / float64(max(received, 1))
	if received == 0 || share*100 < float64(d.Sent) {
		return share, fmt.Errorf("%s: of %d %s only %d are sent, %d %% were promised; most drops: %v: %s",
			d.name, received, what, sent, d.Sent, why, why.Doc())
	}
	return share, nil
}
