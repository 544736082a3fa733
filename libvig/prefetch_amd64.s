#include "textflag.h"

// func prefetch(addresses *[4 * MaxHints]uintptr, n int)
TEXT ·prefetch(SB), NOSPLIT, $0-16
	MOVQ addresses+0(FP), SI
	MOVQ n+8(FP), CX
	TESTQ CX, CX
	JLE  done
	LEAQ (SI)(CX*8), DI

next:
	MOVQ (SI), AX
	PREFETCHT0 (AX)
	ADDQ $8, SI
	CMPQ SI, DI
	JB   next

done:
	RET
