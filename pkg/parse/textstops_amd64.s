#include "textflag.h"

DATA equal<>+0(SB)/8, $0x3d3d3d3d3d3d3d3d
GLOBL equal<>(SB), RODATA|NOPTR, $8
DATA colon<>+0(SB)/8, $0x3a3a3a3a3a3a3a3a
GLOBL colon<>(SB), RODATA|NOPTR, $8
DATA letterR<>+0(SB)/8, $0x5252525252525252
GLOBL letterR<>(SB), RODATA|NOPTR, $8
DATA letterS<>+0(SB)/8, $0x5353535353535353
GLOBL letterS<>(SB), RODATA|NOPTR, $8
DATA space<>+0(SB)/8, $0x2020202020202020
GLOBL space<>(SB), RODATA|NOPTR, $8
DATA tab<>+0(SB)/8, $0x0909090909090909
GLOBL tab<>(SB), RODATA|NOPTR, $8
DATA letterP<>+0(SB)/8, $0x5050505050505050
GLOBL letterP<>(SB), RODATA|NOPTR, $8
DATA zero<>+0(SB)/8, $0x3030303030303030
GLOBL zero<>(SB), RODATA|NOPTR, $8

// STOPS puts bit by bit into to what isStop of the 32 bytes in Y0, GAPS what isGap, VALUES what beginsValue.
#define STOPS(to) \
	VPCMPEQB Y8, Y0, Y1   \
	VPCMPEQB Y9, Y0, Y2   \
	VPCMPEQB Y10, Y0, Y3  \
	VPCMPEQB Y11, Y0, Y4  \
	VPOR     Y2, Y1, Y1   \
	VPOR     Y4, Y3, Y3   \
	VPOR     Y3, Y1, Y1   \
	VPMOVMSKB Y1, to

#define GAPS(to) \
	VPCMPEQB Y12, Y0, Y1  \
	VPCMPEQB Y13, Y0, Y2  \
	VPOR     Y2, Y1, Y1   \
	VPMOVMSKB Y1, to

// Of a digit, less '0' is at most 9, which is tab.
#define VALUES(to) \
	VPSUBB   Y15, Y0, Y1  \
	VPMINUB  Y13, Y1, Y2  \
	VPCMPEQB Y2, Y1, Y1   \
	VPCMPEQB Y14, Y0, Y2  \
	VPOR     Y2, Y1, Y1   \
	VPMOVMSKB Y1, to

// func stopVectors(words *uint64, text *byte, blocks int, last *byte)
//
// R9 has the last gap of the block before.
TEXT ·stopVectors(SB), NOSPLIT, $0-32
	MOVQ         words+0(FP), DI
	MOVQ         text+8(FP), SI
	MOVQ         blocks+16(FP), CX
	MOVQ         last+24(FP), R8
	VPBROADCASTQ equal<>(SB), Y8
	VPBROADCASTQ colon<>(SB), Y9
	VPBROADCASTQ letterR<>(SB), Y10
	VPBROADCASTQ letterS<>(SB), Y11
	VPBROADCASTQ space<>(SB), Y12
	VPBROADCASTQ tab<>(SB), Y13
	VPBROADCASTQ letterP<>(SB), Y14
	VPBROADCASTQ zero<>(SB), Y15
	XORQ         R9, R9

block:
	CMPQ    SI, R8
	CMOVQHI R8, SI
	VMOVDQU (SI), Y0
	STOPS(AX)
	GAPS(BX)
	VALUES(DX)
	VMOVDQU 32(SI), Y0
	STOPS(R10)
	GAPS(R11)
	VALUES(R12)
	SHLQ    $32, R10
	SHLQ    $32, R11
	SHLQ    $32, R12
	ORQ     R10, AX
	ORQ     R11, BX
	ORQ     R12, DX
	LEAQ    (R9)(BX*2), R10 // behind a gap
	ANDQ    DX, R10
	ORQ     R10, AX
	MOVQ    AX, (DI)
	MOVQ    BX, R9
	SHRQ    $63, R9
	ADDQ    $64, SI
	ADDQ    $8, DI
	DECQ    CX
	JNZ     block

	VZEROUPPER
	RET
