#include "textflag.h"

// The numbers below that begin with 0x5ea100 stand for addresses that are known only when the program
// is linked. The image tool puts those in their places; see image.Layout.
#define PAGES   $0x5ea10001 // top-level page table
#define GDTR    $0x5ea10002 // operand of LGDT
#define LONG    $0x5ea10003 // of the instruction after RETFL
#define TLS     $0x5ea10004 // behind the word that holds the address of g
#define G       $0x5ea10005 // what compiled code takes for its goroutine
#define STACK   $0x5ea10006 // end of the stack
#define MAIN    $0x5ea10007 // of the function program
#define FRAME   $0x5ea10008 // behind the frame that the processor stores on a fault
#define REPORT  $0x5ea10009 // end of the stack for the report of a fault
#define STOPPED $0x5ea1000a // of the function that reports a fault

// func entry()
//
// The processor is in 32-bit protected mode with flat segments, paging and interrupts are off: so both
// boot protocols leave it. Every instruction here has the same encoding in 32-bit and in 64-bit mode.
TEXT ·entry(SB), NOSPLIT|NOFRAME, $0-0
	CLI
	CLD
	MOVL PAGES, AX
	MOVQ AX, CR3
	MOVL $0x620, AX      // CR4: PAE, OSFXSR, OSXMMEXCPT
	MOVQ AX, CR4
	MOVL $0xc0000080, CX // EFER: LME, NXE
	XORL DX, DX
	MOVL $0x900, AX
	WRMSR
	MOVL $0x80010023, AX // CR0: PG, WP, NE, MP, PE
	MOVQ AX, CR0
	MOVL GDTR, AX
	LGDT (AX)
	MOVL STACK, SP
	PUSHQ $8             // code segment of ring 0
	PUSHQ LONG
	RETFL

	// 64-bit mode, ring 0. It goes on in ring 3, where privileged instructions fault, but for those of ports.
	LIDT ·machine+0x10fe0(SB)
	MOVL $0x20, AX       // task state segment: the stack for faults
	LTR AX
	XORL AX, AX
	MOVW AX, FS
	MOVL $0xc0000100, CX // base of FS
	XORL DX, DX
	MOVL TLS, AX
	WRMSR
	MOVL G, R14          // as compiled code expects it
	XORPS X15, X15
	PUSHQ $0x13          // data segment of ring 3
	PUSHQ STACK
	PUSHQ $0x3002        // flags: IOPL 3, interrupts off
	PUSHQ $0x1b          // code segment of ring 3
	PUSHQ MAIN
	IRETQ

// func fault()
//
// Every exception arrives here, in ring 0, on a stack of its own. Each has a code segment of its own,
// from selector 0x30 on, which tells its number. The first is reported by a Go function in ring 3, whose
// arguments are in registers; the second, which also comes from there, is the end.
TEXT ·fault(SB), NOSPLIT|NOFRAME, $0-0
	CMPL ·faulted(SB), $0
	JNE  halt
	MOVL $1, ·faulted(SB)
	MOVW CS, AX
	SUBL $0x30, AX
	SHRL $3, AX
	MOVL FRAME, R8
	MOVQ -48(R8), BX     // error code, or 0
	MOVQ -40(R8), CX     // address of the instruction
	MOVQ CR2, DI         // address of the access, after a page fault
	MOVQ -16(R8), SI     // stack pointer
	MOVL G, R14
	XORPS X15, X15
	PUSHQ $0x13
	PUSHQ REPORT
	PUSHQ $0x3002
	PUSHQ $0x1b
	PUSHQ STOPPED
	IRETQ

halt:
	HLT
	JMP halt
