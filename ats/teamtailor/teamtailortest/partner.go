package teamtailortest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
)

// PartnerConfig is what a partner enters in the Integrations Hub, and what the hub makes for them.
// [documented: docs/vendors/teamtailor.md]
type PartnerConfig struct {
	// Name appears in the marketplace and on partner results. Default "Spark Hire".
	Name string
	// BaseURL is what the vendor appends /config, /webhook, /activation and the other paths to. It may be set later with
	// [Partner.SetBaseURL]; until then every call to the integration fails.
	BaseURL string
	// APIKey authorizes the integration's calls to the Partner API and signs provider keys. Default: random.
	APIKey string
	// WebhookSecret signs Teamtailor-Signature. It is never the API key. Default: random.
	WebhookSecret string
	// ActivationConfig is the JSON pasted as activation form. Empty: no fields, so that activations get a UUID.
	ActivationConfig json.RawMessage
	// DynamicActivation makes the vendor fetch the activation form from the integration instead.
	DynamicActivation bool
	// TriggerConfig is a fixed trigger form that replaces GET /config. Empty: the integration is asked.
	TriggerConfig json.RawMessage
	// AllowBulk offers the integration for several candidates at once.
	AllowBulk bool
	// RequireCompanyToken makes the vendor ask the admin for a company API token and send it along. Only Teamtailor can
	// switch this on.
	RequireCompanyToken bool
	// EventSetup sends the events of every company that has the integration installed to one URL. Only Teamtailor can switch
	// this on.
	EventSetup EventSetup
}

// LogValue keeps the key and the secret out of logs.
func (c PartnerConfig) LogValue() slog.Value {
	return slog.GroupValue(slog.String("name", c.Name), slog.String("base_url", c.BaseURL))
}

// Partner is an integration registered in the hub.
type Partner struct {
	// ID is the number beside the integration's name, the {ID} of the partners resource.
	ID int
	// Name cannot change, not even through the partners resource.
	Name string

	server *Server
	apiKey string
	secret string

	// The rest is guarded by server.mu.
	baseURL      string
	activation   json.RawMessage
	dynamic      bool
	trigger      json.RawMessage
	allowBulk    bool
	companyToken bool
	setup        EventSetup
	activations  []*Activation
	mappings     map[*Company][]mappedField
}

// RegisterPartner adds an integration to the hub. It panics if the API key is taken, or if key and secret are the same.
func (s *Server) RegisterPartner(cfg PartnerConfig) *Partner {
	p := &Partner{
		ID:           s.ids.next(idPartner),
		Name:         cfg.Name,
		server:       s,
		apiKey:       cfg.APIKey,
		secret:       cfg.WebhookSecret,
		baseURL:      cfg.BaseURL,
		activation:   slices.Clone(cfg.ActivationConfig),
		dynamic:      cfg.DynamicActivation,
		trigger:      slices.Clone(cfg.TriggerConfig),
		allowBulk:    cfg.AllowBulk,
		companyToken: cfg.RequireCompanyToken,
		setup:        cfg.EventSetup.clone(),
		mappings:     map[*Company][]mappedField{},
	}
	if p.Name == "" {
		p.Name = "Spark Hire"
	}
	if p.apiKey == "" {
		p.apiKey = s.ids.token()
	}
	if p.secret == "" {
		p.secret = s.ids.token()
	}
	if p.apiKey == p.secret {
		panic("teamtailortest: the API key and the webhook secret of a partner differ")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.partners {
		if other.apiKey == p.apiKey {
			panic("teamtailortest: two partners cannot share an API key")
		}
	}
	s.partners = append(s.partners, p)
	return p
}

// APIKey returns the partner API key.
func (p *Partner) APIKey() string { return p.apiKey }

// WebhookSecret returns the key of Teamtailor-Signature.
func (p *Partner) WebhookSecret() string { return p.secret }

// LogValue keeps the key and the secret out of logs.
func (p *Partner) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("id", p.ID), slog.String("name", p.Name))
}

// SetBaseURL changes where the integration is reached, as the hub's form does. It is for integrations that need the
// server's address before they have one of their own.
func (p *Partner) SetBaseURL(baseURL string) {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	p.baseURL = baseURL
}

// SetEventSetup changes where events of companies with the integration go.
func (p *Partner) SetEventSetup(setup EventSetup) {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	p.setup = setup.clone()
}

// endpoint returns the URL of one of the integration's paths.
func (p *Partner) endpoint(path string) (string, error) {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	if p.baseURL == "" {
		return "", fmt.Errorf("call partner %d: %w", p.ID, ErrNoBaseURL)
	}
	return joinURL(p.baseURL, path), nil
}

// fetchesForm reports whether the activation form comes from the integration. The documentation names the flag as the switch
// in one place and the empty object in another; either will do. Callers hold server.mu.
// [documented, contradictory: docs/vendors/teamtailor.md]
func (p *Partner) fetchesForm() bool { return p.dynamic || isEmptyObject(p.activation) }

// absentJSON reports whether raw holds nothing to use.
func absentJSON(raw json.RawMessage) bool {
	raw = bytes.TrimSpace(raw)
	return len(raw) == 0 || bytes.Equal(raw, []byte("null"))
}

// isEmptyObject reports whether raw is {}.
func isEmptyObject(raw json.RawMessage) bool {
	var members map[string]json.RawMessage
	return !absentJSON(raw) && json.Unmarshal(raw, &members) == nil && len(members) == 0
}
