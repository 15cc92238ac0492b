#include "go_asm.h"
#include "textflag.h"

DATA control<>+0(SB)/8, $0x1f1f1f1f1f1f1f1f
GLOBL control<>(SB), RODATA|NOPTR, $8
DATA quote<>+0(SB)/8, $0x2222222222222222
GLOBL quote<>(SB), RODATA|NOPTR, $8
DATA slash<>+0(SB)/8, $0x5c5c5c5c5c5c5c5c
GLOBL slash<>(SB), RODATA|NOPTR, $8

// func memberVectors(dst *byte, room int, e *Event, from, to int32) (written int, next int32)
//
// SI is a field and DX its index, which ends at R13; R12 is the first field of all. DI is where its member goes, R8 where its value does, and
// R9 the last place where both may end. BX and CX are its name and the length of that, R10 and R11 its value. Nothing counts as written
// until DI and DX go on.
TEXT ·memberVectors(SB), NOSPLIT, $0-44
	MOVQ         dst+0(FP), DI
	MOVQ         room+8(FP), R9
	MOVQ         e+16(FP), R12
	MOVLQSX      from+24(FP), DX
	MOVLQSX      to+28(FP), R13
	ADDQ         DI, R9
	MOVQ         Event_Fields(R12), R12
	VPBROADCASTQ control<>(SB), Y8
	VPBROADCASTQ quote<>(SB), Y9
	VPBROADCASTQ slash<>(SB), Y10

find:
	CMPQ  DX, R13
	JGE   done
	IMUL3Q $Field__size, DX, SI
	ADDQ  R12, SI

field:
	CMPB Field_Removed(SI), $0
	JNE  over
	CMPL Field_To(SI), $0
	JNE  stands
	CMPB Field_Kind(SI), $const_Object
	JEQ  done
	MOVQ Field_Name(SI), BX
	MOVQ Field_Name+8(SI), CX
	MOVQ Field_Value(SI), R10
	MOVQ Field_Value+8(SI), R11
	LEAQ 32(R11), AX
	CMPQ AX, Field_Value+16(SI)
	JGT  done
	LEAQ (R11)(CX*1), AX
	ADDQ DI, AX
	CMPQ AX, R9
	JHI  done

	MOVW $0x222c, (DI)      // ,"
	CMPQ CX, $8
	JA   above8
	CMPQ CX, $4
	JB   below4
	MOVL (BX), AX           // the name, by two pieces that overlap
	MOVL -4(BX)(CX*1), R8
	MOVL AX, 2(DI)
	MOVL R8, -2(DI)(CX*1)

named:
	LEAQ 5(DI)(CX*1), R8
	XORL AX, AX
	CMPB Field_Kind(SI), $const_Text
	JNE  json
	MOVL $0x223a22, -3(R8)  // ":"

text:
	VMOVDQU   (R10)(AX*1), Y0
	VMOVDQU   Y0, (R8)(AX*1)
	VPMINUB   Y0, Y8, Y1    // itself where it is at most 0x1f
	VPCMPEQB  Y1, Y0, Y1
	VPCMPEQB  Y9, Y0, Y2
	VPCMPEQB  Y10, Y0, Y3
	VPOR      Y2, Y1, Y1
	VPOR      Y3, Y1, Y1
	VPMOVMSKB Y1, BX
	ADDQ      $32, AX
	CMPQ      AX, R11
	JGE       last
	TESTL     BX, BX
	JZ        text
	JMP       done

last:
	SUBQ  R11, AX
	MOVQ  AX, CX
	SHLQ  CX, BX            // out goes what stands behind the value
	TESTL BX, BX
	JNZ   done
	MOVB  $0x22, (R8)(R11*1)
	LEAQ  1(R8)(R11*1), DI

next:
	ADDQ $Field__size, SI
	INCQ DX
	CMPQ DX, R13
	JLT  field

done:
	SUBQ dst+0(FP), DI
	MOVQ DI, written+32(FP)
	MOVL DX, next+40(FP)
	VZEROUPPER
	RET

over:
	MOVLQSX Field_End(SI), DX
	JMP     find

	// What stands in the line: R10 is where it begins, R11 its length. R8 is the first field of it.
stands:
	CMPB    Field_Changed(SI), $0
	JNE     done
	MOVQ    DX, R8
	MOVLQSX Field_From(SI), R10
	MOVLQSX Field_To(SI), R11

join:
	MOVLQSX Field_End(SI), DX
	CMPQ    DX, R13
	JGE     copy
	IMUL3Q  $Field__size, DX, SI
	ADDQ    R12, SI
	CMPB    Field_Removed(SI), $0
	JNE     copy
	CMPB    Field_Changed(SI), $0
	JNE     copy
	CMPB    Field_Apart(SI), $0
	JNE     copy
	MOVLQSX Field_To(SI), AX
	TESTQ   AX, AX
	JZ      copy
	MOVQ    AX, R11
	JMP     join

copy:
	MOVQ e+16(FP), BX
	LEAQ 32(R11), AX
	CMPQ AX, Event_Line+16(BX)
	JGT  back
	SUBQ R10, R11
	ADDQ Event_Line(BX), R10
	LEAQ (DI)(R11*1), AX
	CMPQ AX, R9
	JHI  back
	MOVB $0x2c, (DI)
	INCQ DI
	XORL AX, AX

piece:
	VMOVDQU (R10)(AX*1), Y0
	VMOVDQU Y0, (DI)(AX*1)
	ADDQ    $32, AX
	CMPQ    AX, R11
	JLT     piece
	ADDQ    R11, DI
	CMPQ    DX, R13
	JLT     field
	JMP     done

back:
	MOVQ R8, DX
	JMP  done

json:
	DECQ R8
	MOVW $0x3a22, -2(R8)    // ":

part:
	VMOVDQU (R10)(AX*1), Y0
	VMOVDQU Y0, (R8)(AX*1)
	ADDQ    $32, AX
	CMPQ    AX, R11
	JLT     part
	LEAQ    (R8)(R11*1), DI
	JMP     next

above8:
	CMPQ CX, $16
	JA   above16
	MOVQ (BX), AX
	MOVQ -8(BX)(CX*1), R8
	MOVQ AX, 2(DI)
	MOVQ R8, -6(DI)(CX*1)
	JMP  named

above16:
	CMPQ    CX, $32
	JA      done
	VMOVDQU (BX), X0
	VMOVDQU -16(BX)(CX*1), X1
	VMOVDQU X0, 2(DI)
	VMOVDQU X1, -14(DI)(CX*1)
	JMP     named

below4:
	CMPQ CX, $2
	JB   below2
	MOVW (BX), AX
	MOVW -2(BX)(CX*1), R8
	MOVW AX, 2(DI)
	MOVW R8, (DI)(CX*1)
	JMP  named

below2:
	TESTQ CX, CX
	JZ    named
	MOVB  (BX), AX
	MOVB  AX, 2(DI)
	JMP   named
