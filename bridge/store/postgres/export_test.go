package postgres

import "time"

// WithAnswerWithin sets how long a statement may take.
func WithAnswerWithin(d time.Duration) Option {
	return func(o *options) error { o.within = d; return nil }
}
