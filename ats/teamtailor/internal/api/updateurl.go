package api

import (
	"net/url"
	"strings"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// resultsPath is what the path of every update-url begins with.
const resultsPath = "/partner/v1/partner-results/"

// ErrUpdateURL means that an update-url is not one that may be called. The text
// does not repeat it.
const ErrUpdateURL = httpx.ConstError("update-url is not the address of a partner result on a listed host")

// ResultRef is an update-url that has been checked: a partner result on a listed
// stack. It keeps the parts, so that a request is built from our own list and never
// from the text that arrived.
type ResultRef struct {
	base, id string
}

// BaseURL returns the base URL of the stack, as [Bases.URLs] lists it. It is also
// the only thing in a trigger that tells which stack the company is on
// [assumed: docs/vendors/teamtailor.md].
func (r ResultRef) BaseURL() string { return r.base }

// ID returns the id of the partner result.
func (r ResultRef) ID() string { return r.id }

// String returns the URL.
func (r ResultRef) String() string { return r.base + resultsPath + r.id }

// Result checks an update-url. An update-url arrives in a message whose signature
// does not cover it, so whoever could change it would receive the partner API key.
// Accepted is exactly a listed base URL, the documented path and an id of letters,
// digits and dashes: no user information, query, fragment, escape or dot segment.
// The error matches [ErrUpdateURL].
func (b Bases) Result(updateURL string) (ResultRef, error) {
	if len(updateURL) > 512 || strings.ContainsAny(updateURL, "?#@%\\") {
		return ResultRef{}, ErrUpdateURL
	}
	u, err := url.Parse(updateURL)
	if err != nil || u.Opaque != "" {
		return ResultRef{}, ErrUpdateURL
	}
	id, ok := strings.CutPrefix(u.Path, resultsPath)
	if !ok || !isResultID(id) {
		return ResultRef{}, ErrUpdateURL
	}
	for _, base := range b.list {
		if u.Scheme == base.Scheme && canonicalHost(u) == base.Host {
			return ResultRef{base: base.String(), id: id}, nil
		}
	}
	return ResultRef{}, ErrUpdateURL
}

func isResultID(id string) bool {
	const allowed = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-"
	return id != "" && len(id) <= 100 && strings.Trim(id, allowed) == ""
}
