#include "textflag.h"

// The image tool has calls of the Go runtime's functions for memory end in these. Their arguments are
// where compiled code puts them, in registers; they keep what compiled code relies on.

// func move()
//
// AX is where to, BX where from, CX the number of bytes; the ranges may overlap.
TEXT ·move(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ AX, DI
	MOVQ BX, SI
	SUBQ SI, AX
	CMPQ AX, CX // unsigned: the end of the source is overwritten before it is read
	JB   down
	REP
	MOVSB
	RET

down:
	LEAQ -1(DI)(CX*1), DI
	LEAQ -1(SI)(CX*1), SI
	STD
	REP
	MOVSB
	CLD
	RET

// func clear()
//
// AX is where, BX the number of bytes.
TEXT ·clear(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ AX, DI
	MOVQ BX, CX
	XORL AX, AX
	REP
	STOSB
	RET

// func equal()
//
// AX and BX are where, CX the number of bytes; AX becomes 1 if they are alike, else 0.
TEXT ·equal(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ AX, SI
	MOVQ BX, DI
	CMPQ AX, AX // no bytes are alike
	REP
	CMPSB
	SETEQ AX
	MOVBLZX AX, AX
	RET
