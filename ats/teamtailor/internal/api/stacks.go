package api

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Stack is one of the vendor's regions.
type Stack struct {
	Name string // "eu", "na" or "ap"
	URL  string // the base URL of both APIs, without a path
}

// Stacks returns the regions [documented: docs/vendors/teamtailor.md]. That the
// public API of the Asia-Pacific stack has the same host is [observed]; the host
// says "au" where the stack is called AP.
func Stacks() []Stack {
	return []Stack{
		{Name: "eu", URL: "https://api.teamtailor.com"},
		{Name: "na", URL: "https://api.na.teamtailor.com"},
		{Name: "ap", URL: "https://api.au.teamtailor.com"},
	}
}

// Bases is the list of base URLs that may be called. The zero value allows none.
type Bases struct {
	list []*url.URL
}

// NewBases checks a list of base URLs such as https://api.teamtailor.com. They
// have neither path nor query, and https, except on a loopback host, where a test
// server may listen. The error names every wrong one.
func NewBases(urls ...string) (Bases, error) {
	var b Bases
	var errs []error
	for _, raw := range urls {
		base, err := parseBase(raw)
		if err != nil {
			errs = append(errs, fmt.Errorf("base URL %q: %w", raw, err))
			continue
		}
		if !slices.ContainsFunc(b.list, func(known *url.URL) bool { return *known == *base }) {
			b.list = append(b.list, base)
		}
	}
	if len(errs) > 0 {
		return Bases{}, errors.Join(errs...)
	}
	return b, nil
}

func parseBase(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("not a URL")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#") || u.Path != "" && u.Path != "/":
		return nil, errors.New("want scheme, host and port only")
	case u.Hostname() == "" || u.Opaque != "":
		return nil, errors.New("want an absolute address such as https://api.teamtailor.com")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, errors.New("want https: http would show the key to everybody on the way")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("want https")
	}
	return &url.URL{Scheme: u.Scheme, Host: canonicalHost(u)}, nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// canonicalHost is the lower-case host without the port that its scheme implies.
func canonicalHost(u *url.URL) string {
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "https":
		return strings.TrimSuffix(host, ":443")
	case "http":
		return strings.TrimSuffix(host, ":80")
	}
	return host
}

// URLs returns the base URLs in the order given, in their canonical form.
func (b Bases) URLs() []string {
	urls := make([]string, len(b.list))
	for i, base := range b.list {
		urls[i] = base.String()
	}
	return urls
}

// Host returns the listed base URL that a host hint means: a bare host as in
// api.na.teamtailor.com, or a URL on it. The form of the Teamtailor-Host header is
// not documented [assumed: docs/vendors/teamtailor.md]. It is a hint, not proof of
// anything.
func (b Bases) Host(hint string) (baseURL string, ok bool) {
	hint = strings.TrimSpace(hint)
	if !strings.Contains(hint, "://") {
		hint = "//" + hint
	}
	u, err := url.Parse(hint)
	if err != nil || u.User != nil {
		return "", false
	}
	for _, base := range b.list {
		if u.Scheme != "" && u.Scheme != base.Scheme {
			continue
		}
		if canonicalHost(&url.URL{Scheme: base.Scheme, Host: u.Host}) == base.Host {
			return base.String(), true
		}
	}
	return "", false
}
