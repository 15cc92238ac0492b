#include "go_asm.h"
#include "textflag.h"

DATA halves<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL halves<>(SB), RODATA|NOPTR, $8

// OUTSIDE sets the bits of BX for those of the 32 bytes at SI+at that are not in the set whose low is in Y0 and whose high is in Y1.
#define OUTSIDE(at) \
	VMOVDQU   (SI)(at*1), Y2 \
	VPSRLW    $4, Y2, Y3     \
	VPAND     Y4, Y3, Y3     \
	VPSHUFB   Y2, Y0, Y2     \
	VPSHUFB   Y3, Y1, Y3     \
	VPAND     Y3, Y2, Y2     \
	VPCMPEQB  Y3, Y2, Y2     \
	VPMOVMSKB Y2, BX

// GUESS has the processor go on with the number of bytes that there were before, while it finds out whether they are as many: where the
// next piece begins need not wait for that.
#define GUESS \
	CMPQ BX, piece_guess(R9) \
	JNE  miss                \
	MOVQ piece_guess(R9), BX

// FINISH does the rest of a piece with BX bytes of the set at R8, and goes to the next one unless that is counted or none.
#define FINISH \
	MOVQ  piece_from(R9), CX              \
	MOVQ  piece_to(R9), DX                \
	MOVQ  R8, (DI)(CX*8)                  \
	ADDQ  BX, R8                          \
	MOVQ  R8, (DI)(DX*8)                  \
	MOVQ  (SI)(R8*1), AX                  \
	XORQ  piece_word(R9), AX              \
	TESTQ AX, piece_mask(R9)              \
	JNE   back                            \
	ADDQ  piece_size(R9), R8              \
	CMPQ  R8, R10                         \
	JGT   back                            \
	ADDQ  $piece__size, R9                \
	CMPB  piece_kind(R9), $const_pieceSet \
	JCS   until                           \
	JEQ   set

// func passAVX2(run []piece, in []byte, p int, caps []int) (passed, at int)
//
// SI is the text, R8 the position in it, R9 the piece, DI the positions of groups. R10 is the end of the text, or before that the last
// position from which a piece may be read without a look at what is there: 32 bytes of a set and 8 of the text behind it. That R8 is
// not behind it is seen to between two pieces.
TEXT ·passAVX2(SB), NOSPLIT, $0-96
	MOVQ         run_base+0(FP), R9
	MOVQ         in_base+24(FP), SI
	MOVQ         in_len+32(FP), R10
	MOVQ         in_cap+40(FP), AX
	MOVQ         p+48(FP), R8
	MOVQ         caps_base+56(FP), DI
	SUBQ         $(const_maxPieceSet+const_maxPieceText), AX
	CMPQ         AX, R10
	CMOVQLT      AX, R10
	CMPQ         R8, R10
	JGT          stop
	VPBROADCASTQ halves<>(SB), Y4
	CMPB         piece_kind(R9), $const_pieceSet
	JEQ          set
	JCC          count

until:
	VPBROADCASTB piece_until(R9), Y0
	VPCMPEQB     (SI)(R8*1), Y0, Y1
	VPMOVMSKB    Y1, BX
	TZCNTL       BX, BX
	JCS          farUntil

guess:
	GUESS

finish:
	FINISH

count:
	CMPB           piece_kind(R9), $const_pieceEnd
	JEQ            stop
	VBROADCASTI128 piece_low(R9), Y0
	VBROADCASTI128 piece_high(R9), Y1
	OUTSIDE(R8)
	ORQ            piece_limit(R9), BX
	TZCNTQ         BX, BX
	JCS            farSet
	CMPQ           BX, piece_min(R9)
	JLT            stop
	JMP            guess

set:
	VBROADCASTI128 piece_low(R9), Y0
	VBROADCASTI128 piece_high(R9), Y1
	OUTSIDE(R8)
	TZCNTL         BX, BX
	JCS            farSet
	GUESS
	FINISH
	JMP            count

	// The set goes on behind 32 bytes.
farUntil:
	MOVQ R8, AX

nextUntil:
	ADDQ      $32, AX
	CMPQ      AX, R10
	JGT       stop
	VPCMPEQB  (SI)(AX*1), Y0, Y1
	VPMOVMSKB Y1, BX
	TESTL     BX, BX
	JEQ       nextUntil
	JMP       far

farSet:
	MOVQ R8, AX

nextSet:
	ADDQ  $32, AX
	CMPQ  AX, R10
	JGT   stop
	OUTSIDE(AX)
	TESTL BX, BX
	JEQ   nextSet

far:
	TZCNTL BX, BX
	ADDQ   AX, BX
	SUBQ   R8, BX
	JMP    guess

miss:
	INCQ piece_misses(R9)
	JLT  finish
	MOVQ BX, piece_guess(R9)
	CMPQ piece_misses(R9), $const_mostMisses
	JLT  finish
	MOVQ $-1, piece_guess(R9)
	MOVQ $-const_guessless, piece_misses(R9)
	JMP  finish

back:
	MOVQ (DI)(CX*8), R8 // where the piece began

stop:
	MOVQ piece_index(R9), AX
	MOVQ AX, passed+80(FP)
	MOVQ R8, at+88(FP)
	VZEROUPPER
	RET
