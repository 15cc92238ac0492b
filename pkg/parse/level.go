package parse

// The levels as they stand in documents.
var (
	levelTrace = []byte("trace")
	levelDebug = []byte("debug")
	levelInfo  = []byte("info")
	levelWarn  = []byte("warn")
	levelError = []byte("error")
	levelFatal = []byte("fatal")
)

// levels holds every level word in lower case; log.level keeps the word that the line has.
var levels = func() map[string][]byte {
	words := map[string][]byte{}
	for _, word := range []string{
		"trace", "verbose", "finest", "finer", "fine", "debug", "debug1", "debug2", "debug3", "debug4", "debug5",
		"config", "log", "info", "information", "informational", "notice", "note", "warning", "warn", "error", "err",
		"eror", "severe", "failure", "critical", "crit", "alert", "emergency", "emerg", "panic", "dpanic", "fatal",
	} {
		words[word] = []byte(word)
	}
	for short, word := range map[string][]byte{ // of three and four letters: zerolog's, Serilog's, log15's, Microsoft's
		"vrb": words["verbose"], "trc": levelTrace, "dbg": levelDebug, "inf": levelInfo, "wrn": levelWarn, "ftl": levelFatal,
		"pnc": words["panic"], "trce": levelTrace, "dbug": levelDebug, "fatl": levelFatal,
	} {
		words[short] = word
	}
	for letter, word := range map[string][]byte{
		"t": levelTrace, "v": words["verbose"], "d": levelDebug, "i": levelInfo, "n": words["notice"], "w": levelWarn,
		"e": levelError, "c": words["critical"], "f": levelFatal,
	} {
		words[letter] = word
	}
	return words
}()

// longestLevel is the length of "informational".
const longestLevel = len("informational")

// levelTable has each of levels at its levelHash, which no two of them share.
var levelTable = func() (table [256]struct {
	word  string
	level []byte
}) {
	for word, level := range levels {
		known := &table[levelHash(word[0], word[len(word)-1], len(word))]
		if known.level != nil {
			panic("parse: the levels " + word + " and " + known.word + " have one hash")
		}
		known.word, known.level = word, level
	}
	return table
}()

// levelHash was found by trying.
func levelHash(first, last byte, size int) uint8 { return 4*first + 7*last + 9*uint8(size) }

// levelOf is the level that a word stands for, in lower case, as a slice nobody may change; nil when it is none.
func levelOf(text []byte) []byte {
	text = trimBlanks(text)
	if len(text) == 0 || len(text) > longestLevel {
		return nil
	}
	known := &levelTable[levelHash(lower(text[0]), lower(text[len(text)-1]), len(text))]
	if len(known.word) != len(text) {
		return nil
	}
	for i, c := range text {
		if known.word[i] != lower(c) {
			return nil
		}
	}
	return known.level
}

// levelMemo is levelOf for a service, which writes the same few words again and again: they are remembered by length and first
// letter.
type levelMemo [64]struct {
	word  [longestLevel]byte
	size  uint8
	level []byte // of the word; nil when there has been none
}

func (m *levelMemo) of(text []byte) []byte {
	if len(text) == 0 || len(text) > longestLevel {
		return levelOf(text)
	}
	known := &m[(int(text[0])*5+len(text))%len(m)]
	if string(known.word[:known.size]) == string(text) {
		return known.level
	}
	level := levelOf(text)
	if level != nil {
		known.size, known.level = uint8(copy(known.word[:], text)), level
	}
	return level
}

// pinoLevel is the level of a number as bunyan and pino write it: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal.
func pinoLevel(number []byte) []byte {
	if len(number) != 2 || number[1] != '0' {
		return nil
	}
	switch number[0] {
	case '1':
		return levelTrace
	case '2':
		return levelDebug
	case '3':
		return levelInfo
	case '4':
		return levelWarn
	case '5':
		return levelError
	case '6':
		return levelFatal
	}
	return nil
}
