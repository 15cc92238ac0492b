package tail

import "time"

// Input is what one pipeline reads. The zero value of each key is its default unless the comment names another.
type Input struct {
	Paths          []string      `mapstructure:"paths"`           // globs; ** for any depth
	Exclude        []string      `mapstructure:"exclude"`         // globs of what is never discovered; default *.gz
	IgnoreOlder    time.Duration `mapstructure:"ignore_older"`    // files never seen before and older than this are skipped; 0: none
	StartAt        string        `mapstructure:"start_at"`        // beginning (default) or end, for files never seen before
	FollowSymlinks bool          `mapstructure:"follow_symlinks"` // default true
	AllowedRoots   []string      `mapstructure:"allowed_roots"`   // symlinks may lead only below these; none: anywhere
	MaxLine        int           `mapstructure:"max_line"`        // bytes; default 1 MiB; longer lines are cut and flagged
}
