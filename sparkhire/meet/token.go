package meet

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

const (
	tokenPath = "/partners/oauth/token" //nolint:gosec // an address, not a credential

	errNoToken  = httpx.ConstError("the answer has no access_token")
	errStore    = httpx.ConstError("the token store failed")
	errCutShort = httpx.ConstError("the renewal of the token was cut short")
)

// Token is an access token. It prints and logs without its value; JSON has it, so that a store can
// seal and keep it.
type Token struct {
	Value string `json:"value"`

	// UseUntil is when this package stops using it, some time before the vendor does. UTC.
	UseUntil time.Time `json:"use_until"`
}

// String is not the value.
func (t Token) String() string { return "token until " + t.UseUntil.UTC().Format(time.RFC3339) }

// GoString is not the value.
func (t Token) GoString() string { return t.String() }

// LogValue is not the value.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

func (t Token) usable(now time.Time) bool { return t.Value != "" && now.Before(t.UseUntil) }

// tokenStore is what [WithTokenStore] takes.
type tokenStore interface {
	Load(ctx context.Context) (Token, error)
	Save(ctx context.Context, t Token) error
}

// memory is the store of one client.
type memory struct {
	mu    sync.Mutex
	token Token
}

func (m *memory) Load(context.Context) (Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.token, nil
}

func (m *memory) Save(_ context.Context, t Token) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.token = t
	return nil
}

// tokens hands out access tokens and gets new ones, one request at a time.
type tokens struct {
	http  *httpx.Client // without Auth
	ask   []byte        // the body that asks for one
	store tokenStore

	mu      sync.Mutex
	current *renewal // under way; nil when there is none
}

// renewal is one attempt to get a token. Its fields are read once done is closed.
type renewal struct {
	done      chan struct{}
	token     Token
	err       error
	abandoned bool // the context of the caller that made it has ended
}

// get returns a token that is good now and is not the refused one; empty refuses none. Callers that
// come while one is being fetched wait for it and share what comes of it, an error included, unless
// the context of the caller that fetches has ended.
func (t *tokens) get(ctx context.Context, refused string) (Token, error) {
	for {
		have, err := t.store.Load(ctx)
		if err != nil {
			return Token{}, errors.Join(errStore, err)
		}
		if have.Value != refused && have.usable(time.Now()) {
			return have, nil
		}
		t.mu.Lock()
		r, leads := t.current, t.current == nil
		if leads {
			r = &renewal{done: make(chan struct{})}
			t.current = r
		}
		t.mu.Unlock()

		if leads {
			t.lead(ctx, r, refused)
			return r.token, r.err
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return Token{}, ctx.Err()
		}
		switch {
		case r.err == nil && r.token.Value != refused:
			return r.token, nil
		case r.err != nil && !r.abandoned:
			return Token{}, r.err
		}
	}
}

// lead fills r and ends it, whatever happens.
func (t *tokens) lead(ctx context.Context, r *renewal, refused string) {
	r.err = errCutShort // by a panic of the store or the transport
	defer func() {
		r.abandoned = ctx.Err() != nil
		t.mu.Lock()
		t.current = nil
		t.mu.Unlock()
		close(r.done)
	}()
	// Another caller may have been done between our look at the store and our turn.
	have, err := t.store.Load(ctx)
	if err != nil {
		r.err = errors.Join(errStore, err)
		return
	}
	if have.Value != refused && have.usable(time.Now()) {
		r.token, r.err = have, nil
		return
	}
	if r.token, r.err = t.fetch(ctx); r.err != nil {
		return
	}
	if err := t.store.Save(ctx, r.token); err != nil {
		r.token, r.err = Token{}, errors.Join(errStore, err)
	}
}

// drop forgets a token that was refused, unless the store has another one by now.
func (t *tokens) drop(ctx context.Context, refused string) {
	if have, err := t.store.Load(ctx); err == nil && have.Value == refused {
		_ = t.store.Save(ctx, Token{}) // the next call is refused once more, and renews it
	}
}

// fetch asks the vendor for a token. The answer's time counts from before the request.
func (t *tokens) fetch(ctx context.Context) (Token, error) {
	asked := time.Now()
	var got Token
	req := &httpx.Request{Method: http.MethodPost, Path: tokenPath, Body: t.ask}
	err := t.http.Do(ctx, req, func(_ *httpx.Response, r io.Reader) error {
		body, err := httpx.ReadAll(r)
		if err != nil {
			return err
		}
		var w struct {
			Token     json.RawMessage `json:"access_token"`
			ExpiresIn json.RawMessage `json:"expires_in"`
		}
		if err := json.Unmarshal(wire.Unwrap(body), &w); err != nil {
			return err
		}
		value := wire.Scalar(w.Token)
		if !isToken(value) {
			return errNoToken
		}
		seconds, _ := strconv.ParseFloat(wire.Scalar(w.ExpiresIn), 64) // 0 where there is none
		got = Token{Value: value, UseUntil: asked.Add(lifetime(wholeSeconds(seconds))).UTC()}
		return nil
	})
	if err != nil {
		return Token{}, settled(err)
	}
	return got, nil
}

// settled is what a failure to get a token is: a refusal, or the sending layer's error. Its outcome is
// never unknown: a token that nobody has read changes nothing.
func settled(err error) error {
	e, ok := errors.AsType[*httpx.Error](err)
	if !ok {
		return err
	}
	known := *e
	known.Unknown = false
	if known.Status != 0 && known.Status/100 != 2 {
		return apiError(&known, known.Error())
	}
	return &known
}

// wholeSeconds is the part of a number of seconds that makes sense as a lifetime.
func wholeSeconds(s float64) int64 {
	if !(s > 0) { // not a number, too
		return 0
	}
	return int64(min(s, longestLife.Seconds()))
}

// isToken says whether a text can be sent in a header.
func isToken(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != ""
}

// bearer signs the attempts of one call with the call's own token, see [session].
type bearer struct{ tokens *tokens }

// Sign implements httpx.Auth.
func (b bearer) Sign(req *http.Request) error {
	req.Header["Authorization"] = []string{"Bearer " + sessionOf(req.Context()).token.Value}
	return nil
}

// Renew implements httpx.Renewer: the token that was refused is replaced, by one that another call
// has fetched in the meantime if there is one.
func (b bearer) Renew(ctx context.Context) error {
	s := sessionOf(ctx)
	fresh, err := b.tokens.get(ctx, s.token.Value)
	if err != nil {
		return err
	}
	s.token, s.renewed = fresh, true
	return nil
}

// session is the token of one call. The attempts of a call follow each other, so it needs no lock.
type session struct {
	token   Token
	renewed bool
}

type sessionKey struct{}

// sessionOf returns the session that call has put into every context.
func sessionOf(ctx context.Context) *session {
	return ctx.Value(sessionKey{}).(*session) //nolint:errcheck // set by call
}
