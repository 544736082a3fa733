#include "textflag.h"

// func prefetch(start, size uintptr, index *int32, n int)
TEXT ·prefetch(SB), NOSPLIT, $0-32
	MOVD start+0(FP), R0
	MOVD size+8(FP), R1
	MOVD index+16(FP), R2
	MOVD n+24(FP), R3
	CMP  $0, R3
	BLE  done

next:
	MOVW.P 4(R2), R4
	MADD R1, R0, R4, R5
	PRFM (R5), PLDL1KEEP
	SUBS $1, R3
	BNE  next

done:
	RET
