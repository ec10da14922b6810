package atstest

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

// Harness makes a vendor without a past and an adapter that talks to it. It is
// called once per subtest, and subtests run in parallel: nothing may be shared
// between calls. What must be closed goes to t.Cleanup.
//
// The adapter must be made with what env offers, and its HTTP client without
// waits between repeated calls, so that the vendor's outages take no time.
type Harness func(t *testing.T, env Env) Vendor

// Env is what one subtest offers to the adapter under test.
type Env struct {
	// Inbox is the engine's double. The suite passes it to Handler and
	// Reconcile, and registers the adapter with it before Connect is called.
	Inbox *memory.Inbox
	// Logger records everything; the suite looks for people and secrets in it.
	Logger *slog.Logger
	// URL is where the vendor reaches the adapter: its Handler answers below
	// URL + "/" + Name once the Harness has returned. No slash at the end.
	URL string
	// Now is the suite's clock, which stands still unless the suite moves it.
	// Adapter and vendor must use it.
	Now func() time.Time
}

// Vendor is the ATS as the suite sees it. Functions that the adapter's
// capabilities need must be set, and the suite says which are missing; the
// comments say for what. Functions may end the test with t.
//
// People are given as [ats.Candidate] with FirstName, LastName and Email, the
// last of which may be empty; the vendor chooses the ID.
type Vendor struct {
	// Adapter is the adapter under test.
	Adapter ats.Adapter

	// Connect connects one tenant that has no jobs and no candidates, in the way
	// of this adapter, and returns its connection. It needs at least one linked
	// user; where the policy wants a primary user, that one is set too.
	// Needed always; called once, before anything below.
	Connect func(t *testing.T) ats.Connection

	// Trigger lets the vendor fire a trigger for a new candidate and returns the
	// call that the adapter would receive. Two calls give two triggers, also for
	// the same person. Needed by [ats.Receiver].
	Trigger func(t *testing.T, person ats.Candidate) Trigger

	// Request returns a request that the policy admits, about a new candidate
	// at the vendor, ready to be reported about. Where it is nil the suite takes
	// the request that a Trigger makes; one of the two is needed always.
	Request func(t *testing.T, person ats.Candidate) ats.Request

	// Card returns what the users of the ATS see of the interview now. Nil only
	// where the ATS can show nothing and Publish always returns
	// [ats.ErrHostCannot].
	Card func(t *testing.T, iv ats.Interview) Card

	// Remove removes from the vendor the record that Publish writes to. Nil where
	// records cannot be removed.
	Remove func(t *testing.T, iv ats.Interview)

	// Fail makes the vendor answer every call of the adapter with the HTTP
	// status, without doing anything, until Fail(0). Needed where Card is.
	Fail func(status int)

	// Calls returns how many HTTP calls of the adapter the vendor has answered,
	// also with errors. Needed by [ats.JobLister] and [ats.CandidateLister].
	Calls func() int

	// AddJob adds an open job and returns its id. Needed by [ats.JobLister],
	// [ats.CandidateReader] and [ats.CandidateLister].
	AddJob func(t *testing.T, title string) (id string)

	// AddCandidate adds a candidate to the job and returns the id. Needed by
	// [ats.CandidateReader] and [ats.CandidateLister].
	AddCandidate func(t *testing.T, job string, person ats.Candidate) (id string)

	// PageSize is how many items the vendor gives per call of a list; 0 where
	// lists are not paged.
	PageSize int

	// Actor returns a credential of the host and the user who holds it. Needed
	// by [ats.ActorResolver].
	Actor func(t *testing.T) (credential string, holder ats.User)

	// Viewers returns a user who may see the candidate and one who may not.
	// Needed by [ats.AccessChecker].
	Viewers func(t *testing.T, ref ats.CandidateRef) (may, mayNot ats.User)

	// Refused returns a request that Check must refuse. Needed by
	// [ats.RequestChecker].
	Refused func(t *testing.T) ats.Request

	// Settings are valid settings with at least one entry. Needed by
	// [ats.SettingsDecoder].
	Settings json.RawMessage

	// Lose lets the vendor fire a trigger whose call never arrives, and that
	// [ats.Reconciler] finds and submits. Nil where it looks for no triggers.
	Lose func(t *testing.T, person ats.Candidate)

	// Uninstall lets the customer remove the integration without telling the
	// adapter. [ats.Reconciler] has three runs, an hour apart on the suite's
	// clock, to disconnect the tenant.
	Uninstall func(t *testing.T)

	// Secrets are values that must appear in no log and in no error, besides
	// those that the suite finds in [Trigger.Header] under Credentials.
	Secrets []string
}

// Trigger is one authentic call of the vendor and what must come of it.
type Trigger struct {
	// Method is "POST" when empty.
	Method string
	// Path is relative to the adapter's Handler: "/webhook", with any query.
	Path   string
	Header http.Header
	Body   []byte

	// Credentials names the headers that authenticate the call. The suite
	// leaves each of them out in turn and expects 401.
	Credentials []string
	// Sign sets the credentials again for a changed Body. Nil where they do not
	// depend on the body.
	Sign func(tr *Trigger)

	// Want is the request that must reach the inbox. Compared are Tenant, Key,
	// Type, Job.ID, and the Candidate's ID, name and e-mail; empty values of
	// Key, Type, Job and Candidate.ID are not.
	Want ats.Request
}

// TriggerFrom makes a trigger of a request that a simulator has signed, by
// reading its body. prefix is the path of the adapter's handler in the
// request's URL, such as "/teamtailor".
func TriggerFrom(t *testing.T, r *http.Request, prefix string, credentials ...string) Trigger {
	t.Helper()
	path, ok := strings.CutPrefix(r.URL.RequestURI(), prefix)
	require.True(t, ok && strings.HasPrefix(path, "/"), "the path of the trigger, %s, must begin with %s/", r.URL.Path, prefix)
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		require.NoError(t, err)
	}
	return Trigger{Method: r.Method, Path: path, Header: r.Header.Clone(), Body: body, Credentials: credentials}
}

// Card is what the users of an ATS see of one interview.
type Card struct {
	// Completed tells whether it reads as completed.
	Completed bool
	// Text is everything that can be seen, in any form that is the same as long
	// as the card is the same. The suite compares it, and looks in it for nothing
	// but equality; so leave out the time of the last change.
	Text string
}
