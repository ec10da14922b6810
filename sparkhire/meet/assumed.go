package meet

// Everything that this package assumes about what it sends is in this file, with what was observed
// beside it. The vendor's reference of version 2.0 could not be read: what is known comes from one
// public program that was run against the vendor, and from a task text by an employee of the vendor.
// The details and their sources are in docs/vendors/sparkhire.md.
//
//	what                names                                          how sure
//	token               grant_type, client_id, client_secret, scope    observed; a form is not
//	                    expires_in, in seconds                         assumed: standard OAuth2
//	every other call    requester, a header                            observed
//	                    that lists in a query are name[0], name[1]     observed
//	invite              type, job_uuid, question_set_uuid,             observed; that all are
//	                    candidates of name and email, due_at           required is assumed
//	get an item         load of ai_review, ai_summary                  observed
//	limits              400 requests a minute per credentials          assumed: as in version 1.0
//
// A name that turns out to be wrong is corrected here and nowhere else. Until then an invitation has
// Extra, whose entries are merged last and win.

import (
	"maps"
	"net/url"
	"strconv"
	"time"
)

const (
	// RequestsPerMinute is the limit that a client keeps within. None is known for version 2.0; this is
	// that of version 1.0, taken to be per credentials [assumed: docs/vendors/sparkhire.md].
	RequestsPerMinute = 400

	// maxLife is how long a token of unknown lifetime is used: the one program that was seen keeps
	// tokens for 225 minutes, which suggests four hours [observed: docs/vendors/sparkhire.md].
	maxLife = 225 * time.Minute

	// longestLife bounds what expires_in can say, so that arithmetic on it cannot overflow.
	longestLife = 365 * 24 * time.Hour

	requesterHeader = "Requester"
)

// body is a JSON object to send.
type body map[string]any

// tokenRequest asks for a token; scope * is the only one that was seen.
func tokenRequest(clientID, clientSecret string) body {
	return body{"grant_type": "client_credentials", "client_id": clientID, "client_secret": clientSecret, "scope": "*"}
}

// lifetime is how long to use a token that is good for so many seconds, or for an unknown time if
// they are not positive: a minute less, or a tenth of a short life, so that a request that leaves in
// time also arrives in time.
func lifetime(seconds int64) time.Duration {
	if seconds <= 0 {
		return maxLife
	}
	life := time.Duration(min(seconds, int64(longestLife/time.Second))) * time.Second
	return life - min(time.Minute, life/10)
}

func (r InviteRequest) body() body {
	b := body{
		"type":              r.Type,
		"job_uuid":          r.JobUUID,
		"question_set_uuid": r.QuestionSetUUID,
		"candidates":        []body{{"name": r.Candidate.Name, "email": r.Candidate.Email}},
		"due_at":            formatTime(r.DueAt),
	}
	maps.Copy(b, r.Extra)
	return b
}

// formatTime writes the observed form, in UTC.
func formatTime(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05-07:00") }

// indexed writes a list into a query the way the vendor's framework reads it.
func indexed[T ~string](name string, values []T) url.Values {
	q := make(url.Values, len(values))
	for i, v := range values {
		q.Set(name+"["+strconv.Itoa(i)+"]", string(v))
	}
	return q
}
