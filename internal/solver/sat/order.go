package sat

// order gives the variable to decide next: of those that matter, the one that conflicts involved most, of late
// above all. Those that a conflict has involved are in a heap; the others, mostly all, come after them by number.
type order struct {
	activity []float64 // by variable; 0 if no conflict has involved it
	heap     []uint32
	places   []int32 // by variable: where in the heap, -1 if not there
	cursor   uint32  // of those that no conflict has involved, none above it is open
	matters  []uint32
	question uint32 // matters[v] is that of the current question if v matters
	step     float64
}

const (
	fade    = 0.95  // of what earlier conflicts gave, per conflict
	rescale = 1e100 // activities are kept below it
)

func (o *order) grow() {
	o.activity = append(o.activity, 0)
	o.places = append(o.places, -1)
	o.matters = append(o.matters, 0)
}

// only has the variables of a list be decided, and no others.
func (o *order) only(cone []Lit) {
	o.clear()
	for _, l := range cone {
		o.enter(inside(l).variable())
	}
	o.build()
}

// all has every variable be decided.
func (o *order) all() {
	o.clear()
	for v := 1; v < len(o.places); v++ {
		o.enter(uint32(v))
	}
	o.build()
}

// more has the variables of further literals be decided.
func (o *order) more(assumed []literal) {
	for _, l := range assumed {
		o.enter(l.variable())
	}
	o.build()
}

func (o *order) clear() {
	if o.step == 0 {
		o.step = 1
	}
	o.question++
	for _, v := range o.heap {
		o.places[v] = -1
	}
	o.heap, o.cursor = o.heap[:0], 0
}

func (o *order) enter(v uint32) {
	if o.matters[v] == o.question {
		return
	}
	o.matters[v] = o.question
	if o.activity[v] == 0 {
		o.cursor = max(o.cursor, v)
		return
	}
	o.places[v] = int32(len(o.heap))
	o.heap = append(o.heap, v)
}

// relevant reports whether the current question depends on a variable.
func (o *order) relevant(v uint32) bool { return o.matters[v] == o.question }

func (o *order) build() {
	for i := len(o.heap)/2 - 1; i >= 0; i-- {
		o.down(i)
	}
}

// open puts a variable back that has no value any more.
func (o *order) open(v uint32) {
	switch {
	case o.places[v] >= 0 || !o.relevant(v):
		return
	case o.activity[v] == 0:
		o.cursor = max(o.cursor, v)
		return
	}
	o.places[v] = int32(len(o.heap))
	o.heap = append(o.heap, v)
	o.up(len(o.heap) - 1)
}

// next takes the first variable out; 0 if there is none left.
func (o *order) next() uint32 {
	if len(o.heap) == 0 {
		return o.quiet()
	}
	first, last := o.heap[0], len(o.heap)-1
	o.places[first] = -1
	moved := o.heap[last]
	o.heap = o.heap[:last]
	if last > 0 {
		o.heap[0], o.places[moved] = moved, 0
		o.down(0)
	}
	return first
}

// quiet takes the first variable out that no conflict has involved.
func (o *order) quiet() uint32 {
	for ; o.cursor > 0; o.cursor-- {
		if v := o.cursor; o.relevant(v) && o.activity[v] == 0 {
			o.cursor--
			return v
		}
	}
	return 0
}

// bump raises a variable that a conflict involved.
func (o *order) bump(v uint32) {
	o.activity[v] += o.step
	if o.activity[v] > rescale {
		for i := range o.activity {
			o.activity[i] /= rescale
		}
		o.step /= rescale
	}
	if at := o.places[v]; at >= 0 {
		o.up(int(at))
	}
}

func (o *order) decay() { o.step /= fade }

// before orders the heap; equal ones by number, so that runs repeat.
func (o *order) before(u, v uint32) bool {
	if x, y := o.activity[u], o.activity[v]; x != y {
		return x > y
	}
	return u > v
}

func (o *order) up(i int) {
	v := o.heap[i]
	for i > 0 {
		parent := (i - 1) / 2
		u := o.heap[parent]
		if !o.before(v, u) {
			break
		}
		o.heap[i], o.places[u] = u, int32(i)
		i = parent
	}
	o.heap[i], o.places[v] = v, int32(i)
}

func (o *order) down(i int) {
	v := o.heap[i]
	for {
		child := 2*i + 1
		if child >= len(o.heap) {
			break
		}
		if child+1 < len(o.heap) && o.before(o.heap[child+1], o.heap[child]) {
			child++
		}
		u := o.heap[child]
		if !o.before(u, v) {
			break
		}
		o.heap[i], o.places[u] = u, int32(i)
		i = child
	}
	o.heap[i], o.places[v] = v, int32(i)
}
