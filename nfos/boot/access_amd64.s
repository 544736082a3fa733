#include "textflag.h"

// func In8(port uint16) uint8
TEXT ·In8(SB), NOSPLIT, $0-9
	MOVW port+0(FP), DX
	INB
	MOVB AX, ret+8(FP)
	RET

// func Out8(port uint16, value uint8)
TEXT ·Out8(SB), NOSPLIT, $0-3
	MOVW port+0(FP), DX
	MOVB value+2(FP), AX
	OUTB
	RET

// func In32(port uint16) uint32
TEXT ·In32(SB), NOSPLIT, $0-12
	MOVW port+0(FP), DX
	INL
	MOVL AX, ret+8(FP)
	RET

// func Out32(port uint16, value uint32)
TEXT ·Out32(SB), NOSPLIT, $0-8
	MOVW port+0(FP), DX
	MOVL value+4(FP), AX
	OUTL
	RET

// func Load8(address uintptr) uint8
TEXT ·Load8(SB), NOSPLIT, $0-9
	MOVQ address+0(FP), CX
	MOVB (CX), AX
	MOVB AX, ret+8(FP)
	RET

// func Load16(address uintptr) uint16
TEXT ·Load16(SB), NOSPLIT, $0-10
	MOVQ address+0(FP), CX
	MOVW (CX), AX
	MOVW AX, ret+8(FP)
	RET

// func Load32(address uintptr) uint32
TEXT ·Load32(SB), NOSPLIT, $0-12
	MOVQ address+0(FP), CX
	MOVL (CX), AX
	MOVL AX, ret+8(FP)
	RET

// func Load64(address uintptr) uint64
TEXT ·Load64(SB), NOSPLIT, $0-16
	MOVQ address+0(FP), CX
	MOVQ (CX), AX
	MOVQ AX, ret+8(FP)
	RET

// func Store8(address uintptr, value uint8)
TEXT ·Store8(SB), NOSPLIT, $0-9
	MOVQ address+0(FP), CX
	MOVB value+8(FP), AX
	MOVB AX, (CX)
	RET

// func Store16(address uintptr, value uint16)
TEXT ·Store16(SB), NOSPLIT, $0-10
	MOVQ address+0(FP), CX
	MOVW value+8(FP), AX
	MOVW AX, (CX)
	RET

// func Store32(address uintptr, value uint32)
TEXT ·Store32(SB), NOSPLIT, $0-12
	MOVQ address+0(FP), CX
	MOVL value+8(FP), AX
	MOVL AX, (CX)
	RET

// func Store64(address uintptr, value uint64)
TEXT ·Store64(SB), NOSPLIT, $0-16
	MOVQ address+0(FP), CX
	MOVQ value+8(FP), AX
	MOVQ AX, (CX)
	RET

// func Stamp() uint64
TEXT ·Stamp(SB), NOSPLIT, $0-8
	LFENCE
	RDTSC
	SHLQ $32, DX
	ORQ  DX, AX
	MOVQ AX, ret+0(FP)
	RET

// func Identify(leaf uint32) (a, b, c, d uint32)
TEXT ·Identify(SB), NOSPLIT, $0-24
	MOVL leaf+0(FP), AX
	XORL CX, CX
	CPUID
	MOVL AX, a+8(FP)
	MOVL BX, b+12(FP)
	MOVL CX, c+16(FP)
	MOVL DX, d+20(FP)
	RET

// func Random() (value uint64, ok bool)
TEXT ·Random(SB), NOSPLIT, $0-9
	RDRANDQ AX
	MOVQ  AX, value+0(FP)
	SETCS ok+8(FP)
	RET

// func Stop()
TEXT ·Stop(SB), NOSPLIT, $0-0
	MOVL $1, ·faulted(SB)
	INT $3
	RET
