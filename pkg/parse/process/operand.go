package process

import (
	"bytes"
	"cmp"
	"strconv"

	"github.com/tailspan/tailspan/pkg/event"
)

// operandKind says what an operand is.
type operandKind uint8

const (
	nilOperand operandKind = iota
	textOperand
	numberOperand
	boolOperand
	otherOperand // a list or an object
)

// operand is a value as conditions compare it.
type operand struct {
	kind    operandKind
	text    []byte // of a textOperand; of an otherOperand its JSON, or nil
	integer int64
	whole   bool // integer is the number
	number  float64
	truth   bool
}

// maxNumber is longer than any number that anybody compares.
const maxNumber = 32

// readNumber reads a JSON number.
func readNumber(b []byte) (o operand, ok bool) {
	if len(b) == 0 || len(b) > maxNumber || b[len(b)-1] < '0' || b[len(b)-1] > '9' {
		return o, false
	}
	digits := b
	if digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) == 0 || digits[0] < '0' || digits[0] > '9' || len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		return o, false
	}
	integral := len(digits) < 19
	for _, c := range digits {
		if c >= '0' && c <= '9' {
			continue
		}
		if c != '.' && c|0x20 != 'e' && c != '+' && c != '-' {
			return o, false
		}
		integral = false
	}
	o.kind = numberOperand
	if integral {
		n, err := strconv.ParseInt(string(b), 10, 64)
		o.integer, o.whole, o.number = n, true, float64(n)
		return o, err == nil
	}
	n, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return o, false
	}
	o.number = n
	return o, true
}

// operandOf is what a field is to a comparison. It is valid until the next call of textOf.
func (c *Chain) operandOf(v event.Value) operand {
	if absent(v) {
		return operand{}
	}
	if t, ok := c.textOf(v); ok {
		return operand{kind: textOperand, text: t}
	}
	if v.Kind == event.Object {
		return operand{kind: otherOperand}
	}
	switch v.Bytes[0] {
	case 't', 'f':
		return operand{kind: boolOperand, truth: v.Bytes[0] == 't'}
	case '[', '{':
		return operand{kind: otherOperand, text: v.Bytes}
	}
	if o, ok := readNumber(v.Bytes); ok {
		return o
	}
	return operand{kind: otherOperand}
}

// meet gives the two the same kind when one of them is a text that says what the other is.
func meet(a, b operand) (operand, operand) {
	if a.kind == textOperand && b.kind != textOperand {
		return a.as(b.kind), b
	}
	if b.kind == textOperand && a.kind != textOperand {
		return a, b.as(a.kind)
	}
	return a, b
}

func (o operand) as(kind operandKind) operand {
	switch kind {
	case numberOperand:
		if n, ok := readNumber(o.text); ok {
			return n
		}
	case boolOperand:
		switch string(o.text) {
		case "true":
			return operand{kind: boolOperand, truth: true}
		case "false":
			return operand{kind: boolOperand}
		}
	}
	return o
}

func equal(a, b operand) bool {
	if a, b = meet(a, b); a.kind != b.kind {
		return false
	}
	switch a.kind {
	case nilOperand:
		return true
	case textOperand:
		return bytes.Equal(a.text, b.text)
	case numberOperand:
		return compareNumbers(a, b) == 0
	case boolOperand:
		return a.truth == b.truth
	}
	return false
}

// compare orders two operands; ok is false when they have no order.
func compare(a, b operand) (order int, ok bool) {
	if a, b = meet(a, b); a.kind != b.kind {
		return 0, false
	}
	switch a.kind {
	case textOperand:
		return bytes.Compare(a.text, b.text), true
	case numberOperand:
		return compareNumbers(a, b), true
	}
	return 0, false
}

func compareNumbers(a, b operand) int {
	if a.whole && b.whole {
		return cmp.Compare(a.integer, b.integer)
	}
	return cmp.Compare(a.number, b.number)
}

// operator is one that compares.
type operator uint8

const (
	isEqual operator = iota
	isDifferent
	isLess
	isLessOrEqual
	isMore
	isMoreOrEqual
	hasPart
	hasPrefix
	hasSuffix
)

var operators = map[string]operator{"==": isEqual, "!=": isDifferent, "<": isLess, "<=": isLessOrEqual, ">": isMore, ">=": isMoreOrEqual,
	"contains": hasPart, "startsWith": hasPrefix, "endsWith": hasSuffix}

func (op operator) holds(a, b operand) bool {
	switch {
	case op == isEqual:
		return equal(a, b)
	case op == isDifferent:
		return !equal(a, b)
	case op >= hasPart:
		return a.kind == textOperand && b.kind == textOperand && op.holdsTexts(a.text, b.text)
	}
	order, ok := compare(a, b)
	return ok && op.holdsOrder(order)
}

func (op operator) holdsTexts(a, b []byte) bool {
	switch op {
	case isEqual:
		return bytes.Equal(a, b)
	case isDifferent:
		return !bytes.Equal(a, b)
	case hasPart:
		return bytes.Contains(a, b)
	case hasPrefix:
		return bytes.HasPrefix(a, b)
	case hasSuffix:
		return bytes.HasSuffix(a, b)
	}
	return op.holdsOrder(bytes.Compare(a, b))
}

func (op operator) holdsOrder(order int) bool {
	switch op {
	case isLess:
		return order < 0
	case isLessOrEqual:
		return order <= 0
	case isMore:
		return order > 0
	}
	return order >= 0
}
