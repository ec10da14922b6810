package oauth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"
)

// What a [Source] and a [Refresh] tell each other and their callers.
var (
	// ErrNotAuthorized: nobody has signed in yet.
	ErrNotAuthorized = errors.New("not authorized yet: an administrator must sign in once")
	// ErrDisconnected: the vendor refused the refresh token; somebody must sign in again.
	ErrDisconnected = errors.New("disconnected: the vendor refused to renew the access; sign in again")
	// ErrRefused is what a [Refresh] returns when the vendor refused the token.
	ErrRefused = errors.New("refresh token refused")
	// ErrOutcomeUnknown is what a [Refresh] returns when the call may have taken effect.
	ErrOutcomeUnknown = errors.New("outcome of the refresh unknown")
	// ErrConflict is what a [Store] returns when somebody else was faster.
	ErrConflict = errors.New("conflict")
)

// Tokens are an access token with what renews it.
type Tokens struct {
	Access  string
	Refresh string
	// Expires is when the access token ends.
	Expires time.Time
}

// String hides the tokens.
func (t Tokens) String() string { return "tokens until " + t.Expires.UTC().Format(time.RFC3339) }

// GoString hides the tokens.
func (t Tokens) GoString() string { return t.String() }

// Refresh exchanges a refresh token for new tokens. An empty Refresh in the answer means that the
// old one stays good. Errors match [ErrRefused], [ErrOutcomeUnknown], or mean that nothing happened.
type Refresh func(ctx context.Context, refreshToken string) (Tokens, error)

// Store keeps one text, durably and for all processes. Safe for concurrent use.
type Store interface {
	// Load returns the text, empty when there is none.
	Load(ctx context.Context) (string, error)
	// Swap replaces old by replacement, durably when it returns nil. An empty old means that there
	// must be none yet. When something else is in store the error matches [ErrConflict].
	Swap(ctx context.Context, old, replacement string) error
}

// Config says what a [Source] renews. Store and Refresh are needed.
type Config struct {
	Store   Store
	Refresh Refresh
	// Early is how long before its end a token is renewed. Default one minute. A renewed token that
	// lives so briefly that Early would eat it up is used for half of its life.
	Early time.Duration
	// Timeout bounds one refresh call; a lease lasts a half longer. Default 20 seconds.
	Timeout time.Duration
	// Clock tells the time. Default [time.Now].
	Clock func() time.Time
}

// Source gives out access tokens of one connection. Make one per connection and process: callers
// in one process then share a refresh. Safe for concurrent use.
type Source struct {
	cfg  Config
	gate chan struct{} // held while this process asks the store or the vendor

	mu      sync.RWMutex
	current record // as last read
	unsaved *saving
}

// saving is a pair that the vendor gave and the store has not taken yet.
type saving struct{ from, to string }

// New returns a source.
func New(cfg Config) *Source {
	if cfg.Early <= 0 {
		cfg.Early = time.Minute
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 20 * time.Second
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	return &Source{cfg: cfg, gate: make(chan struct{}, 1)}
}

// Save keeps the tokens of a fresh sign-in, in place of whatever was there.
func (s *Source) Save(ctx context.Context, t Tokens) error {
	for {
		old, err := s.cfg.Store.Load(ctx)
		if err != nil {
			return fmt.Errorf("save tokens: %w", err)
		}
		r := record{Access: t.Access, Refresh: t.Refresh, Expires: t.Expires}
		err = s.cfg.Store.Swap(ctx, old, r.encode())
		if errors.Is(err, ErrConflict) {
			continue
		}
		if err != nil {
			return fmt.Errorf("save tokens: %w", err)
		}
		s.mu.Lock()
		s.current, s.unsaved = r, nil
		s.mu.Unlock()
		return nil
	}
}

// Token returns an access token that is good for a while, renewing it first if it is not. Errors
// match [ErrNotAuthorized], [ErrDisconnected] or ctx.Err(), or come from the store or the vendor.
func (s *Source) Token(ctx context.Context) (string, error) {
	s.mu.RLock()
	r := s.current
	s.mu.RUnlock()
	if r.Access != "" && s.fresh(r) {
		return r.Access, nil
	}
	return s.get(ctx, "")
}

// Replace returns another access token than the one that the vendor has rejected: the one that
// somebody else has saved meanwhile, or a renewed one. Errors are as for [Source.Token].
func (s *Source) Replace(ctx context.Context, rejected string) (string, error) {
	return s.get(ctx, rejected)
}

// fresh reports whether a token need not be renewed yet. A vendor whose renewed tokens end within
// Early must not be asked for another one each time.
func (s *Source) fresh(r record) bool {
	early := s.cfg.Early
	if !r.Renewed.IsZero() {
		early = min(early, r.Expires.Sub(r.Renewed)/2)
	}
	return s.cfg.Clock().Add(early).Before(r.Expires)
}

// get returns a fresh access token that is not the rejected one.
func (s *Source) get(ctx context.Context, rejected string) (string, error) {
	asked := s.cfg.Clock()
	select {
	case s.gate <- struct{}{}:
		defer func() { <-s.gate }()
	case <-ctx.Done():
		return "", fmt.Errorf("access token: %w", ctx.Err())
	}
	for {
		r, wait, err := s.step(ctx, rejected, asked)
		if err != nil {
			return "", fmt.Errorf("access token: %w", err)
		}
		if wait == 0 {
			s.mu.Lock()
			s.current = r
			s.mu.Unlock()
			return r.Access, nil
		}
		if wait == justRenewed {
			rejected = "" // should the vendor have given the same one again, then that is the one
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return "", fmt.Errorf("access token: %w", ctx.Err())
		}
	}
}

const (
	// lookAgain is how often a process looks whether another has finished its refresh.
	lookAgain = 50 * time.Millisecond
	// justRenewed is the wait after a refresh of one's own: what is in store counts.
	justRenewed = time.Nanosecond
)

// step reads the store once and does what is to be done next. A wait means: come back. A token that
// was renewed since it was asked for is taken as it is: whatever the clocks say of its life, renewing
// it again would not give a better one.
func (s *Source) step(ctx context.Context, rejected string, asked time.Time) (record, time.Duration, error) {
	if err := s.saveUnsaved(ctx); err != nil {
		return record{}, 0, err
	}
	text, err := s.cfg.Store.Load(ctx)
	if err != nil {
		return record{}, 0, err
	}
	if text == "" {
		return record{}, 0, ErrNotAuthorized
	}
	r, err := decode(text)
	if err != nil {
		return record{}, 0, err
	}
	now := s.cfg.Clock()
	switch {
	case r.Disconnected:
		return record{}, 0, ErrDisconnected
	case r.Access == "" || r.Access == rejected:
	case s.fresh(r), !r.Renewed.IsZero() && !r.Renewed.Before(asked):
		return r, 0, nil
	}
	if now.Before(r.LeaseUntil) {
		return record{}, min(lookAgain, r.LeaseUntil.Sub(now)+time.Millisecond), nil
	}
	leased := r
	leased.Lease, leased.LeaseUntil = rand.Text(), now.Add(s.cfg.Timeout*3/2)
	from := leased.encode()
	if err := s.cfg.Store.Swap(ctx, text, from); errors.Is(err, ErrConflict) {
		return record{}, time.Millisecond, nil
	} else if err != nil {
		return record{}, 0, err
	}
	// A caller who gives up must not take the answer along.
	ctx = context.WithoutCancel(ctx)
	t, err := s.refresh(ctx, r.Refresh)
	if err != nil {
		return record{}, 0, s.failed(ctx, from, r, err)
	}
	if t.Refresh == "" {
		t.Refresh = r.Refresh
	}
	s.mu.Lock()
	s.unsaved = &saving{from: from, to: record{Access: t.Access, Refresh: t.Refresh, Expires: t.Expires, Renewed: s.cfg.Clock()}.encode()}
	s.mu.Unlock()
	if err := s.saveUnsaved(ctx); err != nil {
		return record{}, 0, err
	}
	return record{}, justRenewed, nil
}

// refresh asks the vendor, and once more when the answer was lost.
func (s *Source) refresh(ctx context.Context, token string) (Tokens, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	t, err := s.cfg.Refresh(ctx, token)
	if errors.Is(err, ErrOutcomeUnknown) && ctx.Err() == nil {
		t, err = s.cfg.Refresh(ctx, token)
	}
	return t, err
}

// failed gives the lease back, or notes that the connection has ended.
func (s *Source) failed(ctx context.Context, from string, r record, cause error) error {
	r.Lease, r.LeaseUntil = "", time.Time{}
	if errors.Is(cause, ErrRefused) {
		r = record{Disconnected: true}
		cause = ErrDisconnected
	}
	// Another process may have taken over: then its word counts.
	if err := s.cfg.Store.Swap(ctx, from, r.encode()); err != nil && !errors.Is(err, ErrConflict) {
		return errors.Join(cause, err)
	}
	return cause
}

// saveUnsaved keeps new tokens that the store could not take before.
func (s *Source) saveUnsaved(ctx context.Context) error {
	s.mu.RLock()
	u := s.unsaved
	s.mu.RUnlock()
	if u == nil {
		return nil
	}
	err := s.cfg.Store.Swap(ctx, u.from, u.to)
	if err != nil && !errors.Is(err, ErrConflict) {
		return fmt.Errorf("keep new tokens: %w", err)
	}
	s.mu.Lock()
	s.unsaved = nil
	s.mu.Unlock()
	return nil
}
