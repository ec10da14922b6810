package api

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// PartnerVersion is the only version of the Partner API
// [documented: docs/vendors/teamtailor.md].
const PartnerVersion = "20180828"

// The words before the partner API key. The vendor's documentation shows both, each
// in another place [documented, contradictory: docs/vendors/teamtailor.md].
const (
	schemeToken  = "Token"
	schemeBearer = "Bearer"
)

// Partner is a client for the Partner API of one stack, with the integration's
// partner API key.
type Partner struct {
	// Results are the partner results on candidate cards.
	Results *Results
	// Activations are the companies that have the integration installed.
	Activations *Activations
	// Partners are the integration's own settings.
	Partners *Partners

	client *client
}

// NewPartner returns a client for the stack at a base URL such as
// https://api.teamtailor.com. It dials nothing. Errors name the argument and never
// hold the key.
//
// The key is sent after the word Token. A 401 is answered by one attempt with the
// word Bearer, and the word that worked is kept; see [WithScheme].
func NewPartner(baseURL, apiKey string, opts ...Option) (*Partner, error) {
	o := options{version: PartnerVersion, word: schemeToken}
	for _, opt := range opts {
		if err := opt(&o); err != nil {
			return nil, err
		}
	}
	words := newScheme(o.word, apiKey)
	c, err := newClient(baseURL, "/partner/v1/", apiKey, o, words)
	if err != nil {
		return nil, err
	}
	c.words = words
	return &Partner{Results: &Results{c}, Activations: &Activations{c}, Partners: &Partners{c}, client: c}, nil
}

// BaseURL returns the base URL in its canonical form, as in [Bases.URLs] and
// [ResultRef.BaseURL].
func (p *Partner) BaseURL() string { return p.client.base }

// scheme signs with one of two words and changes to the other after a 401. Which
// word a call uses is kept in its context, so that calls which fail at the same
// time do not turn each other's word back.
type scheme struct {
	key     string
	current atomic.Value // string: the word that worked last
}

type wordKey struct{}

func newScheme(word, key string) *scheme {
	s := &scheme{key: key}
	s.current.Store(word)
	return s
}

// try makes a call and keeps the word it ended with if it succeeded.
func (s *scheme) try(ctx context.Context, call func(context.Context) error) error {
	before, _ := s.current.Load().(string)
	word := before
	err := call(context.WithValue(ctx, wordKey{}, &word))
	if err == nil && word != before {
		s.current.Store(word)
	}
	return err
}

// Sign implements [httpx.Auth].
func (s *scheme) Sign(req *http.Request) error {
	word, _ := req.Context().Value(wordKey{}).(*string)
	req.Header["Authorization"] = []string{*word + " " + s.key}
	return nil
}

// Renew implements [httpx.Renewer].
func (s *scheme) Renew(ctx context.Context) error {
	word, _ := ctx.Value(wordKey{}).(*string)
	if *word == schemeToken {
		*word = schemeBearer
	} else {
		*word = schemeToken
	}
	return nil
}

var _ httpx.Renewer = (*scheme)(nil)
