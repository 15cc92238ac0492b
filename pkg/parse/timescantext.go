package parse

// take reads n digits that are known to be there.
func (s *timeScan) take(n int) int {
	v := 0
	for ; n > 0; n-- {
		v = v*10 + int(s.text[s.i]-'0')
		s.i++
	}
	return v
}

// digits counts the digits at s.i, up to 20.
func (s *timeScan) digits() int {
	n := 0
	for n < 20 && s.i+n < len(s.text) && isDigit(s.text[s.i+n]) {
		n++
	}
	return n
}

// number reads the digits at s.i, of which the caller knows that there are few.
func (s *timeScan) number() int { return s.take(s.digits()) }

// at is the byte i ahead, 0 behind the end.
func (s *timeScan) at(i int) byte {
	if s.i+i < len(s.text) {
		return s.text[s.i+i]
	}
	return 0
}

// next reads one byte if it is c.
func (s *timeScan) next(c byte) bool {
	if s.at(0) != c {
		return false
	}
	s.i++
	return true
}

// skip reads a literal.
func (s *timeScan) skip(literal string) bool {
	if len(s.text)-s.i < len(literal) || string(s.text[s.i:s.i+len(literal)]) != literal {
		return false
	}
	s.i += len(literal)
	return true
}

// blanks skips blanks and tells how many.
func (s *timeScan) blanks() int {
	start := s.i
	for s.i < len(s.text) && isBlank(s.text[s.i]) {
		s.i++
	}
	return s.i - start
}

// wordAt is the run of letters at an index.
func (s *timeScan) wordAt(start int) []byte {
	end := start
	for end < len(s.text) && isLetter(s.text[end]) {
		end++
	}
	return s.text[start:end]
}

// ordinalSuffix skips the st, nd, rd or th of a day.
func (s *timeScan) ordinalSuffix() {
	word := s.wordAt(s.i)
	if len(word) != 2 {
		return
	}
	switch string([]byte{word[0] | 0x20, word[1] | 0x20}) {
	case "st", "nd", "rd", "th":
		s.i += 2
	}
}
