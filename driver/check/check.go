// Package check runs a network driver on the model of its device, and says what is wrong with the driver.
//
// A [Build] opens a driver on its model, in the world that it is given; the result is a [Rig]. Three runs
// drive a rig as a run loop would, receive frames, change them, and send most of them on: [Random], in which
// the device does what it does at random; [Exhaustive], which goes through everything that the device can do
// on few frames, up to a number of things that it does earlier than it has to; and [Concurrent], in which the
// device is another goroutine, so that the race detector sees what is published in the wrong order.
//
// Every run checks that frames arrive and leave once, in order and unchanged, that each buffer comes back
// once and only to whom it belongs, that the driver does not stop, and that the model has no complaint.
//
// [Mutants] plants faults in a driver, and says which run finds which. Only tests import this package.
package check

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"

	"vigor/driver/bus"
	"vigor/driver/check/stepping"
	"vigor/driver/world"
)

// Device is what all models do.
type Device interface {
	Step()
	Settle()
}

// Options say what to build.
type Options struct {
	Size       uint32 // of the rings
	Lazy       bool   // the device only does what it was notified of
	Concurrent bool   // the device is another goroutine
	Variant    uint64 // any number; what else there is to choose follows from it
}

// Rig is an open driver on its model.
type Rig struct {
	Driver            bus.Network
	Device            Device
	Pool              *bus.Pool
	Longest, Shortest uint32 // frames in bytes that the device takes
}

// Build opens a driver in a world; an error says that it does not open.
type Build func(w world.World, o Options) (Rig, error)

// Random runs a driver for a number of frames and returns what is wrong.
func Random(build Build, o Options, frames int, seed uint64) error {
	r := &run{total: frames, random: rand.New(rand.NewPCG(seed, o.Variant))}
	r.choose = r.random.IntN
	return r.protect(func() {
		r.drive(build, o, func() {
			for range r.random.IntN(8) {
				r.rig.Device.Step()
			}
		})
	})
}

// Exhaustive runs a driver on a few frames for every behaviour of the device with at most some deviations
// from doing nothing before it has to. It returns what is wrong with the first one that fails, and how
// many were run.
func Exhaustive(build Build, o Options, frames, deviations int) (behaviours int, err error) {
	s := search{deviations: deviations}
	for more := true; more; more = s.next() {
		r := &run{total: frames, choose: s.choose, patience: 50}
		if err := r.protect(func() {
			r.drive(build, o, func() {
				if r.choose(2) == 0 {
					r.rig.Device.Settle()
				}
			})
		}); err != nil {
			return behaviours, fmt.Errorf("behaviour %d, choices %v: %w", behaviours, trim(s.choices[:s.at]), err)
		}
		behaviours++
	}
	return behaviours, nil
}

// Concurrent runs a driver for a number of frames with its device as another goroutine. Races are reported by
// the race detector, if the program is built with it.
func Concurrent(build Build, o Options, frames int, seed uint64) error {
	o.Concurrent = true
	r := &run{total: frames, random: rand.New(rand.NewPCG(seed, 1)), patience: 1 << 30}
	device := rand.New(rand.NewPCG(seed, 2))
	r.choose = device.IntN
	var stop, gone atomic.Bool
	ended := make(chan error, 1)
	started := false
	err := r.protect(func() {
		r.open(build, o)
		started = true
		go func() {
			err := r.protect(func() { r.steps(&stop) })
			gone.Store(true)
			ended <- err
		}()
		r.turns(r.wait(&gone))
	})
	if !started {
		return err
	}
	stop.Store(true)
	if wrong := <-ended; wrong != nil {
		return wrong
	}
	return orElse(err, r.allLeft)
}

// stall is how long nothing may move between a driver and a device that is another goroutine.
const stall = 10 * time.Second

// steps has the device step until it is told to stop; it rests now and then if there is nothing to do.
func (r *run) steps(stop *atomic.Bool) {
	for still, last := 0, 0; !stop.Load(); still++ {
		r.rig.Device.Step()
		if moved := r.arrived + r.left; moved != last {
			still, last = 0, moved
		}
		if still > 10_000 && still%100 == 0 {
			time.Sleep(100 * time.Microsecond)
		}
	}
}

// wait returns what a user does between turns whose device is busy elsewhere: it sleeps if nothing moves, since
// the machine may have better things to do than to run the device, and ends when the device has.
func (r *run) wait(gone *atomic.Bool) func() {
	still, last, since := 0, 0, time.Now()
	return func() {
		if still++; r.moves != last {
			still, last = 0, r.moves
		}
		if runtime.Gosched(); still == 100 {
			since = time.Now()
		}
		if still <= 100 {
			return
		}
		if gone.Load() || time.Since(since) > stall {
			fail("nothing moves: %d of %d frames received, %d buffers are not back", r.received, r.total, r.out)
		}
		time.Sleep(100 * time.Microsecond)
	}
}

// orElse is an error, or else what a function says.
func orElse(err error, then func() error) error {
	if err != nil {
		return err
	}
	return then()
}

// search goes through sequences of choices, depth first, with a limited number that are not 0.
type search struct {
	choices, limits []int
	at, deviations  int
}

func (s *search) choose(n int) int {
	if s.at == len(s.choices) {
		s.choices, s.limits = append(s.choices, 0), append(s.limits, n)
	}
	s.at++
	return s.choices[s.at-1]
}

// trim leaves out the zeros at the end.
func trim(choices []int) []int {
	for len(choices) > 0 && choices[len(choices)-1] == 0 {
		choices = choices[:len(choices)-1]
	}
	return choices
}

// next prepares the next sequence, if there is one.
func (s *search) next() bool {
	s.at = 0
	used := 0
	for _, c := range s.choices {
		if c != 0 {
			used++
		}
	}
	for i := len(s.choices) - 1; i >= 0; i-- {
		c := s.choices[i]
		if c != 0 {
			used--
		}
		if c+1 < s.limits[i] && used < s.deviations {
			s.choices, s.limits = s.choices[:i+1], s.limits[:i+1]
			s.choices[i]++
			return true
		}
	}
	return false
}

// hook has a device step at accesses to shared words, where the driver is built for that.
func hook(o Options, device Device) {
	stepping.Hook = device.Step
	if o.Concurrent {
		stepping.Hook = func() {}
	}
}
