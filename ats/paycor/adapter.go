package paycor

import (
	"crypto/sha256"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// Name is the adapter's name, in paths and in storage.
const Name = "paycor"

// Adapter connects Paycor Recruiting. Make one with [New]. It is safe for concurrent use.
type Adapter struct {
	cfg  Config
	log  *slog.Logger
	http *http.Client

	clients clients
	polls   polls
}

var (
	_ ats.Adapter         = (*Adapter)(nil)
	_ ats.JobLister       = (*Adapter)(nil)
	_ ats.CandidateReader = (*Adapter)(nil)
	_ ats.CandidateLister = (*Adapter)(nil)
	_ ats.AccessChecker   = (*Adapter)(nil)
	_ ats.ActorResolver   = (*Adapter)(nil)
	_ ats.RequestChecker  = (*Adapter)(nil)
	_ ats.Reconciler      = (*Adapter)(nil)
	_ ats.SettingsDecoder = (*Adapter)(nil)
	_ ats.PolicyTailor    = (*Adapter)(nil)
	_ ats.Gatekeeper      = (*Adapter)(nil)
	_ ats.Authorizer      = (*Adapter)(nil)
	_ ats.Prober          = (*Adapter)(nil)
)

// New returns an adapter. It validates the configuration as [Config.Validate] does,
// dials nothing and starts nothing.
func New(cfg Config) (*Adapter, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	a := &Adapter{cfg: cfg, log: cfg.Logger, http: cfg.HTTPClient}
	a.clients.byID = map[string]*connected{}
	a.clients.limiters = map[[sha256.Size]byte]*httpx.WindowLimiter{}
	a.polls.byID = map[string]*pollState{}
	if a.http == nil {
		a.http = newHTTPClient()
	}
	return a, nil
}

// Name returns "paycor".
func (a *Adapter) Name() string { return Name }

func (a *Adapter) now() time.Time { return a.cfg.Clock() }

// newHTTPClient returns one pool for all connections. It asks no environment variable for
// a proxy: whoever needs one gives an HTTPClient.
func newHTTPClient() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			DialContext:         dialer.DialContext,
			ForceAttemptHTTP2:   true,
			MaxIdleConns:        100,
			MaxIdleConnsPerHost: 16,
			IdleConnTimeout:     90 * time.Second,
			TLSHandshakeTimeout: 10 * time.Second,
		},
	}
}
