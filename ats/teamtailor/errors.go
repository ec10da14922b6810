package teamtailor

import (
	"errors"
	"net/http"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/keyform"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/sign"
)

// What is wrong with a call of Teamtailor's, apart from refusals.
var (
	errTooLarge = errors.New("the body is larger than 1 MiB")
	errBody     = errors.New("the body is not the expected JSON")
	errNoForm   = errors.New("the provider key carries no Spark Hire keys")
	// errDisconnected: somebody here has ended the connection. A company that left and
	// came back is another matter, see [Adapter.deactivated].
	errDisconnected = ats.Refuse(ats.CodeConnectionDisconnected, "",
		"Spark Hire has been disconnected for this company. Ask its operator to connect it again.")
	errNoCompany = errors.New("the call does not name the company")
)

// authError is a call that is not proven to come from Teamtailor.
type authError struct{ err error }

func (e *authError) Error() string { return "authenticate call: " + e.err.Error() }
func (e *authError) Unwrap() error { return e.err }

// answerTo returns the status and the text with which a call is refused. The text is
// shown on the candidate's card [documented: docs/vendors/teamtailor.md]: it says
// what to do and holds nothing personal.
func answerTo(err error) (status int, text string) {
	var auth *authError
	var form *keyform.Error
	if r, ok := ats.AsRefusal(err); ok {
		return http.StatusUnprocessableEntity, r.Message
	}
	switch {
	case errors.Is(err, errTooLarge):
		return http.StatusRequestEntityTooLarge, "The call is larger than 1 MiB. Nothing was sent."
	case errors.Is(err, errBody):
		return http.StatusBadRequest, "The call cannot be read: it is not the expected JSON. Nothing was sent."
	case errors.As(err, &auth):
		return http.StatusUnauthorized, authText(auth)
	case errors.Is(err, api.ErrUpdateURL):
		return http.StatusUnprocessableEntity, "The address for the result is not one of Teamtailor's that this integration serves. Nothing was sent."
	case errors.As(err, &form):
		return http.StatusUnprocessableEntity, formText(form)
	case errors.Is(err, errNoForm), errors.Is(err, ats.ErrNotFound):
		return http.StatusUnauthorized, settingsText
	case errors.Is(err, errNoCompany):
		return http.StatusUnprocessableEntity, "The call does not name the company. Nothing was sent."
	case errors.Is(err, ats.ErrInvalid):
		return http.StatusUnprocessableEntity, "The integration's settings for this company are wrong. Its operator must correct them. Nothing was sent."
	default:
		return http.StatusServiceUnavailable, "The Spark Hire integration cannot take requests right now. Nothing was sent. Please try again in a few minutes."
	}
}

// settingsText is for installations whose provider key carries nothing.
const settingsText = "Spark Hire is not set up yet: an administrator opens it in the Marketplace, fills in the API keys and saves."

func authText(err error) string {
	switch {
	case errors.Is(err, sign.ErrStale):
		return "The call's signature is too old or the clocks differ. Nothing was sent. Please try again."
	case errors.Is(err, sign.ErrExpired):
		return "The integration's key has expired: an administrator saves the Spark Hire settings again."
	}
	return "The call could not be verified: its key or signature is missing or wrong. Nothing was sent."
}

// formText names the first problem; the validation shows all of them.
func formText(err *keyform.Error) string {
	return "The API keys in the Spark Hire settings cannot be read. " + err.Messages()[0]
}

// APIError is a refusal by one of Teamtailor's APIs, found with [errors.As] in the
// errors of this package's methods. It has Method, Path (the template), Status, the
// vendor's Code, Title, Detail and Pointer of the first of its Errors, RetryAfter and
// RetryAt.
type APIError = api.APIError

// kinds tells what a status means here [assumed: docs/vendors/teamtailor.md]; the
// formats and codes of the vendor's errors are documented for the public API only.
// A status that is not listed may be tried again.
func kinds() map[int]error {
	return map[int]error{
		http.StatusBadRequest:           ats.ErrInvalid,
		http.StatusUnauthorized:         ats.ErrUnauthorized, // also: a key of another stack
		http.StatusForbidden:            ats.ErrForbidden,
		http.StatusNotFound:             ats.ErrNotFound,
		http.StatusNotAcceptable:        ats.ErrInvalid, // the API version has been retired
		http.StatusConflict:             ats.ErrInvalid,
		http.StatusGone:                 ats.ErrGone,
		http.StatusUnsupportedMediaType: ats.ErrInvalid,
		http.StatusUnprocessableEntity:  ats.ErrInvalid,
	}
}

// classify gives an error of the wire client its kind and keeps the vendor's own
// reachable. An unknown or temporary status, and a lost connection, match
// [ats.ErrUnavailable]; a wait that somebody named is an [*ats.RetryLaterError].
func classify(err error) error {
	if err == nil {
		return nil
	}
	if at, ok := api.RetryAt(err); ok {
		return &ats.RetryLaterError{At: at, Err: err}
	}
	if _, ok := errors.AsType[*api.ArgumentError](err); ok {
		return &kindError{ats.ErrInvalid, err}
	}
	refused, ok := errors.AsType[*APIError](err)
	switch {
	case !ok:
		return &kindError{ats.ErrUnavailable, err}
	case refused.Status == http.StatusTooManyRequests:
		return &kindError{ats.ErrRateLimited, err}
	}
	if kind, ok := kinds()[refused.Status]; ok {
		return &kindError{kind, err}
	}
	return &kindError{ats.ErrUnavailable, err}
}

// kindError is a vendor's error with its kind.
type kindError struct{ kind, err error }

func (e *kindError) Error() string   { return e.err.Error() }
func (e *kindError) Unwrap() []error { return []error{e.kind, e.err} }
