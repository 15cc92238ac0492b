package frame

import (
	"bytes"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"

	"github.com/tailspan/tailspan/internal/confkey"
)

// charset is how the text of a file is written. It belongs to one goroutine.
type charset struct {
	decoder *encoding.Decoder // nil: UTF-8, which stays as it is; what is invalid in it is the parser's to see
	unit    int               // bytes of a code unit: 1, or 2 for UTF-16
	newline []byte            // one code unit
	grows   int               // by how many halves of itself a text may be longer as UTF-8, and then some; 0 for UTF-8
}

// slack is what UTF-8 may be longer than grows says: half a code unit at the end of a file becomes U+FFFD.
const slack = 8

// boms are the byte order marks that are known, and what follows each.
var boms = []struct {
	mark []byte
	make func() *charset
}{
	{[]byte("\xef\xbb\xbf"), utf8Charset},
	{[]byte("\xff\xfe"), func() *charset { return wideCharset(unicode.LittleEndian) }},
	{[]byte("\xfe\xff"), func() *charset { return wideCharset(unicode.BigEndian) }},
}

func utf8Charset() *charset { return &charset{unit: 1, newline: []byte("\n")} }

func wideCharset(order unicode.Endianness) *charset {
	newline := []byte("\n\x00")
	if order == unicode.BigEndian {
		newline = []byte("\x00\n")
	}
	return &charset{decoder: unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder(), unit: 2, newline: newline, grows: 3}
}

// charsetOf finds an encoding by its name.
func charsetOf(name string) (*charset, error) {
	found, err := htmlindex.Get(name)
	if err != nil {
		if found, err = ianaindex.IANA.Encoding(name); err != nil || found == nil {
			return nil, confkey.Errorf("encoding", "%q is not known; write utf-8, utf-16le, utf-16be, windows-1252, shift_jis, gb18030, ibm850 or another name of IANA's", name)
		}
	}
	switch found {
	case unicode.UTF8:
		return utf8Charset(), nil
	case unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM):
		return wideCharset(unicode.LittleEndian), nil
	case unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM):
		return wideCharset(unicode.BigEndian), nil
	}
	// Lines are found before they are decoded, so a line end must be the byte that it is in ASCII: not so in EBCDIC.
	const probe = "\r\nLine 09"
	if text, err := found.NewDecoder().String(probe); err != nil || text != probe {
		return nil, confkey.Errorf("encoding", "%q cannot be read by lines: it does not have ASCII's line end; write an encoding that extends ASCII, or UTF-16", name)
	}
	return &charset{decoder: found.NewDecoder(), unit: 1, newline: []byte("\n"), grows: 6}, nil
}

// index returns where the first newline of b begins, or -1. at is the position of b in its file: code units are counted
// from there.
func (c *charset) index(b []byte, at int64) int {
	if c.unit == 1 {
		return bytes.IndexByte(b, '\n')
	}
	for from := int(at & 1); ; from++ {
		i := bytes.Index(b[min(from, len(b)):], c.newline)
		if i < 0 {
			return -1
		}
		if from += i; (at+int64(from))&1 == 0 {
			return from
		}
	}
}

// lastIndex returns where the last newline of b begins, or -1.
func (c *charset) lastIndex(b []byte, at int64) int {
	if c.unit == 1 {
		return bytes.LastIndexByte(b, '\n')
	}
	for {
		i := bytes.LastIndex(b, c.newline)
		if i < 0 || (at+int64(i))&1 == 0 {
			return i
		}
		b = b[:i+1]
	}
}

// decode writes b, a whole line, to dst, which is large enough, as UTF-8, and returns how much that is. Decoders write
// U+FFFD for what is invalid, and never give up.
func (c *charset) decode(dst, b []byte) int {
	c.decoder.Reset()
	n, _, _ := c.decoder.Transform(dst, b, true)
	return n
}
