package httpapi_test

import (
	"context"
	"iter"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

// bareAdapter has no capability.
func bareAdapter(m *memory.Adapter) ats.Adapter { return struct{ ats.Adapter }{m} }

// secretive is an adapter with secret settings.
type secretive struct {
	ats.Adapter

	checked chan ats.Connection
}

func (s secretive) CheckSettings(c ats.Connection) error {
	_, err := ats.DecodeSettings[struct {
		HostURL   string     `json:"host_url"`
		HostToken ats.Secret `json:"host_token"`
	}](c.Settings)
	s.checked <- c
	return err
}

// slow is an adapter whose lists come in a minute, and which says so to whoever does not wait that
// long.
type slow struct{ *memory.Adapter }

func (s slow) Jobs(ctx context.Context, c ats.Connection) iter.Seq2[ats.Job, error] {
	at := time.Now().Add(time.Minute)
	if end, ok := ctx.Deadline(); ok && at.After(end) {
		return func(yield func(ats.Job, error) bool) { yield(ats.Job{}, &ats.RetryLaterError{At: at}) }
	}
	return s.Adapter.Jobs(ctx, c)
}
