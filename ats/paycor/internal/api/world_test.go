package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/paycor/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

const returnURL = "https://bridge.example/return"

// memoryStore is a token store in memory.
type memoryStore struct {
	mu   sync.Mutex
	text string
}

func (m *memoryStore) Load(context.Context) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.text, nil
}

func (m *memoryStore) Swap(_ context.Context, old, replacement string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.text != old {
		return oauth.ErrConflict
	}
	m.text = replacement
	return nil
}

// world is a customer with one account, one job and a signed-in client.
type world struct {
	paycor  *paycortest.Server
	app     *paycortest.Application
	entity  *paycortest.LegalEntity
	account *paycortest.Account
	job     *paycortest.Job
	store   *memoryStore
	client  *api.Client
}

// newWorld needs a synctest bubble only where time passes.
func newWorld(t *testing.T, change ...func(*api.Config)) *world {
	t.Helper()
	w := &world{paycor: paycortest.NewServer(paycortest.InMemory(), paycortest.WithSeed(1)), store: &memoryStore{}}
	t.Cleanup(w.paycor.Close)
	w.entity = w.paycor.AddLegalEntity(paycortest.LegalEntityConfig{ID: 501200, TenantID: 678000})
	w.account = w.entity.AddAccount(paycortest.AccountConfig{Title: "Harbor Lane Foods"})
	w.job = w.account.AddJob(paycortest.JobConfig{Title: "Shift Supervisor"})
	w.app = w.paycor.RegisterApplication(paycortest.ApplicationConfig{RedirectURLs: []string{returnURL}})
	w.client = w.newClient(t, change...)
	tokens := w.app.Activate()
	require.NoError(t, w.client.Save(t.Context(), oauth.Tokens{Access: tokens.Access, Refresh: tokens.Refresh, Expires: tokens.Expires}))
	return w
}

func (w *world) config() api.Config {
	return api.Config{
		BaseURL: w.paycor.URL, AuthorizeURL: w.paycor.AuthorizeURL(), SubscriptionKey: w.app.SubscriptionKey(),
		ClientID: w.app.ClientID(), ClientSecret: w.app.ClientSecret(), Scope: w.app.Scope(), RedirectURL: returnURL,
		HTTPClient: w.paycor.Client(), Tokens: w.store,
	}
}

func (w *world) newClient(t *testing.T, change ...func(*api.Config)) *api.Client {
	t.Helper()
	cfg := w.config()
	for _, f := range change {
		f(&cfg)
	}
	c, err := api.New(cfg)
	require.NoError(t, err)
	return c
}

func (w *world) accountRef() api.AccountRef {
	return api.AccountRef{LegalEntityID: w.entity.ID(), AccountID: w.account.ID()}
}

func (w *world) jobRef() api.JobRef { return api.JobRef{AccountRef: w.accountRef(), JobID: w.job.ID()} }

// calls counts the requests to paths that end so.
func (w *world) calls(match func(paycortest.Request) bool) int {
	n := 0
	for _, r := range w.paycor.Requests() {
		if match(r) {
			n++
		}
	}
	return n
}

func collect[T any](t *testing.T, seq func(func(T, error) bool)) ([]T, error) {
	t.Helper()
	var items []T
	for item, err := range seq {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}

// signIn plays the whole way of an administrator.
func (w *world) signIn(t *testing.T, c *api.Client) (oauth.Tokens, error) {
	t.Helper()
	verifier := base64.RawURLEncoding.EncodeToString(make([]byte, sha256.Size))
	page, err := c.AuthorizationURL("state-1", verifier, "")
	require.NoError(t, err)
	back, err := w.paycor.Consent(page, w.entity)
	require.NoError(t, err)
	u, err := url.Parse(back)
	require.NoError(t, err)
	require.Equal(t, "state-1", u.Query().Get("state"))
	return c.Exchange(t.Context(), u.Query().Get("code"), verifier, "")
}

var day = time.Date(2026, 3, 9, 15, 0, 0, 0, time.UTC)
