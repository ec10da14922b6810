package ats

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Policy is a product's rules as data. The engine enforces them before it
// writes anything, and the documentation's table is generated from them. The
// zero value of each field is its strictest meaning.
type Policy struct {
	// Types are the interview types on offer, in order; the first is the default.
	Types []InterviewType
	// QuestionSet says per type whether a question set is needed.
	QuestionSet map[InterviewType]Need
	// Deadline is how a deadline (one-way) or start (live) is given.
	Deadline DeadlineRule
	// JobLink is Required when the ATS job must be linked to a Spark Hire job
	// first, Forbidden when each request names the Spark Hire job.
	JobLink Need
	// ActorKey says whose Spark Hire key invites.
	ActorKey KeyRule
	// PrimaryUser says whether a connection needs a primary user.
	PrimaryUser Need
	// Scope is what counts as the same request for the two rules below.
	Scope Scope
	// WhilePending answers a second request while the first has not ended.
	WhilePending Answer
	// AfterCompleted answers a request after a completed one.
	AfterCompleted Answer
	// Cancel is Forbidden where the product has no cancel.
	Cancel Need
	// Message is whether a message for the candidate may be given.
	Message Need
	// ViewWithoutKey lets people without a Spark Hire key of their own see a
	// recording by share link.
	ViewWithoutKey bool
	// TimeZone says whether a connection must have a time zone.
	TimeZone Need
	// DoNotEmail refuses candidates whom the ATS marks as not to be written to.
	DoNotEmail bool
	// GoneErases says that an interview whose record in the ATS has gone loses its
	// personal data here as well, because the product has no surer way to tell that
	// somebody was deleted. Without it reporting ends and the rest stays.
	GoneErases bool
	// Settings is who may read and change the linked users and the connection.
	Settings SettingsRule
	// Rows is how many requests one bulk call may carry; 0 means any number.
	Rows int
	// Codes are the product's own names for refusals: a refusal that this package
	// or the engine calls by the key is told under the value, which has neither an
	// entry here nor in Words: naming twice changes nothing. See [Policy.Name].
	Codes map[Code]Code
	// Words are the product's own sentences for refusals, by the code that this
	// package or the engine gives them. Each says what to do in the product. That
	// for [CodeHostCannot] also stands in the timeline where a report could not be
	// shown.
	Words map[Code]string
}

// Name returns err with the product's own name and sentence for the refusal in
// it, if the product has them. Anything that is not a refusal comes back as it is.
func (p Policy) Name(err error) error {
	r, ok := AsRefusal(err)
	if !ok {
		return err
	}
	code, renamed := p.Codes[r.Code]
	words, reworded := p.Words[r.Code]
	if !renamed && !reworded {
		return err
	}
	named := *r
	if renamed {
		named.Code = code
	}
	if reworded {
		named.Message = words
	}
	return &named
}

// Need is whether something must, may or must not be given.
type Need int

// The needs.
const (
	Forbidden Need = iota
	Optional
	Required
)

// String returns the need in lower case.
func (n Need) String() string {
	return word(int(n), "forbidden", "optional", "required")
}

// KeyRule is whose Spark Hire key invites.
type KeyRule int

// The key rules.
const (
	// KeyOwn: the actor's own key only.
	KeyOwn KeyRule = iota
	// KeyNamed: that of the linked user whom the request names.
	KeyNamed
	// KeyPrimary: that of the connection's primary user.
	KeyPrimary
)

// String returns the rule in lower case.
func (k KeyRule) String() string { return word(int(k), "own", "named", "primary") }

// SettingsRule is who may read and change a connection's users and settings.
type SettingsRule int

// The settings rules.
const (
	// SettingsByAdministrator: administrators of the ATS only.
	SettingsByAdministrator SettingsRule = iota
	// SettingsByOwner: each user sets the own key and nobody else's.
	SettingsByOwner
	// SettingsByBackend: whoever the calling backend lets.
	SettingsByBackend
)

// String returns the rule in lower case.
func (s SettingsRule) String() string {
	return word(int(s), "administrators", "each user the own key", "the backend decides")
}

// Answer is what a second request is told.
type Answer int

// The answers.
const (
	Decline Answer = iota
	Allow
	AllowWithNotice
)

// String returns the answer in lower case.
func (a Answer) String() string { return word(int(a), "decline", "allow", "allow with notice") }

// Scope is what counts as the same request.
type Scope int

// The scopes.
const (
	// ScopeCandidate: any interview of the same candidate record.
	ScopeCandidate Scope = iota
	// ScopeCandidateJob: the same candidate and ATS job.
	ScopeCandidateJob
	// ScopeTerms: the same candidate and ATS job, type, Spark Hire job,
	// question set and linked user.
	ScopeTerms
)

// String returns the scope in lower case.
func (s Scope) String() string {
	return word(int(s), "candidate", "candidate and job", "candidate, job and terms")
}

// DeadlineRule is how a deadline or start is given.
type DeadlineRule struct {
	// Given says whether the request must name a date.
	Given Need
	// Time says whether a time of day goes with the date.
	Time Need
	// DefaultDays is in calendar days from today: the default where Given is
	// Optional, what a form proposes where it is Required.
	DefaultDays int
	// Midnight is which midnight a date without a time means.
	Midnight Midnight
	// Ends says that an interview ends at its deadline by itself: Spark Hire is
	// asked first, and one that it calls open and has not moved is expired then.
	// Without it an interview expires when Spark Hire says so.
	Ends bool
}

// Validate returns every contradiction in the policy, or nil.
func (p Policy) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("policy: "+format, args...)) }
	if len(p.Types) == 0 {
		bad("types: at least one is needed")
	}
	for i, t := range p.Types {
		if t != OneWay && t != Live {
			bad("types: %q is not an interview type", t)
		}
		if slices.Contains(p.Types[:i], t) {
			bad("types: %q is there twice", t)
		}
		if _, ok := p.QuestionSet[t]; !ok {
			bad("question set: nothing is said about %q", t)
		}
	}
	if p.Deadline.Given == Forbidden {
		bad("deadline: must be required or optional")
	}
	if p.Deadline.Given == Optional && p.Deadline.DefaultDays < 1 {
		bad("deadline: an optional one needs a default of at least one day")
	}
	if p.ActorKey == KeyPrimary && p.PrimaryUser == Forbidden {
		bad("actor key: is the primary user's, but there is no primary user")
	}
	for _, from := range slices.Sorted(maps.Keys(p.Codes)) {
		to := p.Codes[from]
		if _, again := p.Codes[to]; again {
			bad("codes: %q becomes %q, which has another name itself", from, to)
		}
		if _, again := p.Words[to]; again {
			bad("words: %q, which %q becomes, has a sentence of its own; give it to %q", to, from, from)
		}
	}
	return errors.Join(errs...)
}

func word(i int, words ...string) string {
	if i < 0 || i >= len(words) {
		return fmt.Sprintf("unknown (%d)", i)
	}
	return words[i]
}
