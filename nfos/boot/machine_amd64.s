#include "textflag.h"

// machine is filled by the image tool with page tables, segments, gates and what else the processor reads
// by itself; until then it begins with the addresses of what the tool has to find, which also keeps them
// in the program. It is 16 pages wherever it starts.
DATA ·machine+0(SB)/8, $·entry(SB)
DATA ·machine+8(SB)/8, $·program(SB)
DATA ·machine+16(SB)/8, $·fault(SB)
DATA ·machine+24(SB)/8, $·report(SB)
DATA ·machine+32(SB)/8, $·move(SB)
DATA ·machine+40(SB)/8, $·clear(SB)
DATA ·machine+48(SB)/8, $·equal(SB)
DATA ·machine+56(SB)/8, $·allocate(SB)
DATA ·machine+64(SB)/8, $·stack(SB)
GLOBL ·machine(SB), NOPTR, $0x11000

// func stackBounds() (low, high uintptr)
//
// The two words that the image tool writes at the end of machine. Before them is the operand of LIDT.
TEXT ·stackBounds(SB), NOSPLIT, $0-16
	MOVQ ·machine+0x10ff0(SB), AX
	MOVQ AX, low+0(FP)
	MOVQ ·machine+0x10ff8(SB), AX
	MOVQ AX, high+8(FP)
	RET
