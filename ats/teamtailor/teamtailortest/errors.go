package teamtailortest

import (
	"errors"
	"fmt"
	"strings"
)

// What the vendor's pages would not let a person do.
var (
	// ErrNoBaseURL means that the partner has no base URL yet.
	ErrNoBaseURL = errors.New("the partner has no base URL")
	// ErrActive means that the company has the integration active already.
	ErrActive = errors.New("the company has the integration active already")
	// ErrNotInstalled means that the installation is not finished, or that the integration was deactivated: the trigger is
	// not offered then.
	ErrNotInstalled = errors.New("the integration is not installed")
	// ErrNoCompanyToken means that the partner asks for a company API token and the company has none of sufficient scope.
	ErrNoCompanyToken = errors.New("the company has no API token of sufficient scope")
	// ErrBulkNotAllowed means that the partner does not allow bulk mode.
	ErrBulkNotAllowed = errors.New("the partner does not allow bulk mode")
	// ErrNotFound means that something does not exist, no longer exists, or belongs to another company.
	ErrNotFound = errors.New("not found")
	// ErrWrongPlace means that a form was opened for something else, such as a trigger form used for a manual run.
	ErrWrongPlace = errors.New("the form was opened elsewhere")
	// ErrNoAnswer means that the integration could not be reached, or not in time.
	ErrNoAnswer = errors.New("the integration did not answer")
)

// FormError says why a form cannot be rendered or saved: everything that is wrong, one sentence each.
type FormError struct {
	// Status is the integration's answer, 0 if the form itself is not at fault but what was filled in.
	Status int
	// Problems is never empty.
	Problems []string
}

// Error joins the problems.
func (e *FormError) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("render form (status %d): %s", e.Status, strings.Join(e.Problems, "; "))
	}
	return "save form: " + strings.Join(e.Problems, "; ")
}

// ValidationError is a refusal by the integration's validate endpoint.
type ValidationError struct {
	// Status is the integration's answer: anything but 200.
	Status int
	// Messages is what the admin reads. It is empty when the answer was not of the documented form {"errors": ["…"]}.
	Messages []string
}

// Error joins the messages.
func (e *ValidationError) Error() string {
	if len(e.Messages) == 0 {
		return fmt.Sprintf("validate credentials: status %d without readable errors", e.Status)
	}
	return fmt.Sprintf("validate credentials: status %d: %s", e.Status, strings.Join(e.Messages, "; "))
}
