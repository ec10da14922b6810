package sparkhiretest

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// tokenPath is where access tokens are issued, below the version. [observed: docs/vendors/sparkhire.md]
const tokenPath = "partners/oauth/token" //nolint:gosec // an address, not a credential

// Credentials let a program use version 2.0 for an account, on behalf of any of its active users.
type Credentials struct {
	// ClientID and ClientSecret are made up by [Server.AddCredentials] where they are empty. The log of requests keeps
	// the secret only of one that a fault has struck before its effect.
	ClientID, ClientSecret string
	// AccountID says whose they are; empty is the first account.
	AccountID string
}

// String leaves the secret out.
func (c Credentials) String() string { return "credentials of account " + c.AccountID }

// LogValue implements slog.LogValuer.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

type credentials struct {
	Credentials

	revoked bool
}

// token is an access token that was issued.
type token struct {
	by      *credentials
	until   time.Time
	revoked bool
}

// AddCredentials makes credentials as the settings page does. It panics when the account is unknown or the client ID
// is taken. [observed: that a page makes them; docs/vendors/sparkhire.md]
func (s *Server) AddCredentials(c Credentials) Credentials {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.AccountID = s.mustAccount(c.AccountID).id
	if c.ClientID == "" {
		c.ClientID = s.cfg.ids.uuid()
	}
	if c.ClientSecret == "" {
		c.ClientSecret = s.cfg.ids.secret()
	}
	if _, taken := s.meet.credentials.get(c.ClientID); taken {
		panic("sparkhiretest: add credentials: the client ID is taken")
	}
	s.meet.credentials.add(c.ClientID, &credentials{Credentials: c})
	return c
}

// RevokeCredentials deletes credentials; their tokens die with them. It returns [ErrNotFound] when there are none.
// [assumed: docs/vendors/sparkhire.md]
func (s *Server) RevokeCredentials(clientID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.meet.credentials.get(clientID)
	if !ok || c.revoked {
		return fmt.Errorf("revoke credentials: %w", ErrNotFound)
	}
	c.revoked = true
	return nil
}

// RevokeTokens makes every token that was issued until now useless before its time, and returns how many still were
// of use. New ones can be had at once.
func (s *Server) RevokeTokens() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, n := s.tick(), 0
	for _, t := range s.meet.tokens.list {
		if t.good(now) {
			n++
		}
		t.revoked = true
	}
	return n
}

// TokensIssued returns how many access tokens the server has given out.
func (s *Server) TokensIssued() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.meet.tokens.list)
}

func (t *token) good(now time.Time) bool { return !t.revoked && !t.by.revoked && now.Before(t.until) }

// bearer finds the credentials behind a request's token. [observed: Bearer; assumed: 401; docs/vendors/sparkhire.md]
func (s *Server) bearer(r *http.Request, now time.Time) (*credentials, *meetProblem) {
	value, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	t, issued := s.meet.tokens.get(value)
	if !ok || !issued || !t.good(now) {
		return nil, meet(refusal(http.StatusUnauthorized, "Unauthenticated."))
	}
	return t.by, nil
}

// tokenJSON is the answer that brings a token. [observed: access_token; assumed: the others; docs/vendors/sparkhire.md]
type tokenJSON struct {
	Type      string `json:"token_type"`
	ExpiresIn int    `json:"expires_in,omitempty"`
	Token     string `json:"access_token"`
}

// issueToken gives out an access token for client credentials in a JSON body. A form and HTTP Basic are refused, since
// nobody has seen them work. Older tokens stay good.
// [observed: the body; assumed: statuses, error codes, older tokens; docs/vendors/sparkhire.md]
func (s *Server) issueToken(r *http.Request, body []byte, now time.Time) answer {
	by, p := s.authenticateClient(r, body)
	if p == nil {
		p = s.chargeCredentials(by, now)
	}
	if p != nil {
		return p.answer()
	}
	value := s.cfg.ids.secret()
	s.meet.tokens.add(value, &token{by: by, until: now.Add(s.cfg.meet.tokenLife())})
	shown := tokenJSON{Type: "Bearer", Token: value}
	if !s.cfg.meet.secretive {
		shown.ExpiresIn = int(s.cfg.meet.tokenLife() / time.Second)
	}
	return s.success(http.StatusOK, shown)
}

func (s *Server) authenticateClient(r *http.Request, body []byte) (*credentials, *meetProblem) {
	if r.Method != http.MethodPost {
		return nil, meet(notAllowed(r.Method, []string{http.MethodPost}))
	}
	if p := checkMediaType(r.Header.Get("Content-Type")); p != nil {
		return nil, meet(p)
	}
	f, p := object(body)
	if p != nil {
		return nil, meet(p)
	}
	var grant, id, secret, scope string
	f.text("grant_type", &grant)
	f.text("client_id", &id)
	f.text("client_secret", &secret)
	f.text("scope", &scope)
	switch {
	case f.wrong != "":
		return nil, s.invalid(f.wrong)
	case grant != "client_credentials":
		return nil, oauthRefusal(http.StatusBadRequest, "unsupported_grant_type")
	case scope != "*":
		return nil, oauthRefusal(http.StatusBadRequest, "invalid_scope")
	}
	c, ok := s.meet.credentials.get(id)
	if !ok || c.revoked || subtle.ConstantTimeCompare([]byte(c.ClientSecret), []byte(secret)) == 0 {
		return nil, oauthRefusal(http.StatusUnauthorized, "invalid_client")
	}
	return c, nil
}

func oauthRefusal(status int, code string) *meetProblem {
	return &meetProblem{problem: refusal(status, "The request for a token is refused."), code: code}
}

// withoutSecret is the body of a request for a token as the log keeps it, without the client's secret.
func withoutSecret(body []byte) []byte {
	var shown map[string]any
	if json.Unmarshal(body, &shown) != nil {
		return nil
	}
	delete(shown, "client_secret")
	kept, err := json.Marshal(shown)
	if err != nil {
		return nil
	}
	return kept
}
