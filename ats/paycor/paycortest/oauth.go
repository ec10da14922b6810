package paycortest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	accessLifetime = 1800 * time.Second // [observed: docs/vendors/paycor.md]
	codeLifetime   = 5 * time.Minute    // [assumed]
)

// code is what the sign-in page sends back.
type code struct {
	grant     *grant
	redirect  string
	challenge string
	expires   time.Time
	used      bool
}

type accessToken struct {
	grant   *grant
	expires time.Time
}

type refreshToken struct {
	grant *grant
	used  bool
}

// Consent plays the administrator on the sign-in page: it checks the address as the page does, accepts,
// and returns where the browser is sent, with the code. Without entities all that the server has are
// picked. The error says what is wrong with the address.
func (s *Server) Consent(authorizationURL string, entities ...*LegalEntity) (redirect string, err error) {
	u, err := url.Parse(authorizationURL)
	if err != nil {
		return "", errors.New("consent: not a URL")
	}
	if u.Path != pathAuthorize || !s.answersFor(u.Host) {
		return "", errors.New("consent: not the address of the sign-in page")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.consent(u.Query(), entities)
}

// Decline plays an administrator who refuses. It returns where the browser is sent.
func (s *Server) Decline(authorizationURL string) (redirect string, err error) {
	u, err := url.Parse(authorizationURL)
	if err != nil {
		return "", errors.New("decline: not a URL")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.checkAuthorize(u.Query()); err != nil {
		return "", err
	}
	return back(u.Query(), url.Values{"error": {"access_denied"}, "error_description": {"The administrator declined."}})
}

func (s *Server) consent(q url.Values, entities []*LegalEntity) (string, error) {
	a, err := s.checkAuthorize(q)
	if err != nil {
		return "", err
	}
	id := s.ids.secret(20)
	s.codes[id] = &code{
		grant:    a.grant(entities, strings.HasSuffix(q.Get("scope"), " offline_access")),
		redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"), expires: s.now().Add(codeLifetime),
	}
	return back(q, url.Values{"code": {id}})
}

// back is the address to return to, with the state.
func back(q, answer url.Values) (string, error) {
	u, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		return "", errors.New("redirect_uri is not a URL")
	}
	to := u.Query()
	maps.Copy(to, answer)
	to.Set("state", q.Get("state"))
	u.RawQuery = to.Encode()
	return u.String(), nil
}

// authorizeParams are all that the page takes [observed: docs/vendors/paycor.md].
var authorizeParams = []string{ //nolint:gochecknoglobals // a constant table
	"response_type", "client_id", "redirect_uri", "scope", "subscription-key", "state", "code_challenge", "code_challenge_method",
}

// checkAuthorize is as strict as programs in the field had to be [observed], and stricter where that
// can only help [assumed]: a verifier in the address is refused.
func (s *Server) checkAuthorize(q url.Values) (*Application, error) {
	for name, values := range q {
		if !slices.Contains(authorizeParams, name) {
			return nil, fmt.Errorf("unknown parameter %s", name)
		}
		if len(values) != 1 {
			return nil, fmt.Errorf("parameter %s comes more than once", name)
		}
	}
	for _, name := range authorizeParams {
		if q.Get(name) == "" {
			return nil, fmt.Errorf("parameter %s is missing", name)
		}
	}
	a := s.application(func(c *ApplicationConfig) bool { return c.ClientID == q.Get("client_id") })
	switch {
	case q.Get("response_type") != "code":
		return nil, errors.New("response_type must be code")
	case a == nil:
		return nil, errors.New("client_id is unknown")
	case !slices.Contains(a.cfg.RedirectURLs, q.Get("redirect_uri")):
		return nil, errors.New("redirect_uri is not an Approved Return OAuth URL")
	case q.Get("subscription-key") != a.cfg.SubscriptionKey:
		return nil, errors.New("subscription-key is not the application's")
	case q.Get("scope") != a.cfg.Scope && q.Get("scope") != a.cfg.Scope+" offline_access":
		return nil, errors.New("scope must be the scope version identifier, then offline_access")
	case len(q.Get("code_challenge")) != 43:
		return nil, errors.New("code_challenge must be 43 characters of base64url")
	case !strings.EqualFold(q.Get("code_challenge_method"), "s256"): // both spellings are in use [observed]
		return nil, errors.New("code_challenge_method must be s256")
	}
	return a, nil
}

func (s *Server) application(match func(*ApplicationConfig) bool) *Application {
	for _, a := range s.applications {
		if match(&a.cfg) {
			return a
		}
	}
	return nil
}

//nolint:gochecknoglobals // a constant text
var signIn = template.Must(template.New("sign-in").Parse(`<!doctype html><meta charset="utf-8"><title>Activate application</title>
<h1>Activate application</h1><p>The application asks to read recruiting data of:</p>
<ul>{{range .}}<li>Client ID {{.ID}}</li>{{end}}</ul><form method="post"><button>Accept the terms and activate</button></form>
`))

// authorizePage is the page for browsers: GET shows it, POST is its button.
func (s *Server) authorizePage(w http.ResponseWriter, r *http.Request) {
	if _, err := s.checkAuthorize(r.URL.Query()); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch r.Method {
	case http.MethodGet:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = signIn.Execute(w, s.entities)
	case http.MethodPost:
		to, err := s.consent(r.URL.Query(), nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // to an approved address
	default:
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

// tokenForm is the token endpoint [observed: docs/vendors/paycor.md]. The key comes in the address.
func (s *Server) tokenForm(w http.ResponseWriter, r *http.Request, entry *Request) {
	a, ok := s.gateway(w, r, entry)
	if !ok {
		return
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Method != http.MethodPost:
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	case kind != "application/x-www-form-urlencoded":
		w.WriteHeader(http.StatusUnsupportedMediaType)
		return
	}
	for name := range r.URL.Query() {
		if name != "subscription-key" {
			oauthError(w, "invalid_request")
			return
		}
	}
	if err := r.ParseForm(); err != nil || !once(r.PostForm) {
		oauthError(w, "invalid_request")
		return
	}
	f := r.PostForm
	switch f.Get("grant_type") {
	case "authorization_code":
		s.exchange(w, a, f)
	case "refresh_token":
		if !only(f, "grant_type", "refresh_token", "client_id", "client_secret") {
			oauthError(w, "invalid_request")
			return
		}
		s.renew(w, a, "A", f.Get("refresh_token"), f.Get("client_id"), f.Get("client_secret"))
	default:
		oauthError(w, "unsupported_grant_type")
	}
}

func (s *Server) exchange(w http.ResponseWriter, a *Application, f url.Values) {
	switch {
	case !only(f, "grant_type", "client_id", "client_secret", "code", "code_verifier", "redirect_uri"):
		oauthError(w, "invalid_request")
		return
	case f.Get("client_id") != a.cfg.ClientID || f.Get("client_secret") != a.cfg.ClientSecret:
		oauthError(w, "invalid_client")
		return
	}
	c := s.codes[f.Get("code")]
	digest := sha256.Sum256([]byte(f.Get("code_verifier")))
	challenge := base64.RawURLEncoding.EncodeToString(digest[:])
	if c == nil || c.used || c.grant.application != a || !s.now().Before(c.expires) ||
		c.redirect != f.Get("redirect_uri") || subtle.ConstantTimeCompare([]byte(c.challenge), []byte(challenge)) != 1 {
		oauthError(w, "invalid_grant")
		return
	}
	c.used = true
	s.answerTokens(w, s.issue(c.grant))
}

// tokenJSON is the other way to renew tokens: JSON with names in snake_case only [observed].
func (s *Server) tokenJSON(w http.ResponseWriter, r *http.Request, entry *Request) {
	a, ok := s.gateway(w, r, entry)
	if !ok {
		return
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Method != http.MethodPost:
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	case kind != "application/json":
		w.WriteHeader(http.StatusUnsupportedMediaType)
		return
	}
	var body map[string]string
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		oauthError(w, "invalid_request")
		return
	}
	f := url.Values{}
	for name, value := range body {
		f.Set(name, value)
	}
	if !only(f, "refresh_token", "client_id", "client_secret") {
		oauthError(w, "invalid_request")
		return
	}
	s.renew(w, a, "B", body["refresh_token"], body["client_id"], body["client_secret"])
}

// renew uses up a refresh token and gives a new one [observed]. A used one is refused with 400.
func (s *Server) renew(w http.ResponseWriter, a *Application, form, token, id, secret string) {
	attempt := Refresh{At: s.now(), Form: form}
	defer func() { a.refreshes = append(a.refreshes, attempt) }()
	if id != a.cfg.ClientID || secret != a.cfg.ClientSecret {
		attempt.Refused = true
		oauthError(w, "invalid_client")
		return
	}
	t := s.refresh[token]
	attempt.Reused = t != nil && t.used
	if t == nil || t.used || t.grant.revoked || t.grant.application != a {
		attempt.Refused = true
		oauthError(w, "invalid_grant")
		return
	}
	t.used = true
	s.answerTokens(w, s.issue(t.grant))
}

// issue makes a pair of tokens. Callers hold s.mu.
func (s *Server) issue(g *grant) Tokens {
	t := Tokens{Access: "eyJhbGciOi." + s.ids.secret(32), Expires: s.now().Add(accessLifetime)}
	s.access[t.Access] = &accessToken{grant: g, expires: t.Expires}
	if g.offline {
		t.Refresh = s.ids.secret(32) // 64 hexadecimal characters [observed]
		s.refresh[t.Refresh] = &refreshToken{grant: g}
	}
	return t
}

func (s *Server) answerTokens(w http.ResponseWriter, t Tokens) {
	body := map[string]any{"access_token": t.Access, "token_type": "Bearer", "expires_in": int(accessLifetime / time.Second)}
	if t.Refresh != "" {
		body["refresh_token"] = t.Refresh
	}
	if s.quirks.NoExpiresIn {
		delete(body, "expires_in")
	}
	writeJSON(w, http.StatusOK, body)
}

// oauthError answers 400 in the form of RFC 6749, 5.2 [assumed: only the status is observed].
func oauthError(w http.ResponseWriter, kind string) {
	writeJSON(w, http.StatusBadRequest, map[string]string{"error": kind})
}

// only says that a form has exactly these fields, none of them empty.
func only(f url.Values, names ...string) bool {
	for _, name := range names {
		if f.Get(name) == "" {
			return false
		}
	}
	return len(f) == len(names)
}

// once says that no field is repeated.
func once(f url.Values) bool {
	for _, values := range f {
		if len(values) != 1 {
			return false
		}
	}
	return true
}
