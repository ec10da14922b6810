package postgres

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
	writers   int // 0: the URL's pool_max_conns, or writersDefault
	readers   int
	within    time.Duration
}

func newOptions(opts []Option) (options, error) {
	o := options{clock: time.Now, logger: slog.New(slog.DiscardHandler), queueSize: 1024, readers: readersDefault, within: answerWithin}
	for _, opt := range opts {
		if err := opt(&o); err != nil {
			return options{}, err
		}
	}
	return o, nil
}

// WithClock sets the time by which later nudges are due. Default [time.Now]. Timers
// run by the ordinary clock in any case.
func WithClock(clock func() time.Time) Option {
	return func(o *options) error {
		if clock == nil {
			return fmt.Errorf("postgres: clock must not be nil")
		}
		o.clock = clock
		return nil
	}
}

// WithLogger sets where trouble in the background is told. Default: nowhere.
func WithLogger(l *slog.Logger) Option {
	return func(o *options) error {
		if l == nil {
			return fmt.Errorf("postgres: logger must not be nil")
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
			return fmt.Errorf("postgres: queue size must be at least 1, not %d", n)
		}
		o.queueSize = n
		return nil
	}
}

// WithConnections sets how many connections write and how many read, at most. The
// store opens one more to listen. At least four must write: the queue needs some
// for itself. Default 16 and 4; see the package comment about sizing.
func WithConnections(writing, reading int) Option {
	return func(o *options) error {
		if writing < 4 || reading < 1 {
			return fmt.Errorf("postgres: at least 4 connections must write and 1 read, not %d and %d", writing, reading)
		}
		o.writers, o.readers = writing, reading
		return nil
	}
}
