package sparkhire

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

// Company is a Spark Hire customer. Within an interview only Name and Avatar are known to be there
// [observed: docs/vendors/sparkhire.md].
type Company struct {
	UUID      string    `json:"uuid"`
	Name      string    `json:"name"`
	Avatar    string    `json:"avatar"`
	CreatedAt time.Time `json:"created_at,omitzero"`

	Raw json.RawMessage `json:"-"` // as received
}

// CompaniesService reads companies.
type CompaniesService service

// Get returns a company. One that is unknown or not visible to the user gives [ErrNotFound].
//
// GET /companies/{uuid}, https://docs.sparkhire.com/
func (s *CompaniesService) Get(ctx context.Context, uuid string) (*Company, error) {
	return get[Company](ctx, s.client, "/companies/{uuid}", uuid)
}

func (c Company) id() string { return c.UUID }

// companyWire is a company on the wire, by itself or within an interview.
type companyWire struct {
	companyShape
	CreatedAt wireTime `json:"created_at"`
}

type companyShape Company // without methods

// company returns the company inside w, which must not be used again; nil for nil.
func (w *companyWire) company() *Company {
	if w == nil {
		return nil
	}
	c := (*Company)(&w.companyShape)
	c.CreatedAt = time.Time(w.CreatedAt)
	return c
}

// UnmarshalJSON reads the vendor's form, tolerating fields of other types.
func (c *Company) UnmarshalJSON(b []byte) error {
	var w companyWire
	err := wire.Fill(b, &w)
	*c = *w.company()
	c.Raw = bytes.Clone(b)
	return err
}
