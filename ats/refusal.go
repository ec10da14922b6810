package ats

import "errors"

// Code is the stable name of a refusal. Scripts and user interfaces depend on
// these values.
type Code string

// The refusals. Adapters may add codes of their own.
const (
	CodeNotConnected            Code = "not_connected"
	CodeConnectionDisconnected  Code = "connection_disconnected"
	CodeFeatureNotEnabled       Code = "feature_not_enabled"
	CodeIntegrationOff          Code = "integration_off"
	CodeNotAdmin                Code = "not_admin"
	CodeNotPermitted            Code = "not_permitted"
	CodeActorRequired           Code = "actor_required"
	CodeUserNotLinked           Code = "user_not_linked"
	CodePrimaryUserRequired     Code = "primary_user_required"
	CodeInvalidKey              Code = "invalid_key"
	CodeJobRequired             Code = "job_required"
	CodeJobNotLinked            Code = "job_not_linked"
	CodeJobLinkNotAllowed       Code = "job_link_not_allowed"
	CodeQuestionSetRequired     Code = "question_set_required"
	CodeQuestionSetNotAllowed   Code = "question_set_not_allowed"
	CodeUnsupportedType         Code = "unsupported_interview_type"
	CodeExpirationRequired      Code = "expiration_required"
	CodeExpirationInPast        Code = "expiration_in_past"
	CodeTimeRequired            Code = "time_required"
	CodeTimeNotAllowed          Code = "time_not_allowed"
	CodeInvalidDate             Code = "invalid_date"
	CodeInvalidTime             Code = "invalid_time"
	CodeTimeZoneRequired        Code = "time_zone_required"
	CodeTimeZoneUnknown         Code = "time_zone_unknown"
	CodeTimeDoesNotExist        Code = "time_does_not_exist"
	CodeCandidateRequired       Code = "candidate_required"
	CodeCandidateEmailMissing   Code = "candidate_email_missing"
	CodeCandidateEmailInvalid   Code = "candidate_email_invalid"
	CodeDoNotEmail              Code = "do_not_email"
	CodeRequestPending          Code = "request_pending"
	CodeAlreadyCompleted        Code = "already_completed"
	CodeNotCancelable           Code = "not_cancelable"
	CodeNotResolvable           Code = "not_resolvable"
	CodeHostCannot              Code = "host_cannot"
	CodeTooManyRows             Code = "too_many_rows"
	CodeMessageTooLong          Code = "message_too_long"
	CodeMessageNotAllowed       Code = "message_not_allowed"
	CodeIdempotencyKeyRequired  Code = "idempotency_key_required"
	CodeIdempotencyMismatch     Code = "idempotency_mismatch"
	CodeConnectionAlreadyExists Code = "connection_exists"
)

// Refusal is a request that was understood and declined: nothing was written
// and nobody was called. It is shown to the person who asked.
type Refusal struct {
	Code Code
	// Message is a sentence for the recruiter, without personal data.
	Message string
	// Field is the request's field that the refusal is about; may be empty.
	Field string
}

// Refuse returns a refusal.
func Refuse(code Code, field, message string) *Refusal {
	return &Refusal{Code: code, Field: field, Message: message}
}

// Error returns the code and the message.
func (r *Refusal) Error() string { return string(r.Code) + ": " + r.Message }

// AsRefusal returns the refusal in err's tree.
func AsRefusal(err error) (*Refusal, bool) {
	return errors.AsType[*Refusal](err)
}
