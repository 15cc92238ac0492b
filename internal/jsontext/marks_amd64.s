#include "textflag.h"

DATA control<>+0(SB)/8, $0x1f1f1f1f1f1f1f1f
GLOBL control<>(SB), RODATA|NOPTR, $8
DATA quote<>+0(SB)/8, $0x2222222222222222
GLOBL quote<>(SB), RODATA|NOPTR, $8
DATA slash<>+0(SB)/8, $0x5c5c5c5c5c5c5c5c
GLOBL slash<>(SB), RODATA|NOPTR, $8

// func markVectors(marks, text *byte, blocks int, last *byte) (high uint8)
//
// Y0 and Y1 are a block, Y2 and Y3 become 0xff where it has a byte to be marked, Y11 gathers the high bits of all.
TEXT ·markVectors(SB), NOSPLIT, $0-33
	MOVQ         marks+0(FP), DI
	MOVQ         text+8(FP), SI
	MOVQ         blocks+16(FP), CX
	MOVQ         last+24(FP), R8
	VPBROADCASTQ control<>(SB), Y8
	VPBROADCASTQ quote<>(SB), Y9
	VPBROADCASTQ slash<>(SB), Y10
	VPXOR        Y11, Y11, Y11

block:
	CMPQ      SI, R8
	CMOVQHI   R8, SI
	VMOVDQU   (SI), Y0
	VMOVDQU   32(SI), Y1
	VPOR      Y0, Y11, Y11
	VPOR      Y1, Y11, Y11
	VPMINUB   Y0, Y8, Y2   // itself where it is at most 0x1f
	VPMINUB   Y1, Y8, Y3
	VPCMPEQB  Y2, Y0, Y2
	VPCMPEQB  Y3, Y1, Y3
	VPCMPEQB  Y9, Y0, Y4
	VPCMPEQB  Y9, Y1, Y5
	VPOR      Y4, Y2, Y2
	VPOR      Y5, Y3, Y3
	VPCMPEQB  Y10, Y0, Y4
	VPCMPEQB  Y10, Y1, Y5
	VPOR      Y4, Y2, Y2
	VPOR      Y5, Y3, Y3
	VPMOVMSKB Y2, AX
	VPMOVMSKB Y3, BX
	SHLQ      $32, BX
	ORQ       BX, AX
	MOVQ      AX, (DI)
	ADDQ      $64, SI
	ADDQ      $8, DI
	DECQ      CX
	JNZ       block

	VPMOVMSKB Y11, AX
	TESTL     AX, AX
	SETNE     high+32(FP)
	VZEROUPPER
	RET
