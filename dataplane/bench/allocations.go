package bench

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
)

// watchAllocations has the profile of memory note every allocation with its call stack, from now on. Nothing else tells
// those of a network function from those of Go's own runtime, which makes a thread when another loses its processor for
// long. Programs that allocate much become slow.
func watchAllocations() { runtime.MemProfileRate = 1 }

// stepped is the function below which packets are processed.
const stepped = "vigor/dataplane.(*Loop).Step"

// allocations are numbers of objects, by the line that allocated them.
type allocations map[string]int64

// allocated returns what was allocated below a step of a loop since the program began.
func allocated() allocations {
	runtime.GC() // the profile has what was allocated before the latest collection
	list := allocations{}
	for _, r := range profiled() {
		if place, ok := placeOf(r.Stack()); ok {
			list[place] += r.AllocObjects
		}
	}
	return list
}

// since returns how many more there are than before, and the line that most of these are from.
func (a allocations) since(before allocations) (n int64, mostly string) {
	most := int64(0)
	for _, place := range slices.Sorted(maps.Keys(a)) {
		more := a[place] - before[place]
		if n += more; more > most {
			most, mostly = more, place
		}
	}
	return n, mostly
}

// profiled is the profile of memory.
func profiled() []runtime.MemProfileRecord {
	for room := 256; ; {
		list := make([]runtime.MemProfileRecord, room)
		n, ok := runtime.MemProfile(list, true)
		if ok {
			return list[:n]
		}
		room = n + n/4 // there may be more of them by then
	}
}

// placeOf names the line that allocated, outside of Go's runtime, if it was called by a step.
func placeOf(stack []uintptr) (place string, inStep bool) {
	frames := runtime.CallersFrames(stack)
	for more := true; more && !inStep; {
		var f runtime.Frame
		f, more = frames.Next()
		if place == "" && !strings.HasPrefix(f.Function, "runtime.") {
			place = fmt.Sprintf("%s, %s:%d", f.Function, f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line)
		}
		inStep = f.Function == stepped
	}
	return place, inStep
}
