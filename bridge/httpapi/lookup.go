package httpapi

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// connected is a connection with how adapters see it.
type connected struct {
	row  store.Connection
	view ats.Connection
}

// connection returns the connection that the path names.
func (a *api) connection(r *http.Request) (connected, error) {
	id, err := pathID(r, "id")
	if err != nil {
		return connected{}, err
	}
	row, err := a.engine.ConnectionByID(r.Context(), id)
	if errors.Is(err, ats.ErrNotFound) {
		return connected{}, refuse(codeNotFound, "", "There is no connection with this id.")
	}
	if err != nil {
		return connected{}, err
	}
	c := connected{row, a.engine.AdapterView(row)}
	concerns(r, c.view)
	return c, nil
}

// adapter returns the adapter of that name. A stored connection may be one of an
// adapter that is not enabled any more.
func (a *api) adapter(name string) (ats.Adapter, error) {
	adapter, ok := a.engine.Adapter(name)
	if !ok {
		return nil, refuse(codeNotSupported, "", fmt.Sprintf("The adapter %q is not enabled.", name))
	}
	return adapter, nil
}

// known is an interview with its connection and who asks about it.
type known struct {
	connected
	interview store.Interview
	actor     ats.User
}

// interview returns the interview that the named part of the path names.
func (a *api) interview(r *http.Request, name string) (known, error) {
	id, err := pathID(r, name)
	if err != nil {
		return known{}, err
	}
	i, err := a.engine.StoredInterview(r.Context(), id)
	if errors.Is(err, ats.ErrNotFound) {
		return known{}, refuse(codeNotFound, "", "There is no interview with this id.")
	}
	if err != nil {
		return known{}, err
	}
	row, err := a.engine.ConnectionByID(r.Context(), i.ConnectionID)
	if err != nil {
		return known{}, err
	}
	k := known{connected: connected{row, a.engine.AdapterView(row)}, interview: i}
	concerns(r, k.view)
	k.actor, err = a.actor(r, k.view)
	return k, err
}

// visible returns that interview to who may see it.
func (a *api) visible(r *http.Request, name string) (known, error) {
	k, err := a.interview(r, name)
	if err != nil {
		return known{}, err
	}
	return k, a.engine.CheckView(r.Context(), k.view, k.actor, refOf(k.interview))
}

// changeable returns that interview to who may change it.
func (a *api) changeable(r *http.Request, name string) (known, error) {
	k, err := a.interview(r, name)
	if err != nil {
		return known{}, err
	}
	return k, a.engine.CheckChange(r.Context(), k.view, k.actor, refOf(k.interview))
}

// refOf names the candidate of an interview, in the course of its job.
func refOf(i store.Interview) ats.CandidateRef {
	return ats.CandidateRef{Tenant: i.Tenant, ID: i.Candidate.ID, JobID: i.Job.ID}
}
