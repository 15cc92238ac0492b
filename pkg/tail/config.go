package tail

import (
	"time"

	"github.com/tailspan/tailspan/pkg/tail/frame"
)

// Input is what one pipeline reads. The zero value of each key is its default unless the comment names another.
type Input struct {
	Paths          []string      `mapstructure:"paths"`           // globs; ** for any depth
	Exclude        []string      `mapstructure:"exclude"`         // globs of what is never discovered; default *.gz
	IgnoreOlder    time.Duration `mapstructure:"ignore_older"`    // files never seen before and older than this are skipped; 0: none
	StartAt        string        `mapstructure:"start_at"`        // beginning (default) or end, for files never seen before
	FollowSymlinks bool          `mapstructure:"follow_symlinks"` // default true
	AllowedRoots   []string      `mapstructure:"allowed_roots"`   // symlinks may lead only below these; none: anywhere
	Deleted        Deleted       `mapstructure:"deleted"`         // how long a deleted file is held
	frame.Config   `mapstructure:",squash"`
}

// Deleted bounds what is held of files that no path leads to any more, whose space the system gives back only when they
// are closed. What was read to its end is closed anyway.
type Deleted struct {
	MaxAge  time.Duration `mapstructure:"max_age"`  // given up so long after it was deleted; 0: never
	MaxSize int64         `mapstructure:"max_size"` // bytes of a file; a larger one is given up at once; 0: any
}
