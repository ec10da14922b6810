package ats

import (
	"encoding/json"
	"log/slog"
	"strings"
)

// User is a person who works in the ATS.
type User struct {
	// ID is the person's stable name within the tenant.
	ID   string
	Name string
	// Email and TimeZone (IANA) may be empty.
	Email    string
	TimeZone string
	// Admin is set for administrators of the integration.
	Admin bool
	// Linked is set when the user has a Spark Hire key that was not refused.
	Linked bool
	// KeyHint is the end of that key, see [Secret.Hint].
	KeyHint string
}

// IsZero reports whether the user names nobody.
func (u User) IsZero() bool { return u.ID == "" }

// String returns the user's id, so that printing one shows no person.
func (u User) String() string { return "user " + u.ID }

// LogValue logs the user's id only.
func (u User) LogValue() slog.Value { return slog.StringValue("user " + u.ID) }

// CandidateRef names a candidate at a tenant.
type CandidateRef struct {
	Tenant TenantRef
	ID     string
	// JobID is the ATS job in whose course the candidate is meant; empty where
	// that does not matter or is not known.
	JobID string
}

// LogValue logs the tenant and the candidate's id.
func (c CandidateRef) LogValue() slog.Value {
	return slog.StringValue(c.Tenant.String() + "/candidate/" + c.ID)
}

// Candidate is the person to interview.
type Candidate struct {
	// ID is the ATS's own id.
	ID        string
	FirstName string
	LastName  string
	// Email is where Spark Hire writes; a candidate may have none.
	Email string
	// Phone may be empty. It is not sent to Spark Hire.
	Phone string
	// DoNotEmail is set when the ATS says that the person must not be written to.
	DoNotEmail   bool
	CustomFields []CustomField
	// Raw is the vendor's record as received; may be nil. It is never stored.
	Raw json.RawMessage
}

// Name returns the full name.
func (c Candidate) Name() string { return strings.TrimSpace(c.FirstName + " " + c.LastName) }

// LogValue logs the candidate's id only.
func (c Candidate) LogValue() slog.Value { return slog.StringValue("candidate " + c.ID) }

// String returns the candidate's id, so that printing one shows no person.
func (c Candidate) String() string { return "candidate " + c.ID }

// CustomField is a value that the ATS keeps under a name of the customer's.
type CustomField struct {
	APIName string
	// Type is the vendor's word: "text", "date", "number", …
	Type string
	// Value is the text form; several values of a choice are joined by a comma
	// and a space.
	Value string
}

// LogValue logs the field's name only.
func (f CustomField) LogValue() slog.Value { return slog.StringValue("custom field " + f.APIName) }

// String returns the field's name, so that printing one shows no value.
func (f CustomField) String() string { return "custom field " + f.APIName }

// Field returns the custom field's value. Names are compared without case, and
// an exact match wins.
func (c Candidate) Field(apiName string) (string, bool) {
	value, found := "", false
	for _, f := range c.CustomFields {
		if f.APIName == apiName {
			return f.Value, true
		}
		if !found && strings.EqualFold(f.APIName, apiName) {
			value, found = f.Value, true
		}
	}
	return value, found
}

// JobRef names a job at a tenant.
type JobRef struct {
	Tenant TenantRef
	ID     string
}

// Job is a job of the ATS.
type Job struct {
	// ID is the ATS's own id; empty where the ATS names no job.
	ID    string
	Title string
	// Status is the vendor's word for whether the job is open.
	Status string
	City   string
	Region string
	// Country is as the vendor writes it.
	Country string
	// Raw is the vendor's record as received; may be nil. It is never stored.
	Raw json.RawMessage
}
