package topechelon

import (
	"log/slog"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/internal/api"
)

// Name is the adapter's name, in paths and in storage.
const Name = "topechelon"

// Adapter connects Top Echelon. Make one with [New]. It is safe for concurrent use.
type Adapter struct {
	cfg     Config
	log     *slog.Logger
	hosts   recent[*hostClient] // by digest of address and token
	clients recent[*api.Client] // by digest of user, addresses and credentials
}

var (
	_ ats.Adapter         = (*Adapter)(nil)
	_ ats.RequestChecker  = (*Adapter)(nil)
	_ ats.AccessChecker   = (*Adapter)(nil)
	_ ats.ActorResolver   = (*Adapter)(nil)
	_ ats.CandidateReader = (*Adapter)(nil)
	_ ats.Authorizer      = (*Adapter)(nil)
	_ ats.Prober          = (*Adapter)(nil)
	_ ats.SettingsDecoder = (*Adapter)(nil)
)

// New returns an adapter. It validates the configuration as [Config.Validate] does,
// dials nothing and starts nothing.
func New(cfg Config) (*Adapter, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	return &Adapter{cfg: cfg, log: cfg.Logger}, nil
}

// Name returns "topechelon".
func (a *Adapter) Name() string { return Name }
