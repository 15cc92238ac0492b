package kubernetes

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

const (
	firstPause   = 200 * time.Millisecond
	longestPause = 5 * time.Second
	longestAsked = time.Minute // that a server may ask for in Retry-After
)

// follow lists the pods and then watches them from where the list ended, again and again: a watch that ends is taken up
// where it ended, and one from a place that the server does not know any more begins with a new list.
func (s *Source) follow(ctx context.Context) {
	pause, failing := firstPause, false
	version := ""
	for ctx.Err() == nil {
		var err error
		if version == "" {
			version, err = s.list(ctx)
		} else {
			version, err = s.watch(ctx, version)
		}
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, errExpired):
			version = ""
		case err == nil:
			if failing {
				s.log.Info("the Kubernetes API answers again")
			}
			pause, failing = firstPause, false
			continue
		case !failing:
			s.log.Warn("the Kubernetes API does not answer; documents have what the paths of files say, and it is asked again", "error", err)
			failing = true
		}
		jitter := rand.N(pause) // #nosec G404 -- not a secret
		if !wait(ctx, max(pause/2+jitter, min(retryAfter(err), longestAsked))) {
			return
		}
		pause = min(2*pause, longestPause*2/3)
	}
}

// wait returns after a pause; false when ctx is done before.
func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// list takes in all pods and returns the version of the list.
func (s *Source) list(ctx context.Context) (version string, err error) {
	uids := map[string]bool{}
	version, err = s.api.list(ctx, s.node, func(o *object) {
		p := o.pod()
		uids[p.logUID] = true
		s.put(p)
	})
	if err == nil {
		s.keep(uids, time.Now())
	}
	return version, err
}

// watch takes in what changes after a version and returns the last one that it has seen.
func (s *Source) watch(ctx context.Context, version string) (last string, err error) {
	last = version
	err = s.api.watch(ctx, s.node, version, func(kind string, o *object) {
		switch kind {
		case "ADDED", "MODIFIED":
			s.put(o.pod())
		case "DELETED":
			s.remove(o.pod(), time.Now())
		}
		last = o.Metadata.ResourceVersion
	})
	if err != nil && last != version && !errors.Is(err, errExpired) {
		err = nil // it worked for a while
	}
	return last, err
}
