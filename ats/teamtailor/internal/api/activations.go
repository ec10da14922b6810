package api

import (
	"context"
	"iter"
	"log/slog"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
)

// Activations calls /partner/v1/partner-activations: the only way to see which
// companies have the integration installed, and so to notice that one has
// removed it [documented: docs/vendors/teamtailor.md].
type Activations struct{ client *client }

// Activation is one company's installation.
type Activation struct {
	ID          string
	CompanyUUID string
	CompanyName string

	// ProviderKey is a compact JWE under the webhook secret; empty if the vendor sent
	// anything but a string. It holds all of the company's keys.
	ProviderKey string
}

// LogValue shows the ids.
func (a Activation) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", a.ID), slog.String("company", a.CompanyUUID))
}

// List returns a page of the installations; nil options ask for the first.
func (s *Activations) List(ctx context.Context, opts *PageOptions) (*Page[Activation], error) {
	return s.list(opts).page(ctx)
}

// All yields every installation. A company counts as gone only after a loop that
// ended without an error.
func (s *Activations) All(ctx context.Context, opts *PageOptions) iter.Seq2[Activation, error] {
	return s.list(opts).all(ctx)
}

// Get returns one installation.
func (s *Activations) Get(ctx context.Context, id string) (*Activation, error) {
	return one(ctx, s.client, "partner activation", "/partner/v1/partner-activations/{id}", id, nil, newActivationReader())
}

func (s *Activations) list(opts *PageOptions) list[Activation] {
	return newList(s.client, "partner activations", "/partner/v1/partner-activations", opts, newActivationReader)
}

type activationAttributes struct {
	ProviderKey jsonapi.Text `json:"provider-key"`
	CompanyName jsonapi.Text `json:"company-name"`
	CompanyUUID jsonapi.Text `json:"company-uuid"`
}

func newActivationReader() reader[Activation] {
	set := jsonapi.NewSet[activationAttributes, struct{}]("partner-activations")
	return newReader(&jsonapi.Document{Data: set}, set, func(res *jsonapi.Resource[activationAttributes, struct{}]) Activation {
		a := &res.Attributes
		return Activation{
			ID: res.ID, CompanyUUID: string(a.CompanyUUID), CompanyName: string(a.CompanyName), ProviderKey: string(a.ProviderKey),
		}
	})
}
