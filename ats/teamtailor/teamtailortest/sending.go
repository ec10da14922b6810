package teamtailortest

import (
	"net/http"
	"time"
)

// SendOption changes how one call to an integration or webhook receiver is made: mostly to make it wrong in one way. Those
// that concern the body are ignored by GET requests.
type SendOption func(*sendOptions)

type sendOptions struct {
	by            *User
	bearer        *string
	key           *string
	at            *time.Time
	badSignature  bool
	noSignature   bool
	overBody      bool
	folded        bool
	lost          bool
	answerLost    bool
	cutOff        bool
	padding       int
	updateURL     string
	companyInside bool
	nullData      bool
	newerScheme   bool
	stringIDs     bool
	header        http.Header
}

// collect applies options in order: of two that contradict each other the later one holds.
func collect(opts []SendOption) sendOptions {
	var o sendOptions
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// By names the user who moved the candidate: the triggered-by of the partner event. Without it the member is null.
func By(u *User) SendOption { return func(o *sendOptions) { o.by = u } }

// Bearer sends another token than the activation's provider key; "" leaves Authorization out.
func Bearer(token string) SendOption { return func(o *sendOptions) { o.bearer = &token } }

// SignedWith signs with another key.
func SignedWith(key string) SendOption { return func(o *sendOptions) { o.key = &key } }

// SignedAt signs for another moment than now, for example one outside the receiver's tolerance.
func SignedAt(t time.Time) SendOption { return func(o *sendOptions) { o.at = &t } }

// BadSignature sends a signature of the right form that does not match.
func BadSignature() SendOption { return func(o *sendOptions) { o.badSignature = true } }

// NoSignature leaves the signature out.
func NoSignature() SendOption { return func(o *sendOptions) { o.noSignature = true } }

// NewerSignature adds a scheme that does not exist yet to the signature, which stays valid by the present one.
func NewerSignature() SendOption { return func(o *sendOptions) { o.newerScheme = true } }

// SignedOverBody signs the raw body, which was the rule until 2024-07-12. [documented: docs/vendors/teamtailor.md]
func SignedOverBody() SendOption { return func(o *sendOptions) { o.overBody = true } }

// FoldedSignature puts spaces around the commas of the signature, as the documentation's broken line may be read.
func FoldedSignature() SendOption { return func(o *sendOptions) { o.folded = true } }

// Lost never delivers the call. The vendor does not learn of it: a partner result stays in "sending" for good.
func Lost() SendOption { return func(o *sendOptions) { o.lost = true } }

// AnswerLost delivers the call and loses the answer, so that the vendor sees a failure and the integration a success.
func AnswerLost() SendOption { return func(o *sendOptions) { o.answerLost = true } }

// CutOff sends only the first half of the body, which is not valid JSON.
func CutOff() SendOption { return func(o *sendOptions) { o.cutOff = true } }

// Oversized adds an unknown member of n bytes to the body.
func Oversized(n int) SendOption { return func(o *sendOptions) { o.padding = n } }

// UpdateURL puts a foreign update-url into the partner event. The result keeps its own.
func UpdateURL(url string) SendOption { return func(o *sendOptions) { o.updateURL = url } }

// CompanyInside puts company inside partner-event instead of beside it. [observed: docs/vendors/teamtailor.md]
func CompanyInside() SendOption { return func(o *sendOptions) { o.companyInside = true } }

// NullData sends null as webhook-data. [observed: docs/vendors/teamtailor.md]
func NullData() SendOption { return func(o *sendOptions) { o.nullData = true } }

// StringIDs sends the numeric ids of the partner event as strings. [observed: docs/vendors/teamtailor.md]
func StringIDs() SendOption { return func(o *sendOptions) { o.stringIDs = true } }

// Header sets a header after everything else; "" removes it.
func Header(name, value string) SendOption {
	return func(o *sendOptions) {
		if o.header == nil {
			o.header = http.Header{}
		}
		o.header.Set(name, value)
	}
}
