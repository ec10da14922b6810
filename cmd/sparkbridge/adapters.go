package main

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
	"github.com/sparkbridge/sparkbridge/internal/config"
)

// vendorTimeout bounds a call to an ATS.
const vendorTimeout = 30 * time.Second

// clients makes what an adapter calls its vendor with.
type clients func(vendor string, timeout time.Duration) *http.Client

// adapters makes the adapters that the configuration enables. This is the only
// list of them.
func adapters(c config.Config, log *slog.Logger, client clients) ([]ats.Adapter, error) {
	var all []ats.Adapter
	var errs []error
	for _, known := range []struct {
		enabled bool
		make    func(config.Config, *slog.Logger, clients) (ats.Adapter, error)
		keys    map[string]string // fields of the adapter's Config, as keys of ours
	}{
		{c.Teamtailor.Enabled, newTeamtailor, map[string]string{ //nolint:gosec // names, not values
			"PartnerAPIKeys": "teamtailor.partner_api_key", "WebhookSecrets": "teamtailor.webhook_secret",
			"APIURLs": "teamtailor.api_urls", "SignatureTolerance": "teamtailor.signature_tolerance",
		}},
		{c.TopEchelon.Enabled, newTopEchelon, map[string]string{
			"HostURL": "topechelon.host_url", "HostToken": "topechelon.host_token", "APIURL": "topechelon.api_url",
			"AuthorizeURL": "topechelon.authorize_url", "TokenURL": "topechelon.token_url",
			"ClientID": "topechelon.client_id", "ClientSecret": "topechelon.client_secret",
		}},
		{c.Paycor.Enabled, newPaycor, map[string]string{ //nolint:gosec // likewise
			"HostURL": "paycor.host_url", "HostToken": "paycor.host_token", "APIURL": "paycor.api_url",
			"AuthorizeURL": "paycor.authorize_url", "SubscriptionKey": "paycor.subscription_key",
			"ClientID": "paycor.client_id", "ClientSecret": "paycor.client_secret", "Scope": "paycor.scope",
		}},
	} {
		if !known.enabled {
			continue
		}
		a, err := known.make(c, log, client)
		if err != nil {
			errs = append(errs, inKeys(err, known.keys))
			continue
		}
		all = append(all, a)
	}
	return all, errors.Join(errs...)
}

func newTeamtailor(c config.Config, log *slog.Logger, client clients) (ats.Adapter, error) {
	t := c.Teamtailor
	return teamtailor.New(teamtailor.Config{
		PartnerAPIKeys: perStack(t.PartnerAPIKey), WebhookSecrets: perStack(t.WebhookSecret),
		APIURLs: t.APIURLs, SignatureTolerance: t.SignatureTolerance,
		HTTPClient: client(teamtailor.Name, vendorTimeout), Logger: log,
	})
}

func newTopEchelon(c config.Config, log *slog.Logger, client clients) (ats.Adapter, error) {
	t := c.TopEchelon
	return topechelon.New(topechelon.Config{
		HostURL: t.HostURL, HostToken: ats.Secret(t.HostToken.Reveal()),
		APIURL: t.APIURL, AuthorizeURL: t.AuthorizeURL, TokenURL: t.TokenURL,
		ClientID: t.ClientID, ClientSecret: ats.Secret(t.ClientSecret.Reveal()),
		Scope: t.Scope, PKCE: t.PKCE, TryUnverified: t.TryUnverified,
		HTTPClient: client(topechelon.Name, vendorTimeout), Logger: log,
	})
}

func newPaycor(c config.Config, log *slog.Logger, client clients) (ats.Adapter, error) {
	p := c.Paycor
	return paycor.New(paycor.Config{
		HostURL: p.HostURL, HostToken: ats.Secret(p.HostToken.Reveal()),
		APIURL: p.APIURL, AuthorizeURL: p.AuthorizeURL, SubscriptionKey: ats.Secret(p.SubscriptionKey.Reveal()),
		ClientID: p.ClientID, ClientSecret: ats.Secret(p.ClientSecret.Reveal()), Scope: p.Scope,
		HTTPClient: client(paycor.Name, vendorTimeout), Logger: log,
	})
}

// inKeys says of an adapter's complaints which keys of the configuration they
// are about.
func inKeys(err error, keys map[string]string) error {
	words := []string{"\n", "; "}
	for field, key := range keys {
		words = append(words, field, key)
	}
	inWords := strings.NewReplacer(words...)
	var all []error
	for _, err := range each(err) {
		if field, problem := complaint(err); keys[field] != "" {
			err = &config.Problem{Key: keys[field], Rule: inWords.Replace(problem)}
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}

// complaint returns the field of an adapter's Config that an error is about, and
// what is wrong with it.
func complaint(err error) (field, problem string) {
	if e, ok := errors.AsType[*teamtailor.ConfigError](err); ok {
		return e.Field, e.Problem
	}
	if e, ok := errors.AsType[*topechelon.ConfigError](err); ok {
		return e.Field, e.Problem
	}
	if e, ok := errors.AsType[*paycor.ConfigError](err); ok {
		return e.Field, e.Problem
	}
	return "", ""
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
