package filebeat

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Entries as Filebeat writes them: of a filestream, of one that was deleted, of the inputs log and container, of an input
// that reads no files.
const (
	stream    = `{"k":"filestream::app::native::524337-2049","v":{"ttl":1800000000000,"updated":[823727168,1716602750],"cursor":{"offset":66},"meta":{"source":"/var/log/app.log","identifier_name":"native"}}}`
	further   = `{"k":"filestream::app::native::524337-2049","v":{"cursor":{"offset":132,"eof":true},"meta":{"source":"/var/log/app.log","identifier_name":"native"},"ttl":1800000000000,"updated":[1,2]}}`
	unread    = `{"k":"filestream::app::native::7-2049","v":{"cursor":null,"meta":{"source":"/var/log/new.log","identifier_name":"native"},"ttl":-1,"updated":[1,2]}}`
	print     = `{"k":"filestream::foo::fingerprint::4152bc5a","v":{"cursor":{"offset":9},"meta":{"identifier_name":"fingerprint","source":"/tmp/flog.log"},"ttl":-1,"updated":[1,2]}}`
	logInput  = `{"k":"filebeat::logs::native::33-66306","v":{"id":"native::33-66306","prev_id":"","source":"/var/log/old.log","offset":4096,"timestamp":[2062161,1597403513],"ttl":-1,"type":"log","FileStateOS":{"inode":33,"device":66306},"identifier_name":"native"}}`
	noFile    = `{"k":"journald::journald-input::LOCAL","v":{"cursor":{"position":"s=1;i=2"},"ttl":-1,"updated":[1,2]}}`
	setOne    = `{"op":"set","id":1}`
	removeOne = `{"op":"remove","id":2}`
)

func registry(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestReadRegistry(t *testing.T) {
	app := State{"filestream::app::native::524337-2049", "/var/log/app.log", 524337, 132}
	checkpoint := `[{"_key":"filestream::app::native::524337-2049","cursor":{"offset":66},"meta":{"source":"/var/log/app.log","identifier_name":"native"}},
		{"_key":"filebeat::logs::native::5-1","source":"/gone.log","offset":7,"FileStateOS":{"inode":5,"device":1}}]`
	for _, c := range []struct {
		name, open string
		files      map[string]string
		want       []State
	}{
		{"a log only", "filebeat", map[string]string{"filebeat/log.json": setOne + "\n" + stream + "\n" + setOne + "\n" + further + "\n"}, []State{app}},
		{"all kinds of entries", "", map[string]string{"filebeat/log.json": setOne + "\n" + unread + "\n" + setOne + "\n" + print + "\n" + setOne + "\n" + logInput + "\n" + setOne + "\n" + noFile + "\n"},
			[]State{{"filestream::foo::fingerprint::4152bc5a", "/tmp/flog.log", 0, 9}, {"filebeat::logs::native::33-66306", "/var/log/old.log", 33, 4096}}},
		{"a state, and a log that goes on", "", map[string]string{
			"registry/filebeat/active.dat": "/var/lib/filebeat/registry/filebeat/2048.json\n", "registry/filebeat/2048.json": checkpoint, "registry/filebeat/17.json": "[]",
			"registry/filebeat/log.json": removeOne + "\n" + `{"k":"filebeat::logs::native::5-1"}` + "\n" + setOne + "\n" + further + "\n"}, []State{app}},
		{"a state without active.dat: the greatest number", "", map[string]string{"99.json": "[]", "2048.json": checkpoint},
			[]State{{"filebeat::logs::native::5-1", "/gone.log", 5, 7}, {"filestream::app::native::524337-2049", "/var/log/app.log", 524337, 66}}},
		{"a log that ends in the middle", "", map[string]string{"log.json": setOne + "\n" + further + "\n" + setOne + "\n" + logInput[:60]}, []State{app}},
		{"an empty log", "", map[string]string{"log.json": ""}, nil},
		{"before 7.9", "", map[string]string{"filebeat/data.json": `[{"source":"/a.log","offset":5,"timestamp":"2019-01-01T00:00:00Z","ttl":-1,"type":"log","meta":null,"FileStateOS":{"inode":9,"device":1}}]`},
			[]State{{"0", "/a.log", 9, 5}}},
		{"before 7.0, the file itself", "registry", map[string]string{"registry": `[{"source":"/a.log","offset":5,"FileStateOS":{"inode":9,"device":1}},{"source":"/b.log","offset":0,"FileStateOS":{"inode":8,"device":1}}]`},
			[]State{{"0", "/a.log", 9, 5}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ReadRegistry(filepath.Join(registry(t, c.files), c.open))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestNoRegistry(t *testing.T) {
	dir := registry(t, map[string]string{"note.txt": "x", "text": "no JSON", "broken/active.dat": "5.json", "broken/5.json": "{"})
	for _, path := range []string{"", "none", "text", "broken"} {
		if states, err := ReadRegistry(filepath.Join(dir, path)); err == nil {
			t.Errorf("%q: read %v", path, states)
		}
	}
}

func FuzzReplay(f *testing.F) {
	f.Add([]byte(setOne + "\n" + stream + "\n" + removeOne + "\n" + stream + "\n"))
	f.Add([]byte(setOne + "\n" + logInput + "\n{"))
	f.Add([]byte("\n\n\n"))
	f.Fuzz(func(t *testing.T, log []byte) {
		entries := map[string]jsonText{}
		replay(log, entries)
		for _, s := range states(entries) {
			if s.Path == "" || s.Offset <= 0 {
				t.Errorf("a state of no file or place: %+v", s)
			}
		}
	})
}
