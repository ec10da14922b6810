package sparkhiretest

import (
	"strings"
	"time"
)

// Types of interview, as they appear on the wire.
// [observed: one_way; modeled: live; docs/vendors/sparkhire.md]
const (
	OneWay = "one_way"
	Live   = "live"
)

// Words holds the spellings on the wire that no public source settles. Only Completed is certain.
// [observed: Completed; assumed: all others; docs/vendors/sparkhire.md]
type Words struct {
	// Statuses of an interview.
	Invited, Accepted, Completed, Expired string
	// Statuses of a job; the website calls them Active and Inactive.
	JobActive, JobInactive string
	// Permission levels of a user; the website calls them Admin, Standard and Evaluator.
	Admin, Standard, Evaluator string
}

// DefaultWords returns the spellings used unless [WithWords] changes them.
func DefaultWords() Words {
	return Words{
		Invited:     "pending",
		Accepted:    "accepted",
		Completed:   "completed",
		Expired:     "expired",
		JobActive:   "active",
		JobInactive: "inactive",
		Admin:       "admin",
		Standard:    "standard",
		Evaluator:   "evaluator",
	}
}

// over fills the empty fields of w from base.
func (w Words) over(base Words) Words {
	pick := func(word, usual string) string {
		if word == "" {
			return usual
		}
		return word
	}
	return Words{
		Invited:     pick(w.Invited, base.Invited),
		Accepted:    pick(w.Accepted, base.Accepted),
		Completed:   pick(w.Completed, base.Completed),
		Expired:     pick(w.Expired, base.Expired),
		JobActive:   pick(w.JobActive, base.JobActive),
		JobInactive: pick(w.JobInactive, base.JobInactive),
		Admin:       pick(w.Admin, base.Admin),
		Standard:    pick(w.Standard, base.Standard),
		Evaluator:   pick(w.Evaluator, base.Evaluator),
	}
}

// wireTime is a time as the vendor writes it: a numeric offset, whole seconds; null when it is zero.
// [observed: docs/vendors/sparkhire.md]
type wireTime time.Time

// MarshalJSON implements json.Marshaler.
func (t wireTime) MarshalJSON() ([]byte, error) {
	moment := time.Time(t)
	if moment.IsZero() {
		return []byte("null"), nil
	}
	return []byte(moment.UTC().Format(`"2006-01-02T15:04:05-07:00"`)), nil
}

// sameAddress reports whether two e-mail addresses are one: case does not matter.
// [assumed: docs/vendors/sparkhire.md]
func sameAddress(a, b string) bool { return foldAddress(a) == foldAddress(b) }

func foldAddress(a string) string { return strings.ToLower(strings.TrimSpace(a)) }
