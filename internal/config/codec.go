package config

import (
	"bytes"
	"errors"
	"reflect"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"
)

const (
	rootKey  = "config" // the one key of viper's tree, below which ours stands
	keyDelim = "\x00"   // no YAML text holds it
)

// codec is viper's decoder for one file. It gathers the mistakes that leave the rest of the file readable, so that they
// are reported together with those found later; Decode's own error is for a file that is no YAML at all.
type codec struct {
	root     reflect.Type // the struct whose tags are the keys
	problems *problems
}

// Decoder makes the codec its own registry.
func (c *codec) Decoder(string) (viper.Decoder, error) { return c, nil }

// Decode parses the file and puts its values below the root key.
func (c *codec) Decode(data []byte, into map[string]any) error {
	top, err := parseYAML(data)
	if err != nil {
		return err
	}
	w := &walker{problems: c.problems, lines: c.problems.src.lines, dir: folder(c.problems.src.file)}
	if tree := w.value(top, c.root, ""); tree != nil {
		into[rootKey] = tree
	}
	return nil
}

// read lays the file's values over what stands in the struct that into points to. The problems are those that leave it
// usable for further checks; the error is for a file of which nothing can be read.
func read(file string, data []byte, into any) (*problems, error) {
	p := &problems{src: &source{file: file, lines: map[string]int{}}}
	c := &codec{root: reflect.TypeOf(into).Elem(), problems: p}
	v := viper.NewWithOptions(viper.KeyDelimiter(keyDelim), viper.WithDecoderRegistry(c))
	v.SetConfigType("yaml")
	if err := v.ReadConfig(bytes.NewReader(data)); err != nil {
		p.addSyntax(err)
		return nil, p.err()
	}
	if !v.IsSet(rootKey) {
		return nil, p.err()
	}
	p.addDecode(v.UnmarshalKey(rootKey, into, decoding))
	return p, nil
}

// addSyntax adds the error of a file that is not YAML.
func (p *problems) addSyntax(err error) {
	var syntax *syntaxError
	if errors.As(err, &syntax) {
		p.addAt(syntax.line, "", syntax.msg)
		return
	}
	p.addf("", "cannot be read: %v", err)
}

// addDecode adds every error of mapstructure, at the key that has it.
func (p *problems) addDecode(err error) {
	switch err := err.(type) {
	case nil:
	case *mapstructure.DecodeError:
		p.addf(err.Name(), "%s", meaning(err))
	case interface{ Unwrap() []error }:
		for _, one := range err.Unwrap() {
			p.addDecode(one)
		}
	case interface{ Unwrap() error }:
		p.addDecode(err.Unwrap())
	default:
		p.addf("", "cannot be read: %v", err)
	}
}

// meaning is what our hooks said; what mapstructure says itself is about Go's types and helps nobody.
func meaning(err error) string {
	var value *valueError
	if errors.As(err, &value) {
		return value.msg
	}
	return "has a value of the wrong kind"
}
