package template

import "testing"

func TestMatch(t *testing.T) {
	m := New(Options{})
	a := m.Match([]byte("user anna logged in from 10.1.2.3"))
	b := m.Match([]byte("user bert logged in from 10.1.2.4"))
	if a == nil || a != b || a.Count() != 2 || a.Text() != "user <*> logged in from <num>" || len(a.ID()) != 16 {
		t.Fatalf("%+v, %+v", a, b)
	}
	if c := m.Match([]byte("disk full")); c == nil || c == a {
		t.Errorf("%+v", c)
	}
	if m.Match([]byte(" ")) != nil {
		t.Error("a message without words has a template")
	}
}
