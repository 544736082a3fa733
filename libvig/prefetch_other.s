//go:build !amd64 && !arm64

#include "textflag.h"

// func prefetch(addresses *[4 * MaxHints]uintptr, n int)
//
// Nothing: what the passes read themselves, slots and cells, is all that is loaded early.
TEXT ·prefetch(SB), NOSPLIT, $0-16
	RET
