package httpapi

import (
	"context"
	"net/http"

	"github.com/sparkbridge/sparkbridge/ats"
)

// concern is the connection that a call turned out to be about: its refusals are
// told under the names that its product has for them.
type concern struct {
	connection ats.Connection
	known      bool
}

type concernKey struct{}

// withConcern gives a call a place for its connection.
func withConcern(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), concernKey{}, &concern{}))
}

// concerns notes which connection a call is about.
func concerns(r *http.Request, c ats.Connection) {
	if place, ok := r.Context().Value(concernKey{}).(*concern); ok {
		place.connection, place.known = c, true
	}
}

// named returns err under the product's own name for the refusal in it.
func (a *api) named(r *http.Request, err error) error {
	place, ok := r.Context().Value(concernKey{}).(*concern)
	if !ok || !place.known {
		return err
	}
	policy, policyErr := a.engine.PolicyOf(place.connection)
	if policyErr != nil {
		return err
	}
	return policy.Name(err)
}
