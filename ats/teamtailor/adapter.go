package teamtailor

import (
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/sign"
	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// Name is the adapter's name, in paths and in storage.
const Name = "teamtailor"

// Adapter connects Teamtailor. Make one with [New]. It is safe for concurrent use.
type Adapter struct {
	cfg            Config
	log            *slog.Logger
	http           *http.Client
	stacks         []stack
	bases          api.Bases // of stacks: the allow-list for update-urls
	partnerKeys    []sign.Secret
	webhookSecrets []sign.Secret
	activation     []byte

	keys    recent[sign.Kind] // provider keys that have verified, by digest
	kept    recent[string]    // digests of secrets that are in the store, by place
	tenants recent[string]    // tenants by connection id

	limiters recent[*httpx.WindowLimiter] // of the public API, by digest of the token

	zones func() []option

	seen sightings
}

var (
	_ ats.Adapter         = (*Adapter)(nil)
	_ ats.Receiver        = (*Adapter)(nil)
	_ ats.Reconciler      = (*Adapter)(nil)
	_ ats.SettingsDecoder = (*Adapter)(nil)
	_ ats.JobLister       = (*Adapter)(nil)
	_ ats.CandidateReader = (*Adapter)(nil)
	_ ats.CandidateLister = (*Adapter)(nil)
)

// New returns an adapter. It validates the configuration as [Config.Validate] does,
// dials nothing and starts nothing.
func New(cfg Config) (*Adapter, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	a := &Adapter{
		cfg:            cfg,
		log:            cfg.Logger,
		partnerKeys:    secrets(cfg.PartnerAPIKeys, cfg.OldPartnerAPIKeys),
		webhookSecrets: secrets(cfg.WebhookSecrets, cfg.OldWebhookSecrets),
		activation:     activationConfig(cfg),
		zones:          sync.OnceValue(loadZones),
	}
	if err := a.open(); err != nil {
		return nil, fmt.Errorf("teamtailor config: %w", err)
	}
	return a, nil
}

// Name returns "teamtailor".
func (a *Adapter) Name() string { return Name }

// Policy returns Teamtailor's rules. The form names recruiter, job and question
// set; a deadline needs date and time. Before the engine sees a question set for a
// live interview it has been dropped, as the form says it is not for those.
func (a *Adapter) Policy() ats.Policy {
	pending := ats.Decline
	if a.cfg.AllowRepeat {
		pending = ats.Allow
	}
	return ats.Policy{
		Types:          []ats.InterviewType{ats.OneWay, ats.Live},
		QuestionSet:    map[ats.InterviewType]ats.Need{ats.OneWay: ats.Required, ats.Live: ats.Optional},
		Deadline:       ats.DeadlineRule{Given: ats.Required, Time: ats.Required},
		JobLink:        ats.Forbidden,
		ActorKey:       ats.KeyNamed,
		PrimaryUser:    ats.Forbidden,
		Scope:          ats.ScopeTerms,
		WhilePending:   pending,
		AfterCompleted: ats.Allow,
		Cancel:         ats.Optional,
		Message:        ats.Optional, // through the API; a trigger carries none
		DoNotEmail:     true,
		ViewWithoutKey: true,
		TimeZone:       ats.Optional,
		GoneErases:     true, // triggers come without any word of deletions
		Settings:       ats.SettingsByBackend,
	}
}

// stackAt returns the stack with the base URL, in any spelling.
func (a *Adapter) stackAt(baseURL string) (stack, bool) {
	canonical, err := api.NewBases(baseURL)
	if err != nil {
		return stack{}, false
	}
	for _, s := range a.stacks {
		if s.base == canonical.URLs()[0] {
			return s, true
		}
	}
	return stack{}, false
}

func (a *Adapter) now() time.Time { return a.cfg.Clock() }
