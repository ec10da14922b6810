package main

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
	"github.com/sparkbridge/sparkbridge/internal/config"
)

// vendorTimeout bounds a call to an ATS.
const vendorTimeout = 30 * time.Second

// adapters makes the adapters that the configuration enables. This is the only
// list of them. client makes what an adapter calls its vendor with.
func adapters(c config.Config, log *slog.Logger, client func(vendor string, timeout time.Duration) *http.Client) ([]ats.Adapter, error) {
	var all []ats.Adapter
	if c.Teamtailor.Enabled {
		t := c.Teamtailor
		a, err := teamtailor.New(teamtailor.Config{
			PartnerAPIKeys:     perStack(t.PartnerAPIKey),
			WebhookSecrets:     perStack(t.WebhookSecret),
			APIURLs:            t.APIURLs,
			SignatureTolerance: t.SignatureTolerance,
			HTTPClient:         client("teamtailor", vendorTimeout),
			Logger:             log,
		})
		if err != nil {
			return nil, inKeys(err, map[string]string{ //nolint:gosec // names, not values
				"PartnerAPIKeys": "teamtailor.partner_api_key", "WebhookSecrets": "teamtailor.webhook_secret",
				"APIURLs": "teamtailor.api_urls", "SignatureTolerance": "teamtailor.signature_tolerance",
			})
		}
		all = append(all, a)
	}
	if len(all) == 0 {
		return nil, &config.Problem{Key: "teamtailor.enabled", Rule: "no adapter is enabled: set this one to true"}
	}
	return all, nil
}

// inKeys says of an adapter's complaints which keys of the configuration they
// are about.
func inKeys(err error, keys map[string]string) error {
	var all []error
	for _, err := range each(err) {
		if e, ok := errors.AsType[*teamtailor.ConfigError](err); ok && keys[e.Field] != "" {
			err = &config.Problem{Key: keys[e.Field], Rule: strings.ReplaceAll(e.Problem, "\n", "; ")}
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}

// problems joins what is wrong with the configuration: what its own rules say,
// and what the adapters add about other keys.
func problems(own, adapters error) error {
	all := each(own)
	for _, err := range each(adapters) {
		p, ok := errors.AsType[*config.Problem](err)
		if ok && slices.ContainsFunc(each(own), func(known error) bool { return covers(known, p) }) {
			continue
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}

// covers reports whether a known problem is about the same key or a part of it,
// or about all keys.
func covers(known error, p *config.Problem) bool {
	k, ok := errors.AsType[*config.Problem](known)
	return ok && (strings.HasPrefix(k.Key, p.Key) || k.Key == "--config")
}

// each returns the errors that were joined, however deep.
func each(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	switch {
	case err == nil:
		return nil
	case !ok:
		return []error{err}
	}
	var all []error
	for _, err := range joined.Unwrap() {
		all = append(all, each(err)...)
	}
	return all
}

func perStack(p config.PerStack) map[teamtailor.Stack]ats.Secret {
	keys := make(map[teamtailor.Stack]ats.Secret, len(p))
	for stack, key := range p {
		keys[teamtailor.Stack(stack)] = ats.Secret(key.Reveal())
	}
	return keys
}
