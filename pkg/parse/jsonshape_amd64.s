#include "textflag.h"
#include "go_asm.h"

DATA zeroes<>+0(SB)/8, $0x3030303030303030
DATA zeroes<>+8(SB)/8, $0x3030303030303030
GLOBL zeroes<>(SB), RODATA|NOPTR, $16
DATA nines<>+0(SB)/8, $0x0909090909090909
DATA nines<>+8(SB)/8, $0x0909090909090909
GLOBL nines<>(SB), RODATA|NOPTR, $16

// func hurryVectors(w *walk, line *byte, length, capacity int, marks *byte, ends *int32)
//
// R8 is the step, AX the index in the line and BX the number of the value that are to come; R9 is the line, R10 its length, R11 the last
// index with 64 bytes behind it, R12 the marks, R13 the ends of the values.
TEXT ·hurryVectors(SB), NOSPLIT, $0-48
	MOVQ    w+0(FP), DI
	MOVQ    walk_step(DI), R8
	MOVQ    walk_at(DI), AX
	MOVQ    walk_value(DI), BX
	MOVQ    line+8(FP), R9
	MOVQ    length+16(FP), R10
	MOVQ    capacity+24(FP), R11
	MOVQ    marks+32(FP), R12
	MOVQ    ends+40(FP), R13
	SUBQ    $64, R11
	VMOVDQU zeroes<>(SB), X5
	VMOVDQU nines<>(SB), X6

step:
	TESTQ   R8, R8
	JZ      done
	CMPQ    AX, R11
	JGT     done
	CMPQ    BX, $const_maxValues
	JGE     done
	VMOVDQU (R9)(AX*1), Y0

way:
	VPXOR   step_begin(R8), Y0, Y1
	VPTEST  step_mask(R8), Y1
	JNZ     other
	MOVQ    step_size(R8), SI
	CMPQ    SI, $const_beginLen
	JGT     done
	ADDQ    AX, SI                  // where the value begins
	CMPQ    SI, R10
	JGE     done
	CMPB    (R9)(SI*1), $0x22
	JNE     number
	INCQ    SI
	MOVQ    SI, DX
	MOVQ    SI, CX
	SHRQ    $3, DX
	ANDL    $7, CX
	MOVQ    (R12)(DX*1), DX
	SHRQ    CX, DX
	TESTQ   DX, DX
	JZ      far
	BSFQ    DX, DX
	ADDQ    DX, SI

quote:
	CMPQ    SI, R10
	JGE     done
	CMPB    (R9)(SI*1), $0x22
	JNE     done
	INCQ    SI

next:
	MOVQ    SI, AX
	MOVL    SI, (R13)(BX*4)
	INCQ    BX
	MOVQ    step_next(R8), R8
	JMP     step

other:
	MOVQ    step_alt(R8), DX
	TESTQ   DX, DX
	JZ      done
	MOVQ    DX, R8
	JMP     way

far:
	ANDQ    $~7, SI

farther:
	ADDQ    $64, SI
	MOVQ    SI, DX
	SHRQ    $3, DX
	MOVQ    (R12)(DX*1), DX
	TESTQ   DX, DX
	JZ      farther
	BSFQ    DX, DX
	ADDQ    DX, SI
	JMP     quote

number:
	VMOVDQU   (R9)(SI*1), X1
	VPSUBB    X5, X1, X1
	VPMINUB   X6, X1, X2
	VPCMPEQB  X1, X2, X2
	VPMOVMSKB X2, DX
	NOTL      DX                    // a bit for each of 16 bytes that is no digit, and those above
	BSFL      DX, CX
	JZ        done
	TESTL     CX, CX
	JZ        done
	CMPL      CX, $1
	JEQ       point
	CMPB      (R9)(SI*1), $0x30     // a zero before other digits
	JEQ       done

point:
	LEAQ    (SI)(CX*1), DI          // behind the digits
	CMPB    (R9)(DI*1), $0x2e
	JNE     whole
	SHRL    CX, DX
	SHRL    $1, DX
	BSFL    DX, CX
	TESTL   CX, CX
	JZ      done
	LEAQ    1(DI)(CX*1), DI

whole:
	MOVQ    DI, CX
	SUBQ    SI, CX
	CMPQ    CX, $16
	JGE     done
	CMPQ    DI, R10
	JGT     done
	MOVBLZX (R9)(DI*1), CX
	ORL     $0x20, CX
	CMPL    CX, $0x65
	JEQ     done
	MOVQ    DI, SI
	JMP     next

done:
	MOVQ    w+0(FP), DI
	MOVQ    R8, walk_step(DI)
	MOVQ    AX, walk_at(DI)
	MOVQ    BX, walk_value(DI)
	VZEROUPPER
	RET
