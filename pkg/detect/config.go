package detect

import (
	"errors"
	"time"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/detect/webhook"
)

// Config is detect: off (default), on, or a map of these keys.
type Config struct {
	Mode     confkey.Mode   `mapstructure:"mode"`
	Learning time.Duration  `mapstructure:"learning"` // how long the lines of a service are looked at, by their times, before anything about it is a finding; default 1h
	Webhook  webhook.Config `mapstructure:"webhook"`  // who is told of each finding, beside the outputs
}

// On reports whether anything is to be detected.
func (cfg Config) On() bool { return cfg.Mode != "" && cfg.Mode != confkey.Off }

// DefaultLearning is long enough for what happens every few minutes.
const DefaultLearning = time.Hour

const (
	leastLearning = time.Minute
	mostLearning  = 30 * 24 * time.Hour
)

// Check says what is wrong with cfg, by its keys.
func (cfg Config) Check() error {
	var errs []error
	if cfg.Learning < leastLearning || cfg.Learning > mostLearning {
		errs = append(errs, confkey.Errorf("learning", "%v is not possible; write 1m to 30d", cfg.Learning))
	}
	if err := cfg.Webhook.Check(); err != nil {
		errs = append(errs, confkey.Below("webhook", err))
	}
	return errors.Join(errs...)
}
