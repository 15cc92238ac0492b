package elastic

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"
	"github.com/valyala/fastjson"
)

// probeTimeout is how long one host has for one answer.
const probeTimeout = 10 * time.Second

// Probe asks every host whether it can be reached and lets us do what shipping to the targets needs. It writes nothing. news are
// what is well or does not stop shipping; the error joins what does, each with the key to look at and what to do.
func Probe(ctx context.Context, cfg Config, targets []Target) (news []string, err error) {
	hosts := cfg.Hosts
	if cfg.CloudID != "" {
		hosts = []string{"cloud_id"}
	}
	var errs []error
	for i, host := range hosts {
		one := cfg
		key := "cloud_id"
		if cfg.CloudID == "" {
			one.Hosts, key = []string{host}, fmt.Sprintf("hosts[%d] (%s)", i, host)
		}
		told, err := probeHost(ctx, one, targets)
		for _, text := range told {
			news = append(news, key+": "+text)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", key, err))
		}
	}
	return news, errors.Join(errs...)
}

func probeHost(ctx context.Context, cfg Config, targets []Target) (news []string, err error) {
	transport, err := newTransport(cfg)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	res, err := esapi.ClusterHealthRequest{FilterPath: []string{"cluster_name", "status", "number_of_nodes", "error"}}.Do(ctx, transport)
	if err != nil {
		return nil, unreachable(cfg, err)
	}
	status, answer, err := drain(res)
	if err != nil {
		return nil, err
	}
	switch status {
	case http.StatusOK:
		news = append(news, healthText(answer))
	case http.StatusForbidden:
		news = append(news, "is there; its health is not for us to see (privilege monitor), which shipping does not need")
	default:
		return nil, refused(cfg, status, answer)
	}
	told, err := probeRights(ctx, cfg, transport, targets)
	return append(news, told...), err
}

func healthText(answer []byte) string {
	var health struct {
		Name   string `json:"cluster_name"`
		Status string `json:"status"`
		Nodes  int    `json:"number_of_nodes"`
	}
	if json.Unmarshal(answer, &health) != nil || health.Status == "" {
		return "answers, but not as Elasticsearch does; is this its address?"
	}
	return fmt.Sprintf("cluster %s is %s, nodes: %d", health.Name, health.Status, health.Nodes)
}

// unreachable says in the user's terms why there was no answer.
func unreachable(cfg Config, err error) error {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var dns *net.DNSError
	switch {
	case errors.As(err, &authority):
		return fmt.Errorf("its certificate is signed by an authority that is not trusted; write that authority's certificate to tls.ca, or its fingerprint to tls.fingerprint: %w", err)
	case errors.As(err, &name):
		return fmt.Errorf("its certificate is for another name; write a host that the certificate names, or tls.fingerprint: %w", err)
	case errors.As(err, &invalid):
		return fmt.Errorf("its certificate is not valid, or not now; renew it, or correct the clock: %w", err)
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return fmt.Errorf("it does not speak TLS; write http:// instead of https://: %w", err)
	case cfg.TLS.Cert == "" && strings.Contains(err.Error(), "remote error: tls: "): // an alert has no type that others can name
		return fmt.Errorf("it refuses our side of TLS, and may want a certificate; write tls.cert and tls.key: %w", err)
	case errors.As(err, &dns):
		return fmt.Errorf("nobody knows a machine of this name; correct the host: %w", err)
	case errors.Is(err, io.EOF) && slices.ContainsFunc(cfg.Hosts, func(h string) bool { return strings.HasPrefix(h, "http://") }):
		return fmt.Errorf("it hangs up on plain HTTP; if it speaks TLS, write https://: %w", err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer within %v; is a firewall in between? %w", probeTimeout, err)
	}
	return fmt.Errorf("cannot be reached; is it running, and is this its port? %w", err)
}

// refused says in the user's terms what an answer means.
func refused(cfg Config, status int, answer []byte) error {
	kind, reason := newSender(nil).wholeError(answer, status)
	said := fmt.Sprintf("HTTP %d %s: %s", status, kind, reason)
	way := "there are none; write api_key, username and password, or bearer"
	switch {
	case cfg.APIKey != "":
		way = "api_key is wrong, expired or invalidated; it is the base64 of id:key"
	case cfg.Bearer != "":
		way = "bearer is wrong or expired"
	case cfg.Username != "":
		way = "username or password is wrong"
	}
	switch status {
	case http.StatusUnauthorized:
		return fmt.Errorf("it wants credentials, and %s (%s)", way, said)
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return fmt.Errorf("it answers, but not as Elasticsearch does; is this its address, and is a path missing? (%s)", said)
	}
	return errors.New(said)
}

// writing are the privileges that creating documents needs; any of the second row lets a missing index be made.
var (
	writing = []string{"create_doc"}
	making  = []string{"auto_configure", "create_index"}
)

const templates = "manage_index_templates"

// probeRights asks which privileges we have. A server without security, or one that knows no such question, lets it be.
func probeRights(ctx context.Context, cfg Config, transport esapi.Transport, targets []Target) (news []string, err error) {
	var names []string
	for _, t := range targets {
		if name := t.Index.Pattern(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	question, err := json.Marshal(map[string]any{"cluster": []string{templates},
		"index": []any{map[string]any{"names": names, "privileges": slices.Concat(writing, making)}}})
	if err != nil {
		return nil, err
	}
	res, err := esapi.SecurityHasPrivilegesRequest{Body: bytes.NewReader(question)}.Do(ctx, transport)
	if err != nil {
		return nil, unreachable(cfg, err)
	}
	status, answer, err := drain(res)
	if err != nil {
		return nil, err
	}
	switch status {
	case http.StatusOK:
		return judgeRights(cfg, names, answer)
	case http.StatusUnauthorized:
		return nil, refused(cfg, status, answer)
	}
	return []string{"does not say which privileges we have; it may have no security"}, nil
}

func judgeRights(cfg Config, names []string, answer []byte) (news []string, err error) {
	rights, err := fastjson.ParseBytes(answer)
	if err != nil {
		return nil, fmt.Errorf("it does not answer in JSON: %w", err)
	}
	var errs []error
	for _, name := range names {
		has := func(privilege string) bool { return rights.GetBool("index", name, privilege) }
		if !slices.ContainsFunc(writing, has) {
			errs = append(errs, fmt.Errorf("the privilege create_doc on %s is missing; without it every document is refused", name))
		}
		if !slices.ContainsFunc(making, has) {
			news = append(news, fmt.Sprintf("without the privilege auto_configure on %s it must be there before the first document", name))
		}
	}
	if cfg.Template && !rights.GetBool("cluster", templates) {
		news = append(news, "without the privilege manage_index_templates the index template is not installed; install it yourself, or write template: false")
	}
	if len(errs) == 0 {
		news = append(news, "lets us create documents in "+strings.Join(names, ", "))
	}
	return news, errors.Join(errs...)
}
