package sign

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// TriggerHeader carries the signature of trigger webhooks, of action calls and
	// of partner webhook setups.
	TriggerHeader = "Teamtailor-Signature"
	// CompanyHeader carries the signature of a company's own webhooks.
	CompanyHeader = "TT-Signature"

	// DefaultTolerance is how far a signed time may lie from now, in both
	// directions. Five minutes is Teamtailor's example, the choice is the
	// receiver's [documented: docs/vendors/teamtailor.md].
	DefaultTolerance = 5 * time.Minute

	maxHeader     = 4 << 10
	maxSignatures = 8
)

// Window says when a signed time counts as fresh.
type Window struct {
	// Now is the receiver's time.
	Now time.Time
	// Tolerance is the largest accepted distance between Now and the signed time,
	// inclusive. Zero means [DefaultTolerance].
	Tolerance time.Duration
}

func (w Window) contains(t time.Time) bool {
	tolerance := w.Tolerance
	if tolerance == 0 {
		tolerance = DefaultTolerance
	}
	return w.Now.Sub(t).Abs() <= tolerance
}

// BearerToken returns the token of the Authorization header. The scheme's case
// and surrounding spaces do not matter. It reports false when there is no such
// header, more than one, another scheme, or no token.
func BearerToken(h http.Header) (string, bool) {
	values := h.Values("Authorization")
	if len(values) != 1 {
		return "", false
	}
	scheme, token, ok := strings.Cut(strings.TrimSpace(values[0]), " ")
	token = strings.TrimSpace(token)
	if !ok || token == "" || strings.ContainsAny(token, " \t") || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return token, true
}

// stamp is a parsed signature list: `t=…,v1=…,v0=…`.
type stamp struct {
	raw    string // the time as received: that text is signed, not its value
	time   time.Time
	macs   [][]byte // the signatures of the wanted scheme
	others string   // the highest later scheme beside it, "" if none
}

// parseStamp reads one signature list. Only the wanted scheme counts: Teamtailor
// adds a decoy under v0. A time that occurs twice is refused, because two readers
// could disagree about which one is signed.
func parseStamp(list, scheme string) (stamp, error) {
	var s stamp
	if len(list) > maxHeader {
		return s, ErrMalformed
	}
	known := false
	for item := range strings.SplitSeq(list, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(item), "=")
		if !ok {
			return s, ErrMalformed
		}
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case name == "t":
			seconds, ok := unixTime(value)
			if s.raw != "" || !ok {
				return s, ErrMalformed
			}
			s.raw, s.time = value, seconds
		case name == scheme:
			known = true
			mac, err := hex.DecodeString(value)
			if err != nil || len(mac) != sha256.Size || len(s.macs) == maxSignatures {
				return s, ErrMalformed
			}
			s.macs = append(s.macs, mac)
		case later(name, scheme) && (s.others == "" || later(name, s.others)):
			s.others = name
		}
	}
	switch {
	case !known:
		return s, ErrScheme
	case s.raw == "":
		return s, ErrMalformed
	}
	return s, nil
}

// unixTime accepts what Unix seconds can look like for the next 30,000 years.
func unixTime(text string) (time.Time, bool) {
	if len(text) == 0 || len(text) > 12 || strings.Trim(text, "0123456789") != "" {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	return time.Unix(seconds, 0).UTC(), err == nil
}

// later reports whether scheme name a is a higher version than b.
func later(a, b string) bool {
	x, okA := version(a)
	y, okB := version(b)
	return okA && okB && x > y
}

func version(scheme string) (int, bool) {
	digits, ok := strings.CutPrefix(scheme, "v")
	if !ok || digits == "" || len(digits) > 4 || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil
}
