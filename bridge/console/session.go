package console

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sparkbridge/sparkbridge/ats"
)

const (
	loginPath = "/login"
	// sessionTTL is how long a person stays signed in.
	sessionTTL = 12 * time.Hour
	// cookieName is the session's cookie. Where nobody else shares the host, browsers
	// also keep other hosts from setting it.
	cookieName     = "sparkbridge_console"
	cookieNameHost = "__Host-" + cookieName
	// sealed says what a sealed session is, so that nothing else that the ring has
	// sealed can be given as one.
	sealed = "console session"
	// nobodySaid is who acts when a person gives no name.
	nobodySaid = "console"
	maxName    = 200
)

// session is who has signed in, with which token and until when.
type session struct {
	Name  string    `json:"name"`
	Token string    `json:"token"` // its digest
	Until time.Time `json:"until"`
}

// person is who acts, as the engine knows people: an administrator. On a connection
// it may be a linked user, see [Console.actor].
func (s session) person() ats.User { return ats.User{ID: s.Name, Name: s.Name, Admin: true} }

// actor is the person on a connection: with the key that a linked user of this id
// has.
func (s session) actor(c ats.Connection) ats.User {
	u := s.person()
	if known, ok := c.User(u.ID); ok {
		known.Admin = true
		return known
	}
	return u
}

// User returns who has signed in, for what serves browsers beside the pages.
func (c *Console) User(r *http.Request) (ats.User, bool) {
	s, ok := c.session(r)
	return s.person(), ok
}

// digest names a token: the same under every rotation of the ring.
func (c *Console) digest(token string) string { return c.keys.Digest("console token", token) }

// accepted reports whether a digest is that of a token that is configured now. It
// compares with all of them.
func (c *Console) accepted(digest string) bool {
	found := 0
	for _, known := range c.tokens {
		found |= subtle.ConstantTimeCompare([]byte(known), []byte(digest))
	}
	return found == 1
}

// session returns the session of a call, if there is one that is good.
func (c *Console) session(r *http.Request) (session, bool) {
	cookie, err := r.Cookie(c.cookieName())
	if err != nil {
		return session{}, false
	}
	value, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return session{}, false
	}
	text, err := c.keys.Open(value, sealed)
	if err != nil {
		return session{}, false
	}
	var s session
	if json.Unmarshal(text, &s) != nil || !c.clock().Before(s.Until) || !c.accepted(s.Token) {
		return session{}, false
	}
	return s, true
}

func (c *Console) cookieName() string {
	if c.secure && c.base == "" {
		return cookieNameHost
	}
	return cookieName
}

// setCookie gives the browser a session; an empty value takes it away. The path is
// that of the service, for the sign-in at vendors is beside the pages.
func (c *Console) setCookie(w http.ResponseWriter, r *http.Request, value string) {
	age := int(sessionTTL.Seconds())
	if value == "" {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // secure wherever the service is reached by https; over http browsers would drop it
		Name: c.cookieName(), Value: value, Path: c.base + "/", MaxAge: age,
		HttpOnly: true, Secure: c.secure || r.TLS != nil, SameSite: http.SameSiteStrictMode,
	})
}

// signInFirst sends who has no session to the form, and from there back: to the
// page, or to the page of the form that was sent.
func (c *Console) signInFirst(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		// The link that brought the person is on another site, and browsers hold a
		// strict cookie back then. They send it from a page of ours.
		c.show(w, r, session{}, http.StatusOK, "again", "One moment", nil)
		return
	}
	back := r.URL.EscapedPath()
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		back = parent(r)
	case r.URL.RawQuery != "":
		back += "?" + r.URL.RawQuery
	}
	http.Redirect(w, r, c.link(loginPath)+"?"+url.Values{"return": {strings.TrimPrefix(back, root)}}.Encode(), http.StatusSeeOther)
}

// returnTo returns where a person goes after signing in: a page of this console,
// whatever the form says.
func (c *Console) returnTo(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || !strings.HasPrefix(u.Path, "/") ||
		path.Clean(u.Path) != u.Path || strings.ContainsAny(u.Path, "\\") || u.Path == loginPath || u.Path == "/" {
		return c.link("")
	}
	return c.link("") + (&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}).String()
}

// loginView is the form with which people sign in.
type loginView struct {
	Return, Name string
	NoTokens     bool
}

func (c *Console) loginForm(w http.ResponseWriter, r *http.Request, s session) error {
	return c.showLogin(w, r, s, http.StatusOK, "", loginView{Return: r.URL.Query().Get("return")})
}

func (c *Console) showLogin(w http.ResponseWriter, r *http.Request, s session, status int, problem string, v loginView) error {
	v.NoTokens = len(c.tokens) == 0
	c.showWith(w, r, status, "login", frame{Title: "Sign in", Session: s, Problem: problem, View: v})
	return nil
}

func (c *Console) login(w http.ResponseWriter, r *http.Request, s session) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	v := loginView{Return: r.PostForm.Get("return"), Name: strings.TrimSpace(r.PostForm.Get("name"))}
	digest := c.digest(strings.TrimSpace(r.PostForm.Get("token")))
	if !c.accepted(digest) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="sparkbridge"`)
		return c.showLogin(w, r, s, http.StatusUnauthorized, "This is not one of the API tokens.", v)
	}
	if v.Name == "" {
		v.Name = nobodySaid
	}
	if !utf8.ValidString(v.Name) || utf8.RuneCountInString(v.Name) > maxName || strings.ContainsFunc(v.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return c.showLogin(w, r, s, http.StatusUnprocessableEntity, "Write your name in at most 200 printable characters.", v)
	}
	text, err := json.Marshal(session{Name: v.Name, Token: digest, Until: c.clock().Add(sessionTTL).UTC()})
	if err != nil {
		return err
	}
	c.setCookie(w, r, base64.RawURLEncoding.EncodeToString(c.keys.Seal(text, sealed)))
	http.Redirect(w, r, c.returnTo(v.Return), http.StatusSeeOther)
	return nil
}

func (c *Console) logout(w http.ResponseWriter, r *http.Request, _ session) error {
	c.setCookie(w, r, "")
	http.Redirect(w, r, c.link(loginPath), http.StatusSeeOther)
	return nil
}
