package local

import (
	"slices"
	"time"
)

// sweep drops the oldest files while the store is too large, and those that are too old. It looks now and then.
func (k *keeper) sweep(now time.Time) {
	if now.Sub(k.swept) < sweepEvery {
		return
	}
	k.swept = now
	files, err := List(k.dir)
	if err != nil {
		k.log.Warn("the store cannot be measured", "error", err)
		return
	}
	var total int64
	for _, f := range files {
		total += sizeOf(f.Path)
	}
	for i, f := range files {
		last := i == len(files)-1 // it is being written to
		old := k.cfg.MaxAge > 0 && now.Sub(f.ended()) > k.cfg.MaxAge && now.Sub(f.written()) > k.cfg.MaxAge
		if !old && (total <= k.cfg.MaxSize || last) {
			continue
		}
		size := sizeOf(f.Path)
		if err := k.drop(f); err != nil {
			k.log.Warn("an old file of the store could not be dropped", "file", f.Path, "error", err)
			continue
		}
		total -= size
		k.log.Info("the oldest file of the store was dropped", "file", f.Path, "too_old", old, "max_size", k.cfg.MaxSize, "max_age", k.cfg.MaxAge)
	}
}

// drop removes a file and forgets its day, whose other files are opened again when they are needed.
func (k *keeper) drop(f File) error {
	if d := k.days[f.Day]; d != nil && slices.ContainsFunc(d.parts, func(p *part) bool { return p.path == f.Path }) {
		k.forget(d)
	}
	return f.remove()
}
