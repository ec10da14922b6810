package topechelontest

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The scopes, unless [WithScopeWords] says otherwise. [assumed] An integration has Read, Write or both [documented];
// the words are not published.
const (
	ScopeRead  = "read"
	ScopeWrite = "write"
)

// Integration is what an agency creates under Manage API Credentials. [documented: docs/vendors/topechelon.md]
type Integration struct {
	ClientID     string
	ClientSecret string
	RedirectURL  string
	Scopes       []string

	agency *Agency
	name   string
}

// grant is a consent that has not been turned into tokens yet.
type grant struct {
	user        *User
	integration *Integration
	scopes      []string
	challenge   string
	until       time.Time
}

// pair is an access token and what renews it.
type pair struct {
	user            *User
	integration     *Integration
	scopes          []string
	access, refresh string
	until           time.Time
}

// codeLifetime is how long a code can be exchanged. [assumed]
const codeLifetime = 10 * time.Minute

// AddIntegration creates an integration. Without scopes it has both.
func (a *Agency) AddIntegration(name, redirectURL string, scopes ...string) *Integration {
	s := a.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(scopes) == 0 {
		scopes = s.cfg.scopes
	}
	for _, scope := range scopes {
		if !slices.Contains(s.cfg.scopes, scope) {
			panic("topechelontest: no scope " + scope)
		}
	}
	i := &Integration{
		ClientID: s.random.token(), ClientSecret: s.random.token(), RedirectURL: redirectURL, Scopes: slices.Clone(scopes),
		agency: a, name: name,
	}
	s.integrations = append(s.integrations, i)
	return i
}

// Allow plays the user who is sent to the consent page, reads it and agrees. It returns the address to which the browser
// is sent back, with code and state, and makes no request to it. The error says what is wrong with the address.
func (u *User) Allow(consentURL string) (redirectURL string, err error) {
	return u.answer(consentURL, true)
}

// Deny plays the user who does not agree: the browser is sent back with error=access_denied (RFC 6749, 4.1.2.1).
func (u *User) Deny(consentURL string) (redirectURL string, err error) {
	return u.answer(consentURL, false)
}

func (u *User) answer(consentURL string, allow bool) (string, error) {
	page, err := url.Parse(consentURL)
	if err != nil {
		return "", errors.New("the consent page has no readable address")
	}
	s := u.agency.server
	if page.Scheme+"://"+page.Host+page.Path != s.AuthorizeURL() {
		return "", errors.New("this is not the consent page")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.consent(u, page.Query(), allow)
}

// asked checks what a consent page was opened with. [assumed: docs/vendors/topechelon.md] Standard OAuth: RFC 6749, 4.1.1.
func (s *Server) asked(q url.Values) (*grant, error) {
	for name, values := range q {
		if len(values) != 1 {
			return nil, fmt.Errorf("parameter %s: given more than once", name)
		}
	}
	i := s.integration(q.Get("client_id"))
	switch {
	case i == nil:
		return nil, errors.New("parameter client_id: no such integration")
	case q.Get("redirect_uri") != i.RedirectURL:
		return nil, errors.New("parameter redirect_uri: not the one of the integration")
	case q.Get("response_type") != "code":
		return nil, errors.New("parameter response_type: want code")
	case q.Get("state") == "":
		return nil, errors.New("parameter state: missing")
	case q.Get("code_challenge") != "" && q.Get("code_challenge_method") != "S256":
		return nil, errors.New("parameter code_challenge_method: want S256")
	}
	g := &grant{integration: i, scopes: strings.Fields(q.Get("scope")), challenge: q.Get("code_challenge")}
	for _, scope := range g.scopes {
		if !slices.Contains(i.Scopes, scope) {
			return nil, errors.New("parameter scope: not one of the integration")
		}
	}
	if len(g.scopes) == 0 {
		g.scopes = i.Scopes // [assumed]
	}
	return g, nil
}

// consent is the user's answer. Callers hold the lock.
func (s *Server) consent(u *User, q url.Values, allow bool) (string, error) {
	g, err := s.asked(q)
	if err != nil {
		return "", err
	}
	if u.agency != g.integration.agency {
		return "", errors.New("the integration belongs to another agency")
	}
	back, err := url.Parse(g.integration.RedirectURL)
	if err != nil {
		return "", errors.New("the redirect URL of the integration is not a URL")
	}
	result := back.Query()
	result.Set("state", q.Get("state"))
	if allow {
		code := s.random.token()
		g.user, g.until = u, s.now().Add(codeLifetime)
		s.grants[code] = g
		result.Set("code", code)
	} else {
		result.Set("error", "access_denied")
	}
	back.RawQuery = result.Encode()
	return back.String(), nil
}

var page = template.Must(template.New("consent").Parse(`<!doctype html>
<title>Allow {{.Name}}?</title>
<h1>Allow {{.Name}}?</h1>
<p>This simulator has no passwords. Choose who you are:</p>
<form method="post"><ul>{{range .Users}}<li><button name="user" value="{{.ID}}">{{.Name}}</button></li>{{end}}</ul></form>
`))

// authorizePage is the consent page for a browser: each user of the agency is a button.
func (s *Server) authorizePage(r *http.Request) reply {
	g, err := s.asked(r.URL.Query())
	if err != nil {
		return reply{status: http.StatusBadRequest, body: html("<!doctype html><title>Refused</title><p>" + template.HTMLEscapeString(err.Error()))}
	}
	if r.Method == http.MethodPost {
		if err := r.ParseForm(); err != nil {
			return refuse(http.StatusBadRequest, "the form cannot be read")
		}
		for _, u := range g.integration.agency.users {
			if u.ID != r.PostForm.Get("user") {
				continue
			}
			if back, err := s.consent(u, r.URL.Query(), true); err == nil {
				return reply{status: http.StatusSeeOther, header: http.Header{"Location": {back}}}
			}
		}
		return refuse(http.StatusBadRequest, "no such user")
	}
	var b strings.Builder
	if err := page.Execute(&b, struct {
		Name  string
		Users []*User
	}{g.integration.name, g.integration.agency.users}); err != nil {
		return refuse(http.StatusInternalServerError, "the page cannot be drawn")
	}
	return reply{status: http.StatusOK, body: html(b.String())}
}

// integration finds one by its client id. Callers hold the lock.
func (s *Server) integration(clientID string) *Integration {
	for _, i := range s.integrations {
		if i.ClientID == clientID {
			return i
		}
	}
	return nil
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
	s.revoke(old)
	old.user.renewals++
	return s.issue(&pair{user: old.user, integration: i, scopes: old.scopes})
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
