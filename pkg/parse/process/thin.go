package process

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"math"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

func (s *Sample) condition() string      { return s.When }
func (t *Throttle) condition() string    { return t.When }
func (d *Dedupe) condition() string      { return d.When }
func (f *Fingerprint) condition() string { return f.When }

// sampler keeps a share of the values of a field.
type sampler struct {
	by    name
	limit uint64 // of the hashes that are kept
}

func (s *Sample) make(c *Chain, _ int) (processor, error) {
	by := s.By
	if by == "" {
		by = slotNames[traceSlot]
	}
	n, err := c.fieldName("by", by)
	if s.Rate <= 0 || s.Rate >= 1 {
		err = errors.Join(err, confkey.Errorf("rate", "%v is not allowed here; write a share above 0 and below 1, as in 0.1", s.Rate))
	}
	return &sampler{n, uint64(s.Rate * math.MaxUint64)}, err
}

// run hashes the value alone, so that every host and every pipeline comes to the same conclusion. A line without one is
// told by its bytes: read again, it has the same fate.
func (p *sampler) run(c *Chain, ev *event.Event) {
	spelled, ok := c.spelled(c.get(ev, &p.by))
	if !ok {
		spelled = ev.Raw
	}
	ev.Dropped = xxhash.Sum64(spelled) > p.limit
}

// limiter keeps so many lines of a key in a time.
type limiter struct {
	by     []name
	limit  int
	per    time.Duration
	counts *counts
}

func (t *Throttle) make(c *Chain, at int) (processor, error) {
	p := &limiter{limit: t.Limit, per: t.Per, counts: c.shared.of(at)}
	var err error
	if len(t.By) > 0 {
		p.by, err = c.fieldNames("by", t.By)
	}
	if p.per == 0 {
		p.per = time.Second
	}
	if t.Limit < 1 {
		err = errors.Join(err, confkey.Errorf("limit", "%d lets nothing through; write at least 1", t.Limit))
	}
	return p, err
}

func (p *limiter) run(c *Chain, ev *event.Event) {
	ev.Dropped = p.counts.next(xxhash.Sum64(c.values(ev, p.by)), clock(ev), p.per) > p.limit
}

// deduper keeps the first of lines that say the same.
type deduper struct {
	by     []name
	within time.Duration
	counts *counts
}

func (d *Dedupe) make(c *Chain, at int) (processor, error) {
	by := d.By
	if len(by) == 0 {
		by = []string{slotNames[messageSlot], slotNames[levelSlot]}
	}
	p := &deduper{within: d.Within, counts: c.shared.of(at)}
	if p.within == 0 {
		p.within = 10 * time.Second
	}
	var err error
	p.by, err = c.fieldNames("by", by)
	return p, err
}

func (p *deduper) run(c *Chain, ev *event.Event) {
	ev.Dropped = p.counts.next(xxhash.Sum64(c.values(ev, p.by)), clock(ev), p.within) > 1
}

// values are the values of fields as one text that is different when one of them is. It is valid until the next call.
func (c *Chain) values(ev *event.Event, names []name) []byte {
	c.work = c.work[:0]
	for i := range names {
		v := c.get(ev, &names[i])
		spelled, ok := c.spelled(v)
		if !ok {
			spelled = v.Bytes
		}
		size := uint64(len(spelled)) + 1
		if absent(v) {
			size = 0
		}
		c.work = append(binary.AppendUvarint(c.work, size), spelled...)
	}
	return c.work
}

// fingerprinter writes the hash of fields into another.
type fingerprinter struct {
	names []name
	to    name
	hash  hash.Hash // with the key in it
	sum   []byte
}

func (f *Fingerprint) make(c *Chain, _ int) (processor, error) {
	names, err := c.fieldNames("fields", f.Fields)
	to := f.To
	if to == "" {
		to = "event.hash"
	}
	n, failed := c.targetName("to", to)
	p := &fingerprinter{names: names, to: n, hash: sha256.New()}
	if f.Key != "" {
		p.hash = hmac.New(sha256.New, []byte(f.Key))
	}
	return p, errors.Join(err, failed)
}

func (p *fingerprinter) run(c *Chain, ev *event.Event) {
	p.hash.Reset()
	_, _ = p.hash.Write(c.values(ev, p.names)) // which never fails
	p.sum = p.hash.Sum(p.sum[:0])
	c.put(ev, &p.to, text(c.keep(func(dst []byte) []byte { return hex.AppendEncode(dst, p.sum) })))
}
