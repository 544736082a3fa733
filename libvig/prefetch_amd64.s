#include "textflag.h"

// func prefetch(start, size uintptr, index *int32, n int)
TEXT ·prefetch(SB), NOSPLIT, $0-32
	MOVQ start+0(FP), AX
	MOVQ size+8(FP), BX
	MOVQ index+16(FP), SI
	MOVQ n+24(FP), CX
	TESTQ CX, CX
	JLE  done
	LEAQ (SI)(CX*4), DI

next:
	MOVLQSX (SI), DX
	IMULQ BX, DX
	PREFETCHT0 (AX)(DX*1)
	ADDQ $4, SI
	CMPQ SI, DI
	JB   next

done:
	RET
