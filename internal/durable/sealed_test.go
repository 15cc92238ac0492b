package durable

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// known is a file as a tailspan before this package wrote it.
const known = `{"tailspan":"checkpoints","version":1}
{"pipeline":"p","path":"/var/log/\u003ca\u003e.log","dev":1,"ino":2,"birth":3,"head":{"len":0,"hash":0},"place":{"at":0,"len":0,"hash":0},"source":18446744073709551615,"generation":0,"offset":10,"seen":1790000000}
{"records":1,"xxhash":11677649374266875727}
`

var header = Header{Tailspan: "checkpoints", Version: 1}

// sealed makes a file of lines of JSON.
func sealed(t testing.TB, h Header, records ...string) []byte {
	t.Helper()
	lines := NewLines(h)
	for _, r := range records {
		lines.Add(json.RawMessage(r))
	}
	data, _, err := lines.Seal()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSeal(t *testing.T) {
	record := strings.Split(known, "\n")[1]
	if got := string(sealed(t, header, record)); got != known {
		t.Errorf("%s\nwant\n%s", got, known)
	}
	var got []string
	hash, err := Unseal([]byte(known), header, func(r *json.RawMessage) error { got = append(got, string(*r)); return nil })
	if err != nil || hash != 11677649374266875727 || !slices.Equal(got, []string{record}) {
		t.Errorf("%d, %v: %s", hash, err, got)
	}
	lines := NewLines(header)
	lines.Add(func() {})
	lines.Add(1)
	if _, _, err := lines.Seal(); err == nil {
		t.Error("what has no JSON was sealed")
	}
}

func TestUnsealRefuses(t *testing.T) {
	whole := sealed(t, header, `1`, `2`)
	body := whole[:bytes.LastIndexByte(whole[:len(whole)-1], '\n')+1]
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "torn or changed"},
		{"zeros", make([]byte, len(whole)), "torn or changed"},
		{"twice", slices.Concat(whole, whole), "torn or changed"},
		{"another seal", slices.Concat(body, []byte("{\"records\":2,\"xxhash\":1}\n")), "torn or changed"},
		{"another version", sealed(t, Header{Tailspan: "checkpoints", Version: 2}), "not checkpoints of version 1"},
		{"another file", sealed(t, Header{Tailspan: "detect", Version: 1}), "not checkpoints of version 1"},
		{"a record too many", bytes.Replace(whole, []byte(`"records":2`), []byte(`"records":1`), 1), "2 records where 1 should be"},
		{"a record of another kind", sealed(t, header, `1`, `"text"`), "line 3: json: cannot unmarshal string"},
	} {
		taken := 0
		_, err := Unseal(c.data, header, func(*int) error { taken++; return nil })
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if taken > 0 && c.name != "a record of another kind" {
			t.Errorf("%s: %d records taken", c.name, taken)
		}
	}
	for i := range whole {
		if _, err := Unseal(whole[:i], header, func(*int) error { return nil }); err == nil {
			t.Errorf("the first %d of %d bytes are taken for a whole file", i, len(whole))
		}
	}
}

func TestCopies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	for _, text := range []string{"first", "second"} {
		if err := Replace(OS{}, path, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	texts := func() (all []string) {
		for c, err := range Copies(OS{}, path) {
			if err != nil {
				t.Error(err)
			}
			all = append(all, string(c.Data))
		}
		return all
	}
	if got := texts(); !slices.Equal(got, []string{"second", "first"}) {
		t.Error(got)
	}
	aside, err := SetAside(OS{}, path)
	if text, _ := os.ReadFile(aside); err != nil || aside != path+Broken || string(text) != "second" {
		t.Error(aside, err)
	}
	if got := texts(); !slices.Equal(got, []string{"first"}) {
		t.Error(got)
	}
}

// FuzzUnseal: no file makes it panic, and what is read is written as it was read.
func FuzzUnseal(f *testing.F) {
	f.Add([]byte(known))
	f.Add(sealed(f, header))
	f.Add([]byte("\n"))
	f.Add([]byte(`{"records":0,"xxhash":17241709254077376921}` + "\n")) // whole, without a header
	f.Fuzz(func(t *testing.T, data []byte) {
		var records []string
		hash, err := Unseal(data, header, func(r *json.RawMessage) error { records = append(records, string(*r)); return nil })
		if err != nil {
			return
		}
		again := sealed(t, header, records...)
		if second, err := Unseal(again, header, func(*json.RawMessage) error { return nil }); err != nil || bytes.Equal(again, data) && second != hash {
			t.Errorf("%v: %s", err, again)
		}
	})
}
