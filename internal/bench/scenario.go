package bench

import (
	"fmt"

	"vigor/dataplane/bench"
)

// Base is the scenario that others differ from: random traffic of small frames over a table that is
// 90 % full.
var Base = bench.Scenario{Traffic: bench.Random, Frame: bench.MinFrame, Entries: 65536, Burst: 32, Ring: 128 << 20, IO: bench.Memory}

// Axes are the values of a scenario's fields to measure.
type Axes struct {
	IO        []bench.IO
	Traffic   []bench.Traffic
	Turnovers []int
	Frames    []int
	Entries   []int
	Bursts    []int
}

// Standard are all values that a full measurement has.
var Standard = Axes{
	Traffic:   bench.Traffics,
	Turnovers: []int{0, 1, 5},
	Frames:    []int{64, 1500},
	Entries:   []int{1 << 10, 1 << 16, 1 << 20, 1 << 24},
	Bursts:    []int{1, 8, 32, 64},
}

// Survey is the scenarios that differ from the base in one field; of those with turnovers, in hits and
// in misses.
func (a Axes) Survey(base bench.Scenario) []bench.Scenario {
	var list []bench.Scenario
	seen := map[bench.Scenario]bool{}
	add := func(change func(s *bench.Scenario)) {
		s := base
		if change(&s); !seen[s] {
			seen[s] = true
			list = append(list, s)
		}
	}
	add(func(*bench.Scenario) {})
	for _, v := range a.Traffic {
		add(func(s *bench.Scenario) { s.Traffic = v })
	}
	for _, v := range a.Turnovers {
		add(func(s *bench.Scenario) { s.Turnovers = v })
		add(func(s *bench.Scenario) { s.Turnovers, s.Traffic = v, bench.Miss })
	}
	for _, v := range a.Frames {
		add(func(s *bench.Scenario) { s.Frame = v })
	}
	for _, v := range a.Entries {
		add(func(s *bench.Scenario) { s.Entries = v })
	}
	for _, v := range a.Bursts {
		add(func(s *bench.Scenario) { s.Burst = v })
	}
	return list
}

// Product is all combinations; a field without values has that of the base.
func (a Axes) Product(base bench.Scenario) []bench.Scenario {
	list := []bench.Scenario{base}
	list = combine(list, a.IO, func(s *bench.Scenario, v bench.IO) { s.IO = v })
	list = combine(list, a.Traffic, func(s *bench.Scenario, v bench.Traffic) { s.Traffic = v })
	list = combine(list, a.Turnovers, func(s *bench.Scenario, v int) { s.Turnovers = v })
	list = combine(list, a.Frames, func(s *bench.Scenario, v int) { s.Frame = v })
	list = combine(list, a.Entries, func(s *bench.Scenario, v int) { s.Entries = v })
	return combine(list, a.Bursts, func(s *bench.Scenario, v int) { s.Burst = v })
}

// combine makes a scenario of each in the list and each value.
func combine[V any](list []bench.Scenario, values []V, set func(*bench.Scenario, V)) []bench.Scenario {
	if len(values) == 0 {
		return list
	}
	var all []bench.Scenario
	for _, s := range list {
		for _, v := range values {
			set(&s, v)
			all = append(all, s)
		}
	}
	return all
}

// title is a scenario in words.
func title(s bench.Scenario) string {
	text := fmt.Sprintf("%s, %d turnovers, %d B, %d entries, burst %d", s.Traffic, s.Turnovers, s.Frame, s.Entries, s.Burst)
	if s.IO != bench.Memory {
		text += ", " + string(s.IO)
	}
	return text
}
