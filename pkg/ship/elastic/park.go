package elastic

import (
	"context"
	"slices"
	"sync"

	"github.com/tailspan/tailspan/pkg/event"
)

// parkable is how much may wait for its index, in full requests.
const parkable = 4

// parked are the documents that wait for their index on their own, as while it is read-only, so that others can go on.
type parked struct {
	mu    sync.Mutex
	bytes int
	of    map[*Target]int // how many requests of documents for it
}

// add takes in documents for the targets; false when so many are waiting that everything has to.
func (p *parked) add(targets []*Target, bytes, most int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bytes+bytes > most {
		return false
	}
	if p.of == nil {
		p.of = map[*Target]int{}
	}
	p.bytes += bytes
	for _, t := range targets {
		p.of[t]++
	}
	return true
}

// remove is the opposite of add.
func (p *parked) remove(targets []*Target, bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytes -= bytes
	for _, t := range targets {
		if p.of[t]--; p.of[t] == 0 {
			delete(p.of, t)
		}
	}
}

// any reports whether anything is waiting.
func (p *parked) any() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bytes > 0
}

// has reports whether documents for the target are waiting.
func (p *parked) has(t *Target) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of[t] > 0
}

// park lets what is left of b, documents that wait for their index, wait on its own. Files that none of them is from are done
// with; the others are held. It answers false when so much is waiting already that everything has to.
func (o *Output) park(ctx context.Context, b *bulk) bool {
	waiting := &bulk{buf: slices.Clone(b.buf), docs: slices.Clone(b.docs)}
	var done []event.Ack
	if waiting.acks, done = partition(b.acks, waiting.sources()); !o.await(ctx, waiting) {
		return false
	}
	if !o.opts.Secondary {
		o.opts.Ack(done)
	}
	return true
}

// setAside parks those documents of b that would wait for their index as others do already, and with them everything else in the
// request. It does so for whole files only: what is acknowledged of a file with one request stays together.
func (o *Output) setAside(ctx context.Context, b *bulk) {
	if !o.parked.any() {
		return
	}
	stay, wait := map[*event.Source]bool{}, false
	for i := range b.docs {
		if d := &b.docs[i]; !o.parked.has(o.target(d)) {
			stay[d.source] = true
		} else {
			wait = true
		}
	}
	if !wait {
		return
	}
	waiting := &bulk{buf: slices.Clone(b.buf), docs: slices.Clone(b.docs)}
	for i := range waiting.docs {
		waiting.docs[i].done = stay[waiting.docs[i].source]
	}
	if waiting.compact(); len(waiting.docs) == 0 {
		return
	}
	var rest []event.Ack
	if waiting.acks, rest = partition(b.acks, waiting.sources()); !o.await(ctx, waiting) {
		return
	}
	for i := range b.docs {
		b.docs[i].done = !stay[b.docs[i].source]
	}
	b.compact()
	b.acks = append(b.acks[:0], rest...)
}

// await delivers a request of documents that wait for their index, in its own time, and holds back their files until then.
func (o *Output) await(ctx context.Context, b *bulk) bool {
	var targets []*Target
	for i := range b.docs {
		if t := o.target(&b.docs[i]); !slices.Contains(targets, t) {
			targets = append(targets, t)
		}
	}
	size := len(b.buf)
	if !o.parked.add(targets, size, o.cfg.Bulk.MaxSize*parkable) {
		return false
	}
	acks := slices.Clone(b.acks)
	o.hold(acks, 1)
	o.senders.Go(func() {
		s := newSender(o)
		s.alone = true
		s.deliver(ctx, b)
		o.hold(acks, -1)
		o.parked.remove(targets, size)
	})
	return true
}

// hold counts what waits for files up or down.
func (o *Output) hold(acks []event.Ack, n int32) {
	for _, a := range acks {
		if !o.opts.Secondary {
			a.Source.Held.Add(n)
		}
	}
}

// sources are the files that the documents are from.
func (b *bulk) sources() map[*event.Source]bool {
	all := map[*event.Source]bool{}
	for i := range b.docs {
		all[b.docs[i].source] = true
	}
	return all
}

// partition parts the acks of the sources from the others.
func partition(acks []event.Ack, sources map[*event.Source]bool) (of, others []event.Ack) {
	for _, a := range acks {
		if sources[a.Source] {
			of = append(of, a)
		} else {
			others = append(others, a)
		}
	}
	return of, others
}
