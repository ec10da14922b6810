package sparkhire

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

// Plan is what the account has bought [modelled: docs/vendors/sparkhire.md]. A limit that the vendor
// did not send is 0.
type Plan struct {
	Name            string   `json:"name"`
	ActiveJobsLimit int      `json:"active_jobs_limit"`
	UsersLimit      int      `json:"users_limit"`
	Products        []string `json:"products"`

	Raw json.RawMessage `json:"-"` // as received
}

// PlanService reads the account's plan.
type PlanService service

// Get returns the account's plan and its limits.
//
// GET /plan, https://docs.sparkhire.com/
func (s *PlanService) Get(ctx context.Context) (*Plan, error) {
	return call(ctx, s.client, &httpx.Request{Method: http.MethodGet, Path: "/plan"}, func(body []byte) (*Plan, error) {
		body = wire.Unwrap(body)
		if wire.First(body) != '{' {
			return nil, wire.ErrNotAnObject
		}
		p := new(Plan)
		err := p.UnmarshalJSON(body)
		return p, err
	})
}

// UnmarshalJSON reads the vendor's form, tolerating fields of other types.
func (p *Plan) UnmarshalJSON(b []byte) error {
	type plain Plan
	p.Raw = bytes.Clone(b)
	return wire.Fill(b, &struct {
		*plain
		ActiveJobsLimit intInto `json:"active_jobs_limit"`
		UsersLimit      intInto `json:"users_limit"`
	}{(*plain)(p), intInto{&p.ActiveJobsLimit}, intInto{&p.UsersLimit}})
}
