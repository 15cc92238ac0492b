package docker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

const id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// members is what a document gets.
func members(f *event.Facts) string { return string(f.Append(nil, nil)) }

func TestFacts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), id)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	config, log := filepath.Join(dir, "config.v2.json"), filepath.Join(dir, id+"-json.log")
	now := time.Unix(1_800_000_000, 0)
	write := func(text string) {
		t.Helper()
		now = now.Add(again)
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(config, now, now); err != nil {
			t.Fatal(err)
		}
	}
	byPath := `,"container.id":"` + id + `","container.runtime":"docker"`
	var s Source
	if got := members(s.Facts(log, now)); got != byPath {
		t.Errorf("without the file: %s", got)
	}
	write(`{"StreamConfig":{},"State":{"Running":true,"Pid":7},"ID":"` + id + `","Created":"2026-01-01T00:00:00Z","Path":"nginx","Config":{"Hostname":"x","Image":"nginx:1.27",` +
		`"Labels":{"com.docker.compose.service":"web","com.docker":"a\"b","com_docker":"second"}},"Name":"/shop-web-1","LogPath":"x"}`)
	want := byPath + `,"container.name":"shop-web-1","container.image.name":"nginx:1.27","container.labels":{"com_docker":"a\"b","com_docker_compose_service":"web"}`
	if got := members(s.Facts(log, now)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	ev := event.Event{}
	s.Facts(log, now).Describe(&ev)
	if string(ev.Service.Bytes) != "web" {
		t.Errorf("the service is %q", ev.Service.Bytes)
	}
	for _, broken := range []string{"", "{", `{"Name":7}`, strings.Repeat(" ", maxConfig+1) + "{}"} {
		write(broken)
		if got := members(s.Facts(log, now)); got != want {
			t.Errorf("after %.20q: %s", broken, got)
		}
	}
	write(`{"Name":"/other","Config":{"Labels":null}}`)
	if got := members(s.Facts(log+".1", now)); got != byPath+`,"container.name":"other"` {
		t.Errorf("of a rotated log: %s", got)
	}
	before := s.Facts(log, now)
	write(`{"Name":"/third"}`)
	if s.Facts(log, now.Add(-time.Second)) != before {
		t.Error("the file is looked at each time")
	}
	for _, path := range []string{"", "/var/log/app.log", filepath.Join(dir, "other.log"), "/" + id[:12] + "/" + id[:12] + "-json.log"} {
		if s.Facts(path, now) != nil {
			t.Errorf("%s is the log of a container", path)
		}
	}
}
