package solver

import (
	"context"
	"time"
)

// effortKey is the key of the effort in a context.
type effortKey struct{}

// Effort is what one question may take at most, in assignments that the SAT solver makes: about a million in half a
// second. Unlike a time it ends a search at the same point on every machine, so a verdict does not depend on how fast
// or busy it is.
type Effort int64

// patience ends a question whose effort has no end in sight.
const patience = 3 * time.Minute

// WithEffort returns a context for one question. Its effort is all that counts, whatever effort ctx has.
func WithEffort(ctx context.Context, e Effort) (context.Context, context.CancelFunc) {
	left := int64(e)
	return context.WithTimeout(context.WithValue(ctx, effortKey{}, &left), patience)
}

// EffortOf gives what is left of the effort of a context, for a back end to count down; nil if it has no limit.
func EffortOf(ctx context.Context) *int64 {
	left, _ := ctx.Value(effortKey{}).(*int64)
	return left
}

// PartOfEffort returns a context for a part of a question, that may take one of so many parts of what is left. What
// it takes is taken off when back is called.
func PartOfEffort(ctx context.Context, parts int64) (part context.Context, back func()) {
	left := EffortOf(ctx)
	if left == nil {
		return ctx, func() {}
	}
	own := *left / parts
	before := own
	return context.WithValue(ctx, effortKey{}, &own), func() { *left -= before - own }
}
