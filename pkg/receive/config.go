package receive

import (
	"errors"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/receive/spool"
)

// Config is an input that is no file. The zero value of each key is its default unless the comment names another.
type Config struct {
	Type           string        `mapstructure:"type"`            // tcp, udp, unix (stream), unixgram, stdin or journald; `input: stdin` alone is {type: stdin}
	Listen         string        `mapstructure:"listen"`          // tcp, udp: host:port; unix, unixgram: the path of the socket
	TLS            TLS           `mapstructure:"tls"`             // tcp: encrypted when cert is given
	MaxConnections int           `mapstructure:"max_connections"` // tcp, unix: more are turned away; default 512
	IdleTimeout    time.Duration `mapstructure:"idle_timeout"`    // tcp, unix: a connection on which nothing came for so long is closed; default 1h, 0: never
	Spool          Spool         `mapstructure:"spool"`           // what waits for delivery, in data_dir
	Journal        Journal       `mapstructure:"journal"`         // journald: which entries
}

// TLS names PEM files. They are read again when they have changed.
type TLS struct {
	Cert string `mapstructure:"cert"` // certificate, with those between it and its authority
	Key  string `mapstructure:"key"`  // its key
	CA   string `mapstructure:"ca"`   // clients must have a certificate of one of these authorities; empty: anybody may connect
}

// Spool bounds what is kept on disk.
type Spool struct {
	MaxSize int64 `mapstructure:"max_size"` // bytes; when it is full, connections and standard input wait, and datagrams of UDP are dropped and counted; default 256MiB
}

// Journal chooses entries of systemd's journal.
type Journal struct {
	Units   []string `mapstructure:"units"`   // of these units, globs allowed; none: of all
	Matches []string `mapstructure:"matches"` // journalctl's matches: FIELD=value, of several fields all, of one field any
	Paths   []string `mapstructure:"paths"`   // journal files, globs allowed, or folders of them, as systemd-journal-remote writes; none: this machine's
}

// Types are the words for the type of an input.
var Types = []string{"tcp", "udp", "unix", "unixgram", "stdin", "journald"}

// Longest is how long a record may be of a text that is as long as a line may be: JSON may need six letters for one, and a
// journal's entry may be twice as long.
func Longest(maxLine int) int { return 12*maxLine + spool.Overhead }

// minSpool is room for eight segments of a useful size.
const minSpool = 8 << 20

// Records reports whether the input's lines are kept as records, each with where it came from.
func (c *Config) Records() bool { return c.Type != "stdin" }

// Sockets reports whether others may send to the input.
func (c *Config) Sockets() bool { return c.Type != "stdin" && c.Type != "journald" }

// streams reports whether the input has connections.
func (c *Config) streams() bool { return c.Type == "tcp" || c.Type == "unix" }

// Validate says what is wrong with c, as confkey errors, given how long a line may be.
func (c *Config) Validate(maxLine int) error {
	if !slices.Contains(Types, c.Type) {
		return confkey.Errorf("type", "%q is not allowed here; write %s or %s", c.Type, strings.Join(Types[:len(Types)-1], ", "), Types[len(Types)-1])
	}
	errs := []error{c.validateListen(), c.validateTLS(), c.validateJournal()}
	if c.streams() && c.MaxConnections < 1 {
		errs = append(errs, confkey.Errorf("max_connections", "write at least 1"))
	}
	if least := max(minSpool, int64(4*Longest(maxLine))); c.Spool.MaxSize < least {
		errs = append(errs, confkey.Errorf("spool.max_size", "it must hold some lines of max_line, written as JSON, and 8MiB; write at least %d", least))
	}
	return errors.Join(errs...)
}

func (c *Config) validateListen() error {
	switch c.Type {
	case "tcp", "udp":
		_, port, err := net.SplitHostPort(c.Listen)
		if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
			return confkey.Errorf("listen", "%q is not an address; write 127.0.0.1:514, or :514 for every address of the machine", c.Listen)
		}
	case "unix", "unixgram":
		if c.Listen == "" {
			return confkey.Errorf("listen", "the path of the socket is missing; write /run/tailspan/log")
		}
	default:
		if c.Listen != "" {
			return confkey.Errorf("listen", "%s does not listen; leave it out", c.Type)
		}
	}
	return nil
}

func (c *Config) validateTLS() error {
	switch t := c.TLS; {
	case t == TLS{}:
		return nil
	case c.Type != "tcp":
		return confkey.Errorf("tls", "only tcp has it; leave it out")
	case t.Cert == "":
		return confkey.Errorf("tls.cert", "is missing; write the path of a PEM file")
	case t.Key == "":
		return confkey.Errorf("tls.key", "is missing; write the path of a PEM file")
	}
	return nil
}

// fieldName is what the journal calls a field by, in up to 64 letters: a bound in the expression would be compiled for most of a millisecond.
var fieldName = regexp.MustCompile(`^[A-Z0-9_]+$`)

func (c *Config) validateJournal() error {
	j := &c.Journal
	if c.Type != "journald" && (len(j.Units) > 0 || len(j.Matches) > 0 || len(j.Paths) > 0) {
		return confkey.Errorf("journal", "%s has no use for it; leave it out", c.Type)
	}
	for _, m := range j.Matches {
		if name, _, ok := strings.Cut(m, "="); !ok || len(name) > 64 || !fieldName.MatchString(name) {
			return confkey.Errorf("journal.matches", "%q is not FIELD=value, as in _TRANSPORT=kernel", m)
		}
	}
	return nil
}
