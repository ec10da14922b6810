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

// policyOf returns the rules of the connection that a call is about.
func (a *api) policyOf(r *http.Request) (ats.Policy, bool) {
	place, ok := r.Context().Value(concernKey{}).(*concern)
	if !ok || !place.known {
		return ats.Policy{}, false
	}
	policy, err := a.engine.PolicyOf(place.connection)
	return policy, err == nil
}

// statusIn is the status of a code that a product may have its own name for: that of
// the code which it names.
func statusIn(p ats.Policy, code ats.Code) int {
	status := statusOf(code)
	if status != http.StatusUnprocessableEntity {
		return status
	}
	for general, own := range p.Codes {
		if s := statusOf(general); own == code && s != status {
			return s
		}
	}
	return status
}

// named returns err under the product's own name for the refusal in it.
func (a *api) named(r *http.Request, err error) error {
	policy, ok := a.policyOf(r)
	if !ok {
		return err
	}
	return policy.Name(err)
}
