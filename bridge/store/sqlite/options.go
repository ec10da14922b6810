package sqlite

import (
	"fmt"
	"log/slog"
	"time"
)

// Option changes how a store works.
type Option func(*options) error

type options struct {
	clock     func() time.Time
	logger    *slog.Logger
	queueSize int
}

func newOptions(opts []Option) (options, error) {
	o := options{clock: time.Now, logger: slog.New(slog.DiscardHandler), queueSize: 1024}
	for _, opt := range opts {
		if err := opt(&o); err != nil {
			return options{}, err
		}
	}
	return o, nil
}

// WithClock sets the time by which later nudges are due. Default [time.Now].
// Timers run by the ordinary clock in any case: to test what happens in hours,
// use testing/synctest, in which the default clock is right.
func WithClock(clock func() time.Time) Option {
	return func(o *options) error {
		if clock == nil {
			return fmt.Errorf("sqlite: clock must not be nil")
		}
		o.clock = clock
		return nil
	}
}

// WithLogger sets where trouble in the background is told. Default: nowhere.
func WithLogger(l *slog.Logger) Option {
	return func(o *options) error {
		if l == nil {
			return fmt.Errorf("sqlite: logger must not be nil")
		}
		o.logger = l
		return nil
	}
}

// WithQueueSize sets how many calls of [Store.Accept] may wait at once; more are
// turned away with [ats.ErrUnavailable]. Default 1024.
func WithQueueSize(n int) Option {
	return func(o *options) error {
		if n < 1 {
			return fmt.Errorf("sqlite: queue size must be at least 1, not %d", n)
		}
		o.queueSize = n
		return nil
	}
}
