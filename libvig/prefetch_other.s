//go:build !amd64 && !arm64

#include "textflag.h"

// func prefetch(start, size uintptr, index *int32, n int)
//
// Nothing: what the passes read themselves, slots and cells, is all that is loaded early.
TEXT ·prefetch(SB), NOSPLIT, $0-32
	RET
