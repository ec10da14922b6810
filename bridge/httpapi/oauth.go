package httpapi

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/sparkbridge/sparkbridge/ats"
)

// startPath is where a sign-in at a vendor begins. It is not one of the API's paths,
// but needs a token as they do.
const startPath = "/oauth/{adapter}/start"

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
