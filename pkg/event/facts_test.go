package event

import (
	"testing"
)

// object appends an object with members that are texts.
func object(ev *Event, name string, members ...string) {
	at := len(ev.Fields)
	ev.Add([]byte(name), []byte("{}"), Object)
	for _, m := range members {
		ev.Add([]byte(m), []byte("x"), Text)
		ev.Fields[len(ev.Fields)-1].Parent = int32(at)
	}
	ev.Fields[at].End = int32(len(ev.Fields))
}

func podFacts() *Facts {
	return NewFacts("checkout", []Fact{
		{"kubernetes.namespace", []byte(`"shop"`)},
		{"kubernetes.pod.name", []byte(`"pod"`)},
		{"kubernetes.labels", []byte(`{"app":"checkout"}`)},
	})
}

// A line's own fields win, whichever way they are written, and no field is there twice or both dotted and nested.
func TestFactsGiveWay(t *testing.T) {
	const namespace, pod, labels = `,"kubernetes.namespace":"shop"`, `,"kubernetes.pod.name":"pod"`, `,"kubernetes.labels":{"app":"checkout"}`
	for _, c := range []struct {
		name string
		line func(*Event)
		want string
	}{
		{"nothing alike", func(ev *Event) { ev.Add([]byte("kubernetesx"), []byte("1"), JSON) }, namespace + pod + labels},
		{"the same name", func(ev *Event) { ev.Add([]byte("kubernetes.namespace"), []byte("mine"), Text) }, pod + labels},
		{"the same name, nested", func(ev *Event) { object(ev, "kubernetes", "namespace") }, pod + labels},
		{"another member of the object", func(ev *Event) { object(ev, "kubernetes", "host") }, namespace + pod + labels},
		{"half dotted, half nested", func(ev *Event) { object(ev, "kubernetes.pod", "name") }, namespace + labels},
		{"a scalar above", func(ev *Event) { ev.Add([]byte("kubernetes"), []byte("1"), JSON) }, ""},
		{"a scalar half way", func(ev *Event) { object(ev, "kubernetes", "pod") }, namespace + labels},
		{"null above", func(ev *Event) { ev.Add([]byte("kubernetes"), []byte("null"), JSON) }, namespace + pod + labels},
		{"below", func(ev *Event) { ev.Add([]byte("kubernetes.labels.app"), []byte("mine"), Text) }, namespace + pod},
		{"below, nested", func(ev *Event) { object(ev, "kubernetes", "labels.app") }, namespace + pod},
		{"removed", func(ev *Event) { ev.Add([]byte("kubernetes"), []byte("1"), JSON); ev.Remove(0) }, namespace + pod + labels},
	} {
		var ev Event
		c.line(&ev)
		if got := string(podFacts().Append(nil, ev.Fields)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := (*Facts)(nil).Append(nil, nil); got != nil || (*Facts)(nil).Lookup([]byte("a")) != nil {
		t.Errorf("nothing known gives %s", got)
	}
}

func TestFactsService(t *testing.T) {
	own := Value{Bytes: []byte("own"), Kind: Text, Set: true}
	for _, c := range []struct {
		ev   Event
		want string
	}{{Event{}, "checkout"}, {Event{Service: own}, "own"}, {Event{Known: HasService}, ""}} {
		podFacts().Describe(&c.ev)
		if got := string(c.ev.Service.Bytes); got != c.want {
			t.Errorf("service %q, want %q", got, c.want)
		}
	}
}

func TestFactsNoAllocations(t *testing.T) {
	facts, dst := podFacts(), make([]byte, 0, 1024)
	var ev Event
	object(&ev, "kubernetes", "host", "namespace")
	ev.Add([]byte("message.that.has.a.very.long.name.with.many.parts"), []byte("1"), JSON)
	if n := testing.AllocsPerRun(100, func() {
		facts.Describe(&ev)
		dst = facts.Append(dst[:0], ev.Fields)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
