package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// headerRequestID names the call in the answer, in problems and in the log.
const headerRequestID = "X-Request-Id"

// The API's own codes.
const (
	codeUnauthorized     ats.Code = "unauthorized"
	codeNotFound         ats.Code = "not_found"
	codeMethodNotAllowed ats.Code = "method_not_allowed"
	codeConflict         ats.Code = "conflict"
	codeTooLarge         ats.Code = "too_large"
	codeInvalidJSON      ats.Code = "invalid_json"
	codeUnknownField     ats.Code = "unknown_field"
	codeInvalidRequest   ats.Code = "invalid_request"
	codeUnsupported      ats.Code = "unsupported"
	codeRateLimited      ats.Code = "rate_limited"
	codeNotSupported     ats.Code = "not_supported"
	codeUnavailable      ats.Code = "unavailable"
	codeInternal         ats.Code = "internal"
	// codeJobUnconfirmed is the engine's.
	codeJobUnconfirmed ats.Code = "spark_hire_job_unconfirmed"
)

// statusOf is the status of every code; all others are 422.
func statusOf(code ats.Code) int {
	switch code {
	case codeUnauthorized:
		return http.StatusUnauthorized
	case ats.CodeUserNotLinked, ats.CodeNotAdmin, ats.CodeNotPermitted, ats.CodeNotConnected,
		ats.CodeFeatureNotEnabled, ats.CodeIntegrationOff:
		return http.StatusForbidden
	case codeNotFound:
		return http.StatusNotFound
	case codeMethodNotAllowed:
		return http.StatusMethodNotAllowed
	case ats.CodeRequestPending, ats.CodeAlreadyCompleted, ats.CodeNotCancelable, ats.CodeNotResolvable, ats.CodeConnectionAlreadyExists,
		ats.CodeIdempotencyMismatch, ats.CodePrimaryUserRequired, codeConflict, codeJobUnconfirmed:
		return http.StatusConflict
	case codeTooLarge:
		return http.StatusRequestEntityTooLarge
	case codeRateLimited:
		return http.StatusTooManyRequests
	case codeNotSupported, ats.CodeHostCannot:
		return http.StatusNotImplemented
	case codeUnavailable:
		return http.StatusServiceUnavailable
	case codeInternal:
		return http.StatusInternalServerError
	default:
		return http.StatusUnprocessableEntity
	}
}

// kinds says which code an error that is no refusal has, and what the caller is
// told. A refused credential of ours is none of the caller's.
var kinds = []struct { //nolint:gochecknoglobals // a constant
	err    error
	code   ats.Code
	detail string
}{
	{ats.ErrRateLimited, codeRateLimited, "The budget of this Spark Hire key or of the ATS is spent for now."},
	{ats.ErrHostCannot, ats.CodeHostCannot, "The ATS has no way to do this."},
	{ats.ErrUnsupported, codeNotSupported, "This is not possible with this connection's adapter."},
	{ats.ErrNotFound, codeNotFound, "There is no such record."},
	{ats.ErrGone, codeNotFound, "The record has gone."},
	{ats.ErrInvalid, codeInvalidRequest, "The request is not valid."},
	{ats.ErrConflict, codeConflict, "Somebody else changed this at the same time. Try again."},
	{ats.ErrUnavailable, codeUnavailable, "This cannot be done at the moment. Try again."},
	{ats.ErrUnauthorized, codeUnavailable, "The other side does not accept this service's credential. An administrator must renew it."},
	{ats.ErrForbidden, codeUnavailable, "The other side does not let this service do that. An administrator must look."},
	{context.DeadlineExceeded, codeUnavailable, "This took too long. Try again."},
	{context.Canceled, codeUnavailable, "The call was given up."},
}

// problem is the body of every error: RFC 9457.
type problem struct {
	Type      string   `json:"type"`
	Title     string   `json:"title"`
	Status    int      `json:"status"`
	Code      ats.Code `json:"code"`
	Detail    string   `json:"detail"`
	Field     string   `json:"field,omitempty"`
	RequestID string   `json:"request_id"`

	retryAt time.Time
}

// problemOf returns what the caller is told about an error.
func problemOf(err error) *problem {
	if refusal, ok := ats.AsRefusal(err); ok {
		p := &problem{Code: refusal.Code, Detail: refusal.Message, Field: refusal.Field}
		if p.Code == ats.CodeActorRequired && p.Field == "" {
			p.Field = headerActorID // the engine knows no headers
		}
		return p
	}
	for _, k := range kinds {
		if !errors.Is(err, k.err) {
			continue
		}
		p := &problem{Code: k.code, Detail: k.detail}
		if later, ok := errors.AsType[*ats.RetryLaterError](err); ok {
			p.retryAt = later.At
		}
		var told interface{ RetryAt() time.Time }
		if errors.As(err, &told) {
			p.retryAt = told.RetryAt()
		}
		return p
	}
	return &problem{Code: codeInternal}
}

// Explain returns the status and the sentence with which the API tells people of an
// error on a connection with these rules; the zero policy is no connection in
// particular. The sentence is empty for an error inside the service: that is for the
// log.
func Explain(policy ats.Policy, err error) (status int, sentence string) {
	p := problemOf(policy.Name(err))
	if p.Code == codeInternal {
		return http.StatusInternalServerError, ""
	}
	return statusIn(policy, p.Code), p.Detail
}

// fail answers with a problem, and logs what the caller is not told.
func (a *api) fail(w http.ResponseWriter, r *http.Request, path string, err error) {
	p := problemOf(err)
	level := slog.LevelWarn
	switch {
	case p.Code == codeInternal:
		level = slog.LevelError
	case p.Code != codeUnavailable || r.Context().Err() != nil:
		level = slog.LevelDebug
	}
	a.log.Log(r.Context(), level, "call failed", "request_id", w.Header().Get(headerRequestID),
		"method", r.Method, "path", prefix+path, "code", string(p.Code), "error", err)
	a.write(w, r, p)
}

// retryAfter is what a caller should wait who is not told when to come back.
const retryAfter = 5 * time.Second

func (a *api) write(w http.ResponseWriter, r *http.Request, p *problem) {
	p.Status = statusOf(p.Code)
	if policy, ok := a.policyOf(r); ok {
		p.Status = statusIn(policy, p.Code)
	}
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	p.RequestID = w.Header().Get(headerRequestID)
	if p.Code == codeInternal {
		p.Detail = "" // nothing of the inside
	}
	if p.Code == codeRateLimited || p.Code == codeUnavailable {
		wait := retryAfter
		if !p.retryAt.IsZero() {
			wait = p.retryAt.Sub(a.clock())
		}
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
	}
	a.json(w, r, p.Status, "application/problem+json", p)
}

// json answers with a value. It is whole before anything is sent: half an answer, or
// none under a good status, would tell the caller something else.
func (a *api) json(w http.ResponseWriter, r *http.Request, status int, contentType string, v any) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		a.log.ErrorContext(r.Context(), "answer cannot be written as JSON", "request_id", w.Header().Get(headerRequestID), "error", err)
		a.write(w, r, &problem{Code: codeInternal})
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	if _, err := w.Write(text.Bytes()); err != nil { // the caller has left
		a.log.DebugContext(r.Context(), "answer not written", "request_id", w.Header().Get(headerRequestID), "error", err)
	}
}

// answer answers with a value and nil.
func (a *api) answer(w http.ResponseWriter, r *http.Request, status int, v any) error {
	a.json(w, r, status, "application/json", v)
	return nil
}

func noContent(w http.ResponseWriter) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func refuse(code ats.Code, field, message string) error { return ats.Refuse(code, field, message) }

// atField returns a refusal under another field's name, and other errors as they
// are.
func atField(err error, field string) error {
	if refusal, ok := ats.AsRefusal(err); ok {
		return refuse(refusal.Code, field, refusal.Message)
	}
	return err
}
