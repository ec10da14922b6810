package topechelontest

import (
	"crypto/sha256"
	"encoding/base64"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// pair is an access token and what renews it.
type pair struct {
	user            *User
	integration     *Integration
	scopes          []string
	access, refresh string
	until           time.Time
	previous        *pair // ends when this one is first used, with WithRefreshGrace
}

// token is the token endpoint. [observed: docs/vendors/topechelon.md] for what is sent and returned, with redirect_uri on
// renewals too; [assumed] that all of it is demanded, that a refresh token works once, and for the refusals (RFC 6749, 5.2).
func (s *Server) token(r *http.Request, body []byte) reply {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method != http.MethodPost || err != nil || media != "application/x-www-form-urlencoded" {
		s.violate(r, "the token endpoint takes a form by POST")
		return s.noToken(http.StatusBadRequest, "invalid_request")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		s.violate(r, "the form cannot be read")
		return s.noToken(http.StatusBadRequest, "invalid_request")
	}
	for _, name := range []string{"grant_type", "client_id", "client_secret", "redirect_uri"} {
		if len(form[name]) != 1 || form.Get(name) == "" {
			s.violate(r, "the form needs "+name+" once")
			return s.noToken(http.StatusBadRequest, "invalid_request")
		}
	}
	i := s.integration(form.Get("client_id"))
	if i == nil || i.ClientSecret != form.Get("client_secret") {
		return s.noToken(http.StatusUnauthorized, "invalid_client")
	}
	if form.Get("redirect_uri") != i.RedirectURL {
		return s.noToken(http.StatusBadRequest, "invalid_grant")
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		return s.exchange(i, form)
	case "refresh_token":
		return s.renew(i, form)
	}
	s.violate(r, "unknown grant type")
	return s.noToken(http.StatusBadRequest, "unsupported_grant_type")
}

func (s *Server) noToken(status int, code string) reply {
	if !s.cfg.oauthCodes {
		return reply{status: status}
	}
	return reply{status: status, body: map[string]any{"error": code, "error_description": "The request was refused."}}
}

// exchange turns a code into tokens, once.
func (s *Server) exchange(i *Integration, form url.Values) reply {
	code := form.Get("code")
	g := s.grants[code]
	delete(s.grants, code)
	if g == nil || g.integration != i || !s.now().Before(g.until) || g.challenge != "" && challenge(form.Get("code_verifier")) != g.challenge {
		return s.noToken(http.StatusBadRequest, "invalid_grant")
	}
	return s.issue(&pair{user: g.user, integration: i, scopes: g.scopes})
}

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// renew exchanges a refresh token for a new pair; the old one ends, its access token included.
func (s *Server) renew(i *Integration, form url.Values) reply {
	old := s.refresh[form.Get("refresh_token")]
	if old == nil || old.integration != i {
		return s.noToken(http.StatusBadRequest, "invalid_grant")
	}
	if old.refresh == "" { // ended, see revoke
		old.user.refused++
		return s.noToken(http.StatusBadRequest, "invalid_grant")
	}
	next := &pair{user: old.user, integration: i, scopes: old.scopes}
	if s.cfg.grace {
		next.previous = old
	} else {
		s.revoke(old)
	}
	old.user.renewals++
	return s.issue(next)
}

// issue makes a pair and answers with it.
func (s *Server) issue(p *pair) reply {
	now := s.now()
	p.access, p.refresh, p.until = s.random.token(), s.random.token(), now.Add(s.cfg.lifetime)
	s.access[p.access], s.refresh[p.refresh] = p, p
	return reply{status: http.StatusOK, body: map[string]any{
		"access_token": p.access, "token_type": "Bearer", "expires_in": int(s.cfg.lifetime / time.Second),
		"refresh_token": p.refresh, "scope": strings.Join(p.scopes, " "), "created_at": now.Unix(),
	}}
}

// revoke ends a pair but remembers whose refresh token it was.
func (s *Server) revoke(p *pair) {
	delete(s.access, p.access)
	ended := *p
	ended.refresh = ""
	s.refresh[p.refresh] = &ended
}

// use finds the pair of an access token, nil when it has ended.
func (s *Server) use(access string) *pair {
	p := s.access[access]
	if p == nil || !s.now().Before(p.until) {
		return nil
	}
	if p.previous != nil {
		s.revoke(p.previous)
		p.previous = nil
	}
	return p
}

// ExpireTokens ends the user's access tokens at once. Refresh tokens stay good.
func (u *User) ExpireTokens() {
	s := u.agency.server
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, p := range s.access {
		if p.user == u {
			delete(s.access, token)
		}
	}
}

// Disconnect ends the user's consents: neither access nor refresh tokens work from then on.
func (u *User) Disconnect() {
	s := u.agency.server
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.refresh {
		if p.user == u && p.refresh != "" {
			s.revoke(p)
		}
	}
}

// Renewals returns how often tokens of the user were renewed.
func (u *User) Renewals() int {
	u.agency.server.mu.Lock()
	defer u.agency.server.mu.Unlock()
	return u.renewals
}

// RefusedRenewals returns how often a refresh token of the user was used that had ended.
func (u *User) RefusedRenewals() int {
	u.agency.server.mu.Lock()
	defer u.agency.server.mu.Unlock()
	return u.refused
}
