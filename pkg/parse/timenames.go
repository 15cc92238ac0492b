package parse

// months and weekdays are the English names that RFC 5322, C's asctime and every logger use, in lower case.
var (
	months = [12]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
		"november", "december"}
	weekdays = [7]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
)

// monthOf is the month of a name, whole or cut to three letters, in any case; 0 when it is none.
func monthOf(word []byte) int {
	if len(word) < 3 {
		return 0
	}
	a, b, c := word[0]|0x20, word[1]|0x20, word[2]|0x20
	month := 0
	switch a {
	case 'j':
		switch {
		case b == 'a':
			month = 1
		case c == 'n':
			month = 6
		default:
			month = 7
		}
	case 'f':
		month = 2
	case 'm':
		month = 5
		if c == 'r' {
			month = 3
		}
	case 'a':
		month = 8
		if b == 'p' {
			month = 4
		}
	case 's':
		month = 9
	case 'o':
		month = 10
	case 'n':
		month = 11
	case 'd':
		month = 12
	default:
		return 0
	}
	if isNameOf(word, months[month-1]) || month == 9 && isNameOf(word, "sept") {
		return month
	}
	return 0
}

// isWeekday reports the name of a day, whole or cut to three letters, in any case, or one of its usual longer cuts.
func isWeekday(word []byte) bool {
	if len(word) < 3 {
		return false
	}
	switch word[0] | 0x20 {
	case 's', 'm', 't', 'w', 'f':
	default:
		return false
	}
	for _, name := range weekdays {
		if isNameOf(word, name) {
			return true
		}
	}
	return isNameOf(word, "tues") || isNameOf(word, "thur") || isNameOf(word, "thurs") || isNameOf(word, "weds")
}

// isNameOf reports whether word is the name, or its first three letters, in any case.
func isNameOf(word []byte, name string) bool {
	if len(word) != len(name) && len(word) != 3 {
		return false
	}
	for i, c := range word {
		if c|0x20 != name[i] {
			return false
		}
	}
	return true
}
