package main

import (
	"errors"
	"log/slog"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
	"github.com/sparkbridge/sparkbridge/internal/config"
)

// adapters makes the adapters that the configuration enables. This is the only
// list of them.
func adapters(c config.Config, log *slog.Logger) ([]ats.Adapter, error) {
	var all []ats.Adapter
	if c.Teamtailor.Enabled {
		t := c.Teamtailor
		a, err := teamtailor.New(teamtailor.Config{
			PartnerAPIKeys:     perStack(t.PartnerAPIKey),
			WebhookSecrets:     perStack(t.WebhookSecret),
			APIURLs:            t.APIURLs,
			SignatureTolerance: t.SignatureTolerance,
			Logger:             log,
		})
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	if len(all) == 0 {
		return nil, errors.New("no adapter is enabled: set teamtailor.enabled to true")
	}
	return all, nil
}

func perStack(p config.PerStack) map[teamtailor.Stack]ats.Secret {
	keys := make(map[teamtailor.Stack]ats.Secret, len(p))
	for stack, key := range p {
		keys[teamtailor.Stack(stack)] = ats.Secret(key.Reveal())
	}
	return keys
}
