package elastic

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

const kibanaStatus = `{"name":"k","uuid":"1","version":{"number":"8.19.0"},"status":{"overall":{"level":"available"}}}`

// playedKibana plays the API that imports saved objects.
type playedKibana struct {
	t        *testing.T
	status   string // the answer to the question how it is
	code     int    // of the answer to an import; 0: 200
	answer   string // to an import; empty: all of it is taken in
	there    bool   // the objects were imported before
	imported []string
}

func (k *playedKibana) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if user, password, _ := r.BasicAuth(); user != "elastic" || password != "right" {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprint(w, `{"statusCode":401,"error":"Unauthorized","message":"[security_exception] unable to authenticate user"}`)
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /s/team/api/status":
		_, _ = fmt.Fprint(w, k.status)
		return
	case "POST /s/team/api/saved_objects/_import":
	default:
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprint(w, `{"statusCode":404,"error":"Not Found","message":"Not Found"}`)
		return
	}
	file, header, err := r.FormFile("file")
	if err != nil || r.Header.Get("kbn-xsrf") == "" || !strings.HasSuffix(header.Filename, ".ndjson") {
		k.t.Errorf("no import: %v, %v", err, r.Header)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	text, err := io.ReadAll(file)
	if err != nil {
		k.t.Error(err)
	}
	lines := bytes.Count(text, []byte("\n"))
	overwrite := r.URL.Query().Get("overwrite")
	k.imported = append(k.imported, fmt.Sprintf("%d overwrite=%s", lines, overwrite))
	switch {
	case k.code != 0:
		w.WriteHeader(k.code)
		_, _ = fmt.Fprint(w, k.answer)
	case k.answer != "":
		_, _ = fmt.Fprint(w, k.answer)
	case k.there && overwrite == "false":
		conflicts := strings.Repeat(`{"id":"x","type":"dashboard","title":"x","meta":{},"error":{"type":"conflict"}},`, lines)
		_, _ = fmt.Fprintf(w, `{"successCount":0,"success":false,"warnings":[],"errors":[%s]}`, strings.TrimSuffix(conflicts, ","))
	default:
		k.there = true
		_, _ = fmt.Fprintf(w, `{"successCount":%d,"success":true,"warnings":[],"successResults":[]}`, lines)
	}
}

func newPlayedKibana(t *testing.T) (*playedKibana, Config) {
	k := &playedKibana{t: t, status: kibanaStatus}
	server := httptest.NewServer(k)
	t.Cleanup(server.Close)
	return k, Config{Hosts: []string{"http://127.0.0.1:1"}, Username: "elastic", Password: "right", Kibana: &Kibana{Host: server.URL + "/s/team"}}
}

func setUpKibana(t *testing.T, cfg Config, dryRun, overwrite bool) (told string, err error) {
	t.Helper()
	var lines []string
	err = SetupKibana(t.Context(), cfg, []Target{streamTarget("logs-p-default"), dayTarget(t)}, dryRun, overwrite, func(line string) { lines = append(lines, line) })
	return strings.ReplaceAll(strings.Join(lines, "\n"), cfgHost(cfg), "HOST"), err
}

func cfgHost(cfg Config) string {
	if cfg.Kibana == nil {
		return "no host"
	}
	return cfg.Kibana.Host
}

// TestKibanaImport: what is sent, and that what is there stays as it is unless it is to be written over.
func TestKibanaImport(t *testing.T) {
	k, cfg := newPlayedKibana(t)
	text, err := KibanaObjects(cfg, []Target{streamTarget("logs-p-default"), dayTarget(t)})
	if err != nil || !bytes.Contains(text, []byte(`"title":"logs-*,app-*"`)) {
		t.Fatalf("%.300s %v", text, err)
	}
	n := bytes.Count(text, []byte("\n"))
	for i, c := range []struct {
		dryRun, overwrite bool
		told, sent        string
	}{
		{true, false, fmt.Sprintf("kibana HOST: %d objects would be imported, what is not there yet", n), ""},
		{true, true, fmt.Sprintf("kibana HOST: %d objects would be imported, over what is there", n), ""},
		{false, false, fmt.Sprintf("kibana HOST: %d objects imported", n), fmt.Sprintf("%d overwrite=false", n)},
		{false, false, fmt.Sprintf("kibana HOST: %d objects are there already and left alone; setup --overwrite writes over them", n), fmt.Sprintf("%d overwrite=false", n)},
		{false, true, fmt.Sprintf("kibana HOST: %d objects imported", n), fmt.Sprintf("%d overwrite=true", n)},
	} {
		k.imported = nil
		told, err := setUpKibana(t, cfg, c.dryRun, c.overwrite)
		if err != nil || told != c.told || strings.Join(k.imported, "") != c.sent {
			t.Errorf("%d: tells %q, sent %q, %v", i, told, k.imported, err)
		}
	}
	cfg.Kibana = nil
	k.imported = nil
	if told, err := setUpKibana(t, cfg, false, false); told != "" || err != nil || len(k.imported) > 0 {
		t.Errorf("without the key: tells %q, %v", told, err)
	}
}

// TestKibanaRefusals: what stands in the way is said in the user's terms.
func TestKibanaRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(k *playedKibana, cfg *Config)
		want   []string
	}{
		{"credentials", func(_ *playedKibana, cfg *Config) { cfg.Password = "wrong" },
			[]string{"it does not take the credentials of output.elasticsearch (HTTP 401 [security_exception] unable to authenticate user)"}},
		{"path", func(_ *playedKibana, cfg *Config) { cfg.Kibana.Host = strings.TrimSuffix(cfg.Kibana.Host, "/s/team") },
			[]string{"is server.basePath or /s/SPACE missing? (HTTP 404 Not Found)"}},
		{"privilege", func(k *playedKibana, _ *Config) {
			k.code, k.answer = 403, `{"statusCode":403,"error":"Forbidden","message":"Unable to bulk_create dashboard"}`
		}, []string{"grant it Saved Objects Management, all, in Kibana's space (HTTP 403 Unable to bulk_create dashboard)"}},
		{"references", func(k *playedKibana, _ *Config) {
			k.answer = `{"success":false,"successCount":0,"errors":[{"id":"tailspan-x","type":"visualization","title":"x","meta":{},"error":{"type":"missing_references","references":[{"type":"index-pattern","id":"tailspan-logs"}]}},` +
				`{"id":"tailspan-y","type":"lens","error":{"type":"unsupported_type"}},{"id":"tailspan-z","type":"search","error":{"type":"unknown","message":"too new","statusCode":422}}]}`
		}, []string{"visualization tailspan-x was not imported: it needs index-pattern tailspan-logs, which is not there",
			"lens tailspan-y was not imported: unsupported_type", "search tailspan-z was not imported: too new"}},
		{"old", func(k *playedKibana, _ *Config) { k.status = strings.Replace(kibanaStatus, "8.19.0", "7.17.9", 1) },
			[]string{"it is version 7.17.9; the objects are for 8.0 and later"}},
		{"another server", func(k *playedKibana, _ *Config) { k.status = modern }, []string{"not as Kibana does"}},
		{"a proxy", func(k *playedKibana, _ *Config) { k.answer = "<html>" }, []string{"says neither that it was done nor why not"}},
		{"nothing", func(k *playedKibana, _ *Config) { k.answer = "{}" }, []string{"says neither that it was done nor why not"}},
		{"an error of its own", func(k *playedKibana, _ *Config) { k.code, k.answer = 500, `<html>` }, []string{"HTTP 500"}},
		{"away", func(_ *playedKibana, cfg *Config) { cfg.Kibana.Host = "http://127.0.0.1:1" }, []string{"cannot be reached"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, cfg := newPlayedKibana(t)
			c.change(k, &cfg)
			_, err := setUpKibana(t, cfg, false, false)
			if err == nil || slices.ContainsFunc(c.want, func(want string) bool { return !strings.Contains(err.Error(), want) }) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}
