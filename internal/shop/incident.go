package shop

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Incident is what goes wrong in the shop at a time. What it was is written to incident.json.
//
//	slow:bank            a dependency takes magnitude times as long: bank, fraud, database or mail
//	errors:fraud         a share of magnitude fails where there is most to fail: bank, fraud, database or orders
//	deploy:stock@back-2  an instance is started with another version, which works magnitude times 2 ms longer and fails in a twentieth
//	retry:payments       orders gives up a share of magnitude of its calls of payments or stock too early, and calls again
type Incident struct {
	Kind, Where, Host string // Kind may be empty: nothing goes wrong
	Magnitude         float64
	After             time.Duration // how long after the shop is opened; less than zero: before that
	at                time.Time
}

// truths are what a cause is called by the spans of the shop.
var truths = map[string][3]string{ // service, operation, dependency
	"slow:bank": {"payments", "bank transfer", "bank"}, "slow:fraud": {"payments", "fraud score", "fraud"},
	"slow:database": {"stock", "SELECT stock", "database"}, "slow:mail": {"orders", "send mail", ""},
	"errors:bank": {"payments", "bank transfer", "bank"}, "errors:fraud": {"payments", "fraud score", "fraud"},
	"errors:database": {"stock", "SELECT stock", "database"}, "errors:orders": {"orders", "POST /orders/{id}", ""},
	"deploy:orders": {"orders"}, "deploy:payments": {"payments"}, "deploy:stock": {"stock"},
	"retry:payments": {"orders", "charge card"}, "retry:stock": {"orders", "reserve stock"},
}

// Parse reads KIND:WHERE or deploy:SERVICE@HOST.
func (i *Incident) Parse(text string) error {
	name, host, _ := strings.Cut(text, "@")
	kind, where, _ := strings.Cut(name, ":")
	if _, known := truths[name]; !known || (kind == "deploy") != (host != "") {
		return fmt.Errorf("there is no incident %q", text)
	}
	i.Kind, i.Where, i.Host = kind, where, host
	return nil
}

// on reports whether an incident of the kind goes on there.
func (i *Incident) on(c *clock, kind, where string) bool {
	return i.Kind == kind && i.Where == where && !c.now().Before(i.at)
}

// write says what was done, for who wants to know whether it was found.
func (i *Incident) write(dir string) error {
	if i.Kind == "" {
		return nil
	}
	truth := truths[i.Kind+":"+i.Where]
	text, err := json.Marshal(map[string]any{"kind": i.Kind, "service": truth[0], "operation": truth[1], "dependency": truth[2], "host": i.Host,
		"magnitude": i.Magnitude, "at": i.at.UTC()})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "incident.json"), append(text, '\n'), 0o600)
}

// begin says when the incident begins, and does what is done once.
func (s *shop) begin() {
	s.Incident.at = s.opened.Add(s.Incident.After)
	if s.Incident.Kind != "deploy" {
		return
	}
	for _, svc := range s.services {
		if svc.name == s.Incident.Where && svc.host == s.Incident.Host {
			s.deployLater(svc, s.Incident.After, "1.5.0")
		}
	}
}

// deployLater lets an instance say after a while that it was started as another version.
func (s *shop) deployLater(svc *service, after time.Duration, version string) {
	time.AfterFunc(after, func() {
		svc.version.Store(&version)
		svc.hello(time.Now())
	})
}

// ill reports whether the instance is the one of a bad deploy.
func (s *service) ill(c *clock) bool {
	return s.Incident.on(c, "deploy", s.name) && s.host == s.Incident.Host
}

// failing reports whether a call fails: of those that an incident is in, its share; of others one in 300.
func (s *service) failing(c *clock, where string) bool {
	if s.ill(c) && s.rng.Float64() < 0.05 {
		return true
	}
	if s.Incident.on(c, "errors", where) && s.rng.Float64() < s.Incident.Magnitude {
		return true
	}
	return s.Noise != 0 && s.rng.IntN(300) == 0
}

// noisy makes a time that differs from call to call, and now and then is far longer.
func (s *shop) noisy(took time.Duration) time.Duration {
	if s.Noise == 0 {
		return took
	}
	took = time.Duration(float64(took) * math.Exp(0.35*s.rng.NormFloat64()))
	if s.rng.IntN(150) == 0 {
		took *= 8
	}
	return took
}

// makeNoise lets things change that do no harm: another version on one of the hosts, lines that nobody wrote before, errors that a service
// says it has got over.
func (s *shop) makeNoise() {
	if s.Noise == 0 {
		return
	}
	rng := newRandom(s.Noise)
	others := slices.DeleteFunc(slices.Clone(s.services), func(svc *service) bool {
		return svc.name == "web" || svc.name == s.Incident.Where && svc.host == s.Incident.Host
	})
	within := max(2*s.Incident.After, 10*time.Second)
	for n := rng.IntN(3); n > 0; n-- { // up to two deploys that change nothing
		s.deployLater(others[rng.IntN(len(others))], time.Duration(rng.Int64N(int64(within))), fmt.Sprintf("1.4.%d", 3+rng.IntN(5)))
	}
	texts := []string{"cache rebuilt with %d entries", "pool resized to %d connections", "feature flag newcheckout is on for %d percent", "lock waited %d ms, going on"}
	for n := 1 + rng.IntN(3); n > 0; n-- { // lines that begin at some time
		svc, text, level := others[rng.IntN(len(others))], texts[rng.IntN(len(texts))], []string{"INFO", "WARN"}[rng.IntN(2)]
		time.AfterFunc(time.Duration(rng.Int64N(int64(within))), func() { svc.chatter(level, text) })
	}
}

// chatter writes a line now and then until the shop closes.
func (s *service) chatter(level, text string) {
	for !s.shut.Load() {
		s.note(time.Now(), level, fmt.Sprintf(text, s.rng.IntN(1000)))
		time.Sleep(time.Duration(100+s.rng.IntN(900)) * time.Millisecond)
	}
}
