package parse_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

// shapeConfigs are ways to look at JSON members, as runs and one by one.
var shapeConfigs = []parse.Config{
	{Format: []string{"json"}},
	{Format: []string{"json"}, Fields: []parse.Named{{Name: "a.b", Value: 1}, {Name: "labels.team", Value: "x"}, {Name: "c", Value: true}}},
	{Format: []string{"json"}, Timestamp: parse.Timestamp{Mode: parse.Field, Field: "a.t"}, Trace: parse.Trace{Mode: parse.Field, TraceID: "c.d"}},
	{Format: []string{"json", "json"}},
}

var shapeSeeds = []string{
	`{"a":1}`, `{}`, `{"a":{}}`, `{"a":{"b":1}}`, `{"a":{"b":{"c":1},"d":[]},"e":{"f":{}}}`,
	`{"timestamp":"2026-01-02T03:04:05.000006Z","level":"info","seq":7,"http":{"method":"PUT","path":"/x"},"user_id":"u","host":{"region":"eu","x":{"y":1},"z":2},"n":null,"m":-1.5e3}`,
	`{"x":{"y":{"z":1}},"log":{"level":"warn","a":{"b":1}},"q":1,"log.offset":3}`,
	`{"a":1,"b":{"c":2},"host":{"p":{"q":1}},"d":{"e":3}}`,
	`{"host":{"p":{"q":1},"r":{"s":2}},"service":{"name":"s","k":1},"t":{"u":{"v":{"w":1}}}}`,
	`{"trace":{"id":"` + trace + `"},"span":{"id":"` + span + `","x":1},"labels":{"a":1,"b":{"c":2}},"z":1}`,
	`{"a":{"t":"2026-01-02T03:04:05Z","u":1},"c":{"d":"` + trace + `"}}`,
	`{"n":1,"host":{"region":"r","z":"n"},"event":{"x":1,"k1":2},"log":{"x":{"y":1},"k":"info"},"b":2}`,
	`{"n":1,"service":"1ms","z":{"service":"3ms"}}`,
	`{"message":"{\"a\":1,\"b\":{\"c\":2},\"x\":\"y\"}","x":"z","b":{"c":1},"stream":"out"}`,
	`{"start_time":"2021-05-21T21:58:57.022Z","a":1,"duration":4}`, `{"start_time":"2021-05-21T21:58:57.022Z","time":"2021-05-21T21:58:58Z"}`,
	`{"mdc":{"a":1,"traceId":"` + trace + `","spanId":"` + span + `"},"dd":{"trace_id":"7"},"context":{"x":{"trace_id":"1"},"trace_id":"0x` + trace + `"},"extra":{"b":{"c":1},"d":2},"z":1}`,
	`{"instant":{"epochSecond":1621634337,"nanoOfSecond":22000000},"level":"INFO","error":true,"severity_number":17,"message":"m"}`,
	`{"__REALTIME_TIMESTAMP":"1529506800000001","MESSAGE":"m","PRIORITY":"4","short_message":"s","level":3}`,
	`{"_id":"x","_source":{"a":1},"b":{"_id":2},"c":3,"cloud":"x","error":{"message":"m","code":7},"event":{"duration":12}}`,
	`{ "a" : 1, "b" : { "c" : "\u00e9\"" } , "d":[1,{"e":2}] }`, `{"a":[{"b":1,"b":2}],"c":"\ud800"}`, "{\"a\":\n1}",
}

// FuzzShapes holds lines read along a path that other lines made to the same lines read member by member.
func FuzzShapes(f *testing.F) {
	for _, seed := range shapeSeeds {
		f.Add([]byte(seed), []byte(strings.NewReplacer("1", "22", "a", "A").Replace(seed)))
		f.Add([]byte(seed), []byte(shapeSeeds[5]))
	}
	var quick, slow []*documents
	for _, cfg := range shapeConfigs {
		quick, slow = append(quick, newDocuments(f, cfg)), append(slow, newDocuments(f, cfg))
		slow[len(slow)-1].parser.WithoutShapes()
	}
	variants := []*strings.Replacer{strings.NewReplacer(), strings.NewReplacer("1", "23", "2", "x"), strings.NewReplacer(`"1`, `"`, "1", "{}", "3", `"\"y"`), strings.NewReplacer("}", ",\"k\":4}"),
		strings.NewReplacer(`"z"`, `"name"`, `"k"`, `"level"`, `"x"`, `"id"`, `"k1"`, `"kind"`)}
	var got, want []byte
	f.Fuzz(func(t *testing.T, first, second []byte) {
		quick[0] = newDocuments(t, shapeConfigs[0]) // which has not yet seen all that lines do; the others know more and more
		for _, line := range [][]byte{first, second, first} {
			for _, v := range variants {
				line := []byte(v.Replace(string(line)))
				for i := range quick {
					got, want = quick[i].append(got[:0], line), slow[i].append(want[:0], line)
					if !bytes.Equal(got, want) {
						t.Fatalf("configuration %d, line %s\n got %s\nwant %s", i, line, got, want)
					}
				}
			}
		}
	})
}

// TestShapesForget gives a parser lines that never look the same, and expects it to stay right and small.
func TestShapesForget(t *testing.T) {
	d := newDocuments(t, shapeConfigs[0])
	var doc []byte
	for i := range 5000 {
		line := fmt.Sprintf(`{"a":1,"%s%d":2,"z":{"k%d":3}}`, strings.Repeat("x", i%300), i, i)
		doc = d.append(doc[:0], []byte(line))
		if want := line[1 : len(line)-1]; !strings.Contains(string(doc), want) {
			t.Fatalf("%s became %s", line, doc)
		}
	}
}
