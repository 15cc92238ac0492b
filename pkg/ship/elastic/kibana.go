package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/tailspan/tailspan/pkg/ship/elastic/kibana"
)

// Kibana is where setup brings the objects of package kibana. Credentials and TLS are those of Elasticsearch.
type Kibana struct {
	Host     string `mapstructure:"host"`      // URL, required; with /s/NAME behind it for a space
	TraceURL string `mapstructure:"trace_url"` // where the id of a trace leads, with %{trace.id} for it; default: its lines in Discover
}

// KibanaObjects are the saved objects for the targets, as Kibana imports them from a file. No server is asked.
func KibanaObjects(cfg Config, targets []Target) ([]byte, error) {
	o := kibana.Options{Indices: dataViewIndices(targets)}
	if cfg.Kibana != nil {
		o.TraceURL = cfg.Kibana.TraceURL
	}
	return kibana.NDJSON(o)
}

// dataViewIndices are all logs, and what the targets have that is not called so.
func dataViewIndices(targets []Target) string {
	const logs = "logs-"
	all := []string{logs + "*"}
	seen := map[string]bool{}
	for _, t := range everyTarget(targets) {
		if pattern := t.Index.Pattern(); !strings.HasPrefix(pattern, logs) && !seen[pattern] {
			seen[pattern] = true
			all = append(all, pattern)
		}
	}
	return strings.Join(all, ",")
}

// SetupKibana imports the saved objects into the Kibana that cfg names, and tells what became of them; without one it does nothing.
// Objects that are there already stay as they are, unless overwrite is set: people change dashboards. With dryRun it only asks
// whether Kibana is there.
func SetupKibana(ctx context.Context, cfg Config, targets []Target, dryRun, overwrite bool, tell func(line string)) error {
	if cfg.Kibana == nil {
		return nil
	}
	objects, err := KibanaObjects(cfg, targets)
	if err != nil {
		return err
	}
	cfg.Hosts, cfg.CloudID = []string{cfg.Kibana.Host}, ""
	k := &importer{cfg: cfg}
	if k.transport, err = newTransport(cfg); err != nil {
		return err
	}
	if err := k.version(ctx); err != nil {
		return err
	}
	if dryRun {
		what := "what is not there yet"
		if overwrite {
			what = "over what is there"
		}
		tell(fmt.Sprintf("kibana %s: %d objects would be imported, %s", cfg.Kibana.Host, bytes.Count(objects, []byte("\n")), what))
		return nil
	}
	return k.send(ctx, objects, overwrite, tell)
}

// importer speaks with one Kibana.
type importer struct {
	cfg       Config
	transport esapi.Transport
}

// version wants a Kibana that takes the objects.
func (k *importer) version(ctx context.Context) error {
	answer, err := k.do(ctx, http.MethodGet, "/api/status", "", nil)
	if err != nil {
		return err
	}
	var status struct {
		Version struct {
			Number string `json:"number"`
		} `json:"version"`
		Status json.RawMessage `json:"status"`
	}
	if json.Unmarshal(answer, &status) != nil || status.Status == nil {
		return errors.New("it answers, but not as Kibana does; is this its address, and is a path missing?")
	}
	if number := status.Version.Number; number != "" && before(number, kibana.MinMajor, 0) {
		return fmt.Errorf("it is version %s; the objects are for %d.0 and later", number, kibana.MinMajor)
	}
	return nil
}

// imported is Kibana's answer to an import.
type imported struct {
	Success bool         `json:"success"`
	Count   int          `json:"successCount"`
	Errors  []notTakenIn `json:"errors"`
}

// notTakenIn is an object that was not imported, and why.
type notTakenIn struct {
	ID    string `json:"id"`
	Type  string `json:"type"`
	Error struct {
		Type       string             `json:"type"`
		Message    string             `json:"message"`
		References []kibana.Reference `json:"references"`
	} `json:"error"`
}

func (k *importer) send(ctx context.Context, objects []byte, overwrite bool, tell func(line string)) error {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	file, err := w.CreateFormFile("file", "tailspan.ndjson")
	if err == nil {
		_, err = file.Write(objects)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	text, err := k.do(ctx, http.MethodPost, "/api/saved_objects/_import?overwrite="+strconv.FormatBool(overwrite), w.FormDataContentType(), form.Bytes())
	if err != nil {
		return err
	}
	var answer imported
	if err := json.Unmarshal(text, &answer); err != nil || !answer.Success && len(answer.Errors) == 0 {
		return errors.New("its answer to the import says neither that it was done nor why not; is this the address of Kibana?")
	}
	return k.report(answer, tell)
}

// report tells what became of the objects.
func (k *importer) report(answer imported, tell func(line string)) error {
	there := 0
	var problems []error
	for _, e := range answer.Errors {
		switch {
		case e.Error.Type == "conflict":
			there++
		case e.Error.Type == "missing_references":
			for _, r := range e.Error.References {
				problems = append(problems, fmt.Errorf("%s %s was not imported: it needs %s %s, which is not there", e.Type, e.ID, r.Type, r.ID))
			}
		case e.Error.Message != "":
			problems = append(problems, fmt.Errorf("%s %s was not imported: %s", e.Type, e.ID, e.Error.Message))
		default:
			problems = append(problems, fmt.Errorf("%s %s was not imported: %s", e.Type, e.ID, e.Error.Type))
		}
	}
	if answer.Count > 0 {
		tell(fmt.Sprintf("kibana %s: %d objects imported", k.cfg.Kibana.Host, answer.Count))
	}
	if there > 0 {
		tell(fmt.Sprintf("kibana %s: %d objects are there already and left alone; setup --overwrite writes over them", k.cfg.Kibana.Host, there))
	}
	return errors.Join(problems...)
}

// do sends one request and returns the answer to it, if it is a success.
func (k *importer) do(ctx context.Context, method, path, kind string, content []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, setupTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, path, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("kbn-xsrf", "tailspan") // Kibana refuses changes without it, as they could come from another page
	if content != nil {
		req.Header.Set("Content-Type", kind)
		req.Body, req.ContentLength = newBody(content), int64(len(content))
	}
	res, err := k.transport.Perform(req)
	if err != nil {
		return nil, unreachable(k.cfg, err)
	}
	status, answer, err := drain(&esapi.Response{StatusCode: res.StatusCode, Body: res.Body})
	if err == nil && status != http.StatusOK {
		err = k.refused(status, answer)
	}
	return answer, err
}

// refused says in the user's terms what a refusal means.
func (k *importer) refused(status int, answer []byte) error {
	var said struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(answer, &said) // what is not JSON says nothing
	text := strings.TrimSpace(fmt.Sprintf("HTTP %d %s", status, said.Message))
	switch status {
	case http.StatusUnauthorized:
		return fmt.Errorf("it does not take the credentials of output.elasticsearch (%s)", text)
	case http.StatusForbidden:
		return fmt.Errorf("the account lacks a privilege; grant it Saved Objects Management, all, in Kibana's space (%s)", text)
	case http.StatusNotFound:
		return fmt.Errorf("it answers, but not as Kibana does; is this its address, and is server.basePath or /s/SPACE missing? (%s)", text)
	}
	return errors.New(text)
}
