#include "textflag.h"

DATA digit<>+0(SB)/8, $0x3030303030303030
GLOBL digit<>(SB), RODATA|NOPTR, $8
DATA nine<>+0(SB)/8, $0x0909090909090909
GLOBL nine<>(SB), RODATA|NOPTR, $8
DATA small<>+0(SB)/8, $0x2020202020202020
GLOBL small<>(SB), RODATA|NOPTR, $8
DATA letter<>+0(SB)/8, $0x6161616161616161
GLOBL letter<>(SB), RODATA|NOPTR, $8
DATA five<>+0(SB)/8, $0x0505050505050505
GLOBL five<>(SB), RODATA|NOPTR, $8

// func lowerVector(dst, id *byte, n int, anyCase bool) bool
//
// Y0 is the id, behind 16 digits twice the same, and Y6 the same in lower case; AX, BX and CX have a bit for each digit that is one, was in lower case,
// and is a zero.
TEXT ·lowerVector(SB), NOSPLIT, $0-33
	MOVQ           dst+0(FP), DI
	MOVQ           id+8(FP), SI
	MOVQ           n+16(FP), DX
	MOVBLZX        anyCase+24(FP), R8
	VBROADCASTI128 (SI), Y0
	CMPQ           DX, $32
	JNE            loaded
	VMOVDQU        (SI), Y0

loaded:
	VPBROADCASTQ digit<>(SB), Y1
	VPSUBB       Y1, Y0, Y2
	VPCMPEQB     Y1, Y0, Y3
	VPMOVMSKB    Y3, CX
	VPBROADCASTQ nine<>(SB), Y1
	VPMINUB      Y1, Y2, Y3
	VPCMPEQB     Y2, Y3, Y2      // digits
	VPBROADCASTQ small<>(SB), Y1
	VPOR         Y1, Y0, Y3
	VPBROADCASTQ letter<>(SB), Y4
	VPSUBB       Y4, Y3, Y4
	VPBROADCASTQ five<>(SB), Y5
	VPMINUB      Y5, Y4, Y5
	VPCMPEQB     Y4, Y5, Y5      // letters
	VPOR         Y2, Y5, Y2
	VPMOVMSKB    Y2, AX
	VPAND        Y1, Y5, Y6
	VPOR         Y0, Y6, Y6
	VPCMPEQB     Y0, Y6, Y1
	VPMOVMSKB    Y1, BX
	MOVB         $0, ret+32(FP)
	CMPL         AX, $-1
	JNE          done
	CMPL         CX, $-1
	JEQ          done
	CMPL         BX, $-1
	JEQ          put
	TESTL        R8, R8
	JZ           done

put:
	MOVB    $1, ret+32(FP)
	VMOVDQU X6, (DI)
	CMPQ    DX, $32
	JNE     done
	VMOVDQU Y6, (DI)

done:
	VZEROUPPER
	RET
