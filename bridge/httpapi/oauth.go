package httpapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
)

// startPath is where a sign-in at a vendor begins. It is not one of the API's paths,
// but needs a token as they do, or a session of the console.
const startPath = "/oauth/{adapter}/start"

// sessionKey is where a call has who signed in to the pages.
type sessionKey struct{}

// withSession returns the call of a browser that starts a sign-in, if its person has
// signed in to the pages. The browser would send the cookie with any call, so it
// opens none of those that change something.
func (a *api) withSession(r *http.Request) (*http.Request, bool) {
	if a.signedIn == nil || !strings.HasPrefix(r.URL.Path, "/oauth/") || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		return nil, false
	}
	u, ok := a.signedIn(r)
	return r.WithContext(context.WithValue(r.Context(), sessionKey{}, u)), ok
}

// startAuthorization sends the browser to the vendor. The person is the one who acts;
// without that, whom the query names.
func (a *api) startAuthorization(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "connection", "user")
	if err != nil {
		return err
	}
	id := q.Get("connection")
	if id == "" {
		return refuse(codeInvalidRequest, "connection", "Say which connection is to be authorized.")
	}
	row, err := a.engine.ConnectionByID(r.Context(), id)
	if errors.Is(err, ats.ErrNotFound) || (err == nil && row.Tenant.Adapter != r.PathValue("adapter")) {
		return refuse(codeNotFound, "connection", "This adapter has no connection with this id.")
	}
	if err != nil {
		return err
	}
	c := connected{row, a.engine.AdapterView(row)}
	concerns(r, c.view)
	by, err := a.actor(r, c.view)
	if err != nil {
		return err
	}
	switch user := q.Get("user"); {
	case user == "":
	case by.IsZero():
		by.ID = user
		if known, ok := c.view.User(user); ok {
			by = known
		}
	case by.ID != user:
		return refuse(ats.CodeNotPermitted, "user", "Everybody signs in for themselves.")
	}
	address, err := a.engine.StartAuthorization(r.Context(), id, by, a.root(r)+"/oauth/"+url.PathEscape(row.Tenant.Adapter)+"/callback")
	if err != nil {
		return err
	}
	w.Header().Set("Location", address)
	w.WriteHeader(http.StatusFound)
	return nil
}

// root is where browsers reach the service.
func (a *api) root(r *http.Request) string {
	if a.baseURL != "" {
		return a.baseURL
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
