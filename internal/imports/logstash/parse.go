package logstash

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tailspan/tailspan/internal/imports"
)

// maxDepth bounds how deep braces, brackets and conditions may stand in one another.
const maxDepth = 100

// Parse reads a configuration: sections of plugins and conditions, in the language of Logstash's grammar.rb. Every plugin,
// setting and condition is taken down in the ledger.
func Parse(file, text string, l *imports.Ledger) (sections []Section, err error) {
	p := &parser{text: text, at: imports.Pos{File: file, Line: 1, Col: 1}, ledger: l}
	defer func() {
		switch stop := recover().(type) {
		case nil:
		case *syntaxError:
			sections, err = nil, stop
		default:
			panic(stop)
		}
	}()
	if n := validUpTo(text); n < len(text) {
		p.take(n)
		p.fail("here is a byte that is not UTF-8, which Logstash refuses as well; convert the file, for example with iconv -f latin1 -t utf8")
	}
	for p.blank(); p.text != ""; p.blank() {
		name := p.word("input, filter or output")
		if name != "input" && name != "filter" && name != "output" {
			p.fail("%q is no section; input, filter and output are", name)
		}
		p.want("{")
		sections = append(sections, Section{name, p.body()})
	}
	return sections, nil
}

// validUpTo is how much of the text is UTF-8.
func validUpTo(text string) int {
	for i, r := range text {
		if _, n := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && n == 1 {
			return i
		}
	}
	return len(text)
}

// parser goes through the text. It ends by a panic of *syntaxError, which Parse catches.
type parser struct {
	text   string // what is left
	at     imports.Pos
	depth  int
	ledger *imports.Ledger
}

type syntaxError struct {
	imports.Pos
	msg string
}

func (e *syntaxError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.msg)
}

func (p *parser) fail(format string, args ...any) {
	panic(&syntaxError{p.at, fmt.Sprintf(format, args...)})
}

// take goes on by n bytes and returns them.
func (p *parser) take(n int) string {
	taken := p.text[:n]
	p.text = p.text[n:]
	if lines := strings.Count(taken, "\n"); lines > 0 {
		p.at.Line += lines
		p.at.Col = len(taken) - strings.LastIndexByte(taken, '\n')
	} else {
		p.at.Col += n
	}
	return taken
}

// blank goes over white space and comments.
func (p *parser) blank() {
	for p.text != "" {
		switch p.text[0] {
		case ' ', '\t', '\r', '\n', '\f', '\v':
			p.take(1)
		case '#':
			if n := strings.IndexByte(p.text, '\n'); n >= 0 {
				p.take(n)
			} else {
				p.take(len(p.text))
			}
		default:
			if bom := "\uFEFF"; strings.HasPrefix(p.text, bom) {
				p.take(len(bom))
				continue
			}
			return
		}
	}
}

// next reports whether the token comes next, and goes over it.
func (p *parser) next(token string) bool {
	p.blank()
	if !strings.HasPrefix(p.text, token) {
		return false
	}
	p.take(len(token))
	return true
}

// nextWord is next of a word that must end there.
func (p *parser) nextWord(word string) bool {
	p.blank()
	if !strings.HasPrefix(p.text, word) || len(p.text) > len(word) && wordByte(p.text[len(word)]) {
		return false
	}
	p.take(len(word))
	return true
}

func (p *parser) want(token string) {
	if !p.next(token) {
		p.fail("%q is missing before %s", token, p.ahead())
	}
}

// ahead is what stands here, for an error.
func (p *parser) ahead() string {
	if p.text == "" {
		return "the end of the file"
	}
	line, _, _ := strings.Cut(p.text, "\n")
	if len(line) > 20 {
		line = line[:20] + "…"
	}
	return fmt.Sprintf("%q", strings.ToValidUTF8(line, "\uFFFD"))
}

func wordByte(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// word is a bare word; what says what should stand here.
func (p *parser) word(what string) string {
	p.blank()
	n := 0
	for n < len(p.text) && wordByte(p.text[n]) {
		n++
	}
	if n == 0 {
		p.fail("%s is missing before %s", what, p.ahead())
	}
	return p.take(n)
}

// quoted is a text in quotes, if one comes next. Backslashes stay, as they do in Logstash unless config.support_escapes is on.
func (p *parser) quoted() (text string, ok bool) {
	p.blank()
	if p.text == "" || p.text[0] != '"' && p.text[0] != '\'' {
		return "", false
	}
	quote := p.text[0]
	for i := 1; i < len(p.text); i++ {
		switch p.text[i] {
		case '\\':
			i++
		case quote:
			return p.take(i + 1)[1:i], true
		}
	}
	p.fail("the %c is not closed", quote)
	return "", false
}

// name is a bare word or a text in quotes.
func (p *parser) name(what string) string {
	if text, ok := p.quoted(); ok {
		return text
	}
	return p.word(what)
}

// deeper guards against what stands too deep in one another.
func (p *parser) deeper() func() {
	if p.depth++; p.depth > maxDepth {
		p.fail("stands more than %d deep in braces and brackets", maxDepth)
	}
	return func() { p.depth-- }
}

// body is what stands in the braces of a section or a condition, the closing one included.
func (p *parser) body() []Statement {
	defer p.deeper()()
	var all []Statement
	for !p.next("}") {
		if p.nextWord("if") {
			all = append(all, p.branch())
			continue
		}
		all = append(all, p.plugin())
	}
	return all
}

func (p *parser) plugin() *Plugin {
	p.blank()
	at := p.at
	found := &Plugin{Pos: at, Name: p.name("a plugin or }")}
	p.ledger.See(at, found.Name)
	p.want("{")
	for !p.next("}") {
		p.next(",") // not of the language, but seen
		if p.next("}") {
			break
		}
		found.Settings = append(found.Settings, p.setting(found.Name))
	}
	return found
}

func (p *parser) setting(plugin string) Setting {
	p.blank()
	s := Setting{Pos: p.at, Name: p.name("a setting or }")}
	p.want("=>")
	p.ledger.See(s.Pos, plugin+"."+s.Name)
	s.Value = p.value()
	return s
}

// value is what stands behind =>.
func (p *parser) value() Value {
	defer p.deeper()()
	p.blank()
	v := Value{Pos: p.at}
	switch text, ok := p.quoted(); {
	case ok:
		v.Text = text
	case p.next("["):
		v.kind, v.List = listValue, p.list()
	case p.next("{"):
		v.kind, v.Map = mapValue, p.hash()
	default:
		v.Text = p.bare()
		if p.blank(); strings.HasPrefix(p.text, "{") {
			v.kind, v.Plugin = pluginValue, p.codec(v.Pos, v.Text)
			v.Text = ""
		}
	}
	return v
}

// bare is a bare word, a number or a variable.
func (p *parser) bare() string {
	if end := strings.IndexByte(p.text, '}'); strings.HasPrefix(p.text, "${") && end > 0 && !strings.Contains(p.text[:end], "\n") {
		return p.take(end + 1)
	}
	word := p.word("a value")
	if p.text != "" && p.text[0] == '.' && strings.Trim(word, "-0123456789") == "" {
		return word + p.take(1) + p.word("a digit")
	}
	return word
}

// codec is a plugin that stands as a value; its settings are directives, it itself is part of the setting.
func (p *parser) codec(at imports.Pos, name string) *Plugin {
	p.want("{")
	found := &Plugin{Pos: at, Name: name}
	for !p.next("}") {
		found.Settings = append(found.Settings, p.setting(name))
	}
	return found
}

func (p *parser) list() []Value { return listed(p, p.value) }

// listed reads the items of a list, behind its bracket.
func listed[T any](p *parser, item func() T) (all []T) {
	for !p.next("]") {
		all = append(all, item())
		if !p.next(",") {
			p.want("]")
			break
		}
	}
	return all
}

func (p *parser) hash() (all []Entry) {
	for !p.next("}") {
		key := p.name("a key or }")
		p.want("=>")
		all = append(all, Entry{key, p.value()})
		p.next(",") // not of the language, but seen
	}
	return all
}
