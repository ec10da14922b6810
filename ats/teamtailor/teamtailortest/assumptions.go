package teamtailortest

import (
	"slices"
	"time"
)

// assumptions is everything that the simulator had to decide because the vendor does not say, in one place, so that one
// line changes when reality disproves one. docs/vendors/teamtailor.md has the reasons.
type assumptions struct {
	limit         int
	window        time.Duration
	sliding       bool
	schemes       []string
	patch         bool
	gone          bool
	apiVersion    string
	extraFilters  bool
	fieldTypes    []string
	rewriteKeys   bool
	checked       any
	unchecked     any
	refetch       RefetchMode
	claimsUnder   string
	unsignedGETs  bool
	fireOnce      bool
	stampDates    bool
	hidePrivate   bool
	gentleActions bool
	encryption    Encryption
	plaintext     Plaintext
}

// defaultAssumptions are the likeliest readings. A test that must not depend on one runs under the others too.
func defaultAssumptions() assumptions {
	return assumptions{
		limit:      50,
		window:     10 * time.Second,
		schemes:    []string{"Token", "Bearer"},
		apiVersion: "20240904",
		checked:    true,
		unchecked:  false,
		refetch:    RefetchJSON,
		encryption: A128GCM,
		plaintext:  PlaintextForm,
	}
}

// WithRateLimit allows n requests per window and key on each API. The default is 50 per 10 seconds.
// [observed: docs/vendors/teamtailor.md] for the public API, [assumed] for the Partner API, whose limit is not documented.
func WithRateLimit(n int, window time.Duration) Option {
	return func(c *config) { c.limit, c.window = n, window }
}

// WithSlidingRateLimit counts the requests of the last window at any moment, instead of starting to count anew when a window
// ends. [assumed] Which of the two the vendor does is not documented.
func WithSlidingRateLimit() Option { return func(c *config) { c.sliding = true } }

// WithSchemes sets the words that the Partner API accepts before the key in Authorization. The default is Token and Bearer:
// the vendor's documentation shows each in another place, and may mean only one. [documented, contradictory]
func WithSchemes(words ...string) Option {
	return func(c *config) { c.schemes = slices.Clone(words) }
}

// WithPATCH lets PATCH update partner results as PUT does. Without it PATCH is answered with 405. [assumed] The
// documentation names only PUT; the server library behind it routes both.
func WithPATCH() Option { return func(c *config) { c.patch = true } }

// WithGone answers 410 instead of 404 for partner results that existed once. [assumed] The answer is not documented.
func WithGone() Option { return func(c *config) { c.gone = true } }

// WithAPIVersion sets the only version that the public API accepts, "20240904" by default. [observed]
func WithAPIVersion(version string) Option { return func(c *config) { c.apiVersion = version } }

// WithObservedFilters makes the public API accept filter[job] and filter[candidate] on job applications and filter[job] on
// stages. Third-party code uses them; the documentation does not list them. [observed]
func WithObservedFilters() Option { return func(c *config) { c.extraFilters = true } }

// WithFieldTypes adds types, such as "textarea", to those that forms accept. [assumed] The documented list does not have it.
func WithFieldTypes(types ...string) Option {
	return func(c *config) { c.fieldTypes = append(c.fieldTypes, types...) }
}

// WithKeyRewriting accepts underscores in the ids of trigger form fields and turns them into hyphens in webhook-data, as
// the vendor does [documented]. Without it a form with such an id is refused, because it does not come back as it went.
func WithKeyRewriting() Option { return func(c *config) { c.rewriteKeys = true } }

// WithCheckboxValues sets what a checkbox sends, true and false by default; strings such as "1" and "0" or "on" and "" are as
// likely. An unchecked value of nil leaves the key out, as HTML forms do. [assumed]
func WithCheckboxValues(checked, unchecked any) Option {
	return func(c *config) { c.checked, c.unchecked = checked, unchecked }
}

// RefetchMode is how a form passes the values chosen so far when a field with refetch changes.
type RefetchMode int

// The known guesses. [observed] says only that the values are in the webhook_data query parameter. [assumed] everything else.
const (
	RefetchJSON     RefetchMode = iota // webhook_data={"recruiter":"asha-lind"}
	RefetchBrackets                    // webhook_data[recruiter]=asha-lind
	RefetchFlat                        // recruiter=asha-lind
	RefetchNever                       // refetch does nothing: the form must work as it first came
)

// WithRefetch sets how values are passed on a re-fetch. The default is [RefetchJSON].
func WithRefetch(mode RefetchMode) Option { return func(c *config) { c.refetch = mode } }

// WithClaimsUnder puts the form values of a provider key under one claim, such as "data", instead of at the top level. [assumed]
func WithClaimsUnder(claim string) Option { return func(c *config) { c.claimsUnder = claim } }

// WithUnsignedGETs leaves Teamtailor-Signature off GET requests. Without it they carry one that nobody can verify: the
// documentation says that each request is signed, but not over what, where there is no event. [assumed]
func WithUnsignedGETs() Option { return func(c *config) { c.unsignedGETs = true } }

// WithFireOnce makes a trigger fire only the first time a candidate enters its stage. [observed] in another partner's manual.
func WithFireOnce() Option { return func(c *config) { c.fireOnce = true } }

// WithTimestampDates sends date custom fields of partner events as RFC 3339 timestamps instead of YYYY-MM-DD. [assumed]
func WithTimestampDates() Option { return func(c *config) { c.stampDates = true } }

// WithoutPrivateFields leaves private custom fields out of partner events. Whether they are in is not public. [assumed]
func WithoutPrivateFields() Option { return func(c *config) { c.hidePrivate = true } }

// WithGentleActions shows the text of a refused action button without turning the partner result to failed. Without it
// the rules for the trigger webhook hold. [assumed]
func WithGentleActions() Option { return func(c *config) { c.gentleActions = true } }

// Encryption is how the provider key of a partner activation is encrypted; the JWE algorithm is always "dir".
type Encryption int

// The documented recipe yields a 128-bit key while its sample names a cipher that needs 256 bits, so three readings exist.
const (
	A128GCM       Encryption = iota // 16 bytes: the first half of the digest of the webhook secret [documented]
	A256GCM                         // the same 32 hexadecimal characters, used as they are [assumed]
	A256GCMDigest                   // the whole digest [assumed]
)

// WithEncryption sets how provider keys of partner activations are encrypted. The default is [A128GCM].
func WithEncryption(e Encryption) Option { return func(c *config) { c.encryption = e } }

// Plaintext is what the encrypted provider key of a partner activation contains.
type Plaintext int

// Neither is documented. An activation with an empty form has its UUID in any case. [assumed]
const (
	PlaintextForm        Plaintext = iota // the form values as a JSON object
	PlaintextProviderKey                  // the bearer token itself
)

// WithPlaintext sets what the provider keys of partner activations contain. The default is [PlaintextForm].
func WithPlaintext(p Plaintext) Option { return func(c *config) { c.plaintext = p } }
