package topechelontest

import (
	"errors"
	"fmt"
	"html/template"
	"log/slog"
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

// LogValue names the integration without its secret.
func (i *Integration) LogValue() slog.Value { return slog.StringValue("integration " + i.ClientID) }

// grant is a consent that has not been turned into tokens yet.
type grant struct {
	user        *User
	integration *Integration
	scopes      []string
	challenge   string
	until       time.Time
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

const consentPage = `<!doctype html>
<title>Allow {{.Name}}?</title>
<h1>Allow {{.Name}}?</h1>
<p>This simulator has no passwords. Choose who you are:</p>
<form method="post"><ul>{{range .Users}}<li><button name="user" value="{{.ID}}">{{.Name}}</button></li>{{end}}</ul></form>
`

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
	page := template.Must(template.New("consent").Parse(consentPage))
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
