package config

import (
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/bridge/store/postgres"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
)

// check returns what is wrong with the values together.
func (c Config) check() []*Problem {
	k := &checker{}
	if _, port, err := net.SplitHostPort(c.Listen); err != nil || !isPort(port) {
		k.bad("listen", "must be host:port, such as 127.0.0.1:8080; port 0 picks one")
	}
	k.url("public_url", c.PublicURL, true)
	k.database(c.Database)
	if c.KeyFile == "" {
		k.bad("key_file", "must name a file")
	}
	for n, t := range c.APITokens {
		if strings.TrimSpace(string(t)) == "" {
			k.bad(fmt.Sprintf("api_tokens[%d]", n), "must not be empty")
		}
	}
	if _, ok := c.Log.level(); !ok {
		k.bad("log.level", "must be debug, info, warn or error")
	}
	if c.Log.Format != "text" && c.Log.Format != "json" {
		k.bad("log.format", "must be text or json")
	}
	if c.Workers < 1 || c.Workers > 1000 {
		k.bad("workers", "must be between 1 and 1000")
	}
	if c.Retention < 0 {
		k.bad("retention", "must not be negative; 0 keeps personal data")
	}
	c.SparkHire.check(k)
	c.Teamtailor.check(k)
	if te := c.TopEchelon; !te.Enabled { // else the adapter says it, in words of its own
		k.addresses("topechelon", map[string]string{"host_url": te.HostURL, "api_url": te.APIURL, "authorize_url": te.AuthorizeURL, "token_url": te.TokenURL})
	}
	if p := c.Paycor; !p.Enabled {
		k.addresses("paycor", map[string]string{"host_url": p.HostURL, "api_url": p.APIURL, "authorize_url": p.AuthorizeURL})
	}
	slices.SortStableFunc(k.problems, func(a, b *Problem) int { return strings.Compare(a.Key, b.Key) })
	return k.problems
}

func (s SparkHire) check(k *checker) {
	k.safeURL("sparkhire.v1_url", s.V1URL)
	k.safeURL("sparkhire.v2_url", s.V2URL)
	k.url("sparkhire.app_url", s.AppURL, false)
	if s.RequestsPerMinute < 1 {
		k.bad("sparkhire.requests_per_minute", "must be at least 1")
	}
	k.atLeast("sparkhire.request_timeout", s.RequestTimeout, time.Millisecond)
	k.atLeast("sparkhire.confirm_window", s.ConfirmWindow, time.Second)
	k.atLeast("sparkhire.sweep_interval", s.SweepInterval, time.Second)
	if s.SettleTime <= s.RequestTimeout {
		k.bad("sparkhire.settle_time", "must be longer than sparkhire.request_timeout (%s), because a request may still be on its way", s.RequestTimeout)
	}
}

// check asks for secrets only while they are needed; a value that is impossible is a
// mistake anyhow.
func (t Teamtailor) check(k *checker) {
	k.stacks("teamtailor.partner_api_key", t.PartnerAPIKey, t.Enabled)
	k.stacks("teamtailor.webhook_secret", t.WebhookSecret, t.Enabled)
	if len(t.APIURLs) == 0 {
		k.bad("teamtailor.api_urls", "must list at least one address")
	}
	for n, u := range t.APIURLs {
		k.url(fmt.Sprintf("teamtailor.api_urls[%d]", n), u, false)
	}
	k.atLeast("teamtailor.signature_tolerance", t.SignatureTolerance, time.Second)
	k.atLeast("teamtailor.reconcile_interval", t.ReconcileInterval, time.Second)
}

type checker struct{ problems []*Problem }

func (k *checker) bad(key, rule string, args ...any) {
	k.problems = append(k.problems, &Problem{Key: key, Rule: fmt.Sprintf(rule, args...)})
}

// database accepts sqlite:<file> and what the PostgreSQL store opens.
func (k *checker) database(value string) {
	scheme, rest, _ := strings.Cut(value, ":")
	switch scheme {
	case "sqlite":
		address := strings.HasPrefix(rest, "//") && !strings.HasPrefix(rest, "///") // the file would be in the root directory
		if address || sqlite.CheckPath(rest) != nil {
			k.bad("database", "must be sqlite:<file>, such as sqlite:sparkbridge.db, or postgres://…")
		}
	case "postgres", "postgresql":
		if err := postgres.CheckURL(value); err != nil {
			k.bad("database", "must be postgres://user:password@host:port/name with what is special in the password escaped (%%40 for @)")
		}
	default:
		k.bad("database", "must be sqlite:<file> or postgres://…")
	}
}

func (k *checker) url(key, value string, mayBeEmpty bool) {
	if value == "" && mayBeEmpty {
		return
	}
	u, ok := webAddress(value)
	if !ok || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		k.bad(key, "must be an http or https address without password, query or fragment")
	}
}

// addresses checks those of a section, each of which may be empty.
func (k *checker) addresses(section string, byKey map[string]string) {
	for key, value := range byKey {
		if _, ok := webAddress(value); value != "" && !ok {
			k.bad(section+"."+key, "must be an http or https address")
		}
	}
}

func webAddress(value string) (*url.URL, bool) {
	u, err := url.Parse(value)
	return u, err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// safeURL is an address to which keys are sent: in the clear they may go no further
// than this machine.
func (k *checker) safeURL(key, value string) {
	k.url(key, value, false)
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" || u.Hostname() == "localhost" {
		return
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err != nil || !ip.IsLoopback() {
		k.bad(key, "must be https: keys are sent there; http is for this machine only")
	}
}

func (k *checker) atLeast(key string, d, least time.Duration) {
	if d < least {
		k.bad(key, "must be at least %s", least)
	}
}

func (k *checker) stacks(key string, p PerStack, needed bool) {
	if p.IsZero() && needed {
		k.bad(key, "is needed while teamtailor.enabled is true")
	}
	for _, stack := range slices.Sorted(maps.Keys(p)) {
		switch {
		case !slices.Contains([]string{"", "eu", "na", "ap"}, stack):
			k.bad(key+"."+stack, "unknown stack: use eu, na or ap")
		case p[stack] == "" && len(p) > 1:
			k.bad(key+"."+stack, "is empty")
		}
	}
}

// Logger returns the logger that the configuration describes, writing to w.
func (l Log) Logger(w interface{ Write(p []byte) (int, error) }) *slog.Logger {
	level, _ := l.level()
	opts := &slog.HandlerOptions{Level: level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}
