package atstest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/atstest"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

// The suite runs inside a test. This one proves the adapter of package memory.
func ExampleRun() {
	_ = func(t *testing.T) {
		t.Parallel()
		atstest.Run(t, harness)
	}
}

// harness is what the author of an adapter writes, here for one that has every
// capability.
func harness(_ *testing.T, env atstest.Env) atstest.Vendor {
	a := memory.New(memory.Options{PageSize: 3, Now: env.Now, Logger: env.Logger})
	acc := a.Account("acme")
	trigger := func(t *testing.T, person ats.Candidate) (memory.Trigger, ats.Request, *http.Request) {
		t.Helper()
		job := acc.AddJob(ats.Job{Title: "Beekeeper"})
		person = acc.AddCandidate(job.ID, person)
		tr := memory.Trigger{ID: "for-" + person.ID, CandidateID: person.ID, JobID: job.ID, Type: "one-way", Recruiter: "r1"}
		return tr, ats.Request{
			Tenant: acc.Tenant(), Key: "trigger:" + tr.ID, Type: ats.OneWay, Candidate: person, Job: job, RequestedFor: "r1",
		}, acc.Trigger(t.Context(), tr)
	}
	return atstest.Vendor{
		Adapter: a,
		Connect: func(t *testing.T) ats.Connection {
			t.Helper()
			c, err := env.Inbox.Connect(t.Context(), ats.Activation{
				Tenant: acc.Tenant(), Name: "Acme", TimeZone: "Europe/Stockholm",
				Users: []ats.LinkedUser{{ID: "r1", Name: "Robin Vestergaard", Key: "spark-hire-key-r1"}},
			})
			require.NoError(t, err)
			return c
		},
		Trigger: func(t *testing.T, person ats.Candidate) atstest.Trigger {
			t.Helper()
			_, want, call := trigger(t, person)
			tr := atstest.TriggerFrom(t, call, "", "Authorization")
			tr.Want = want
			return tr
		},
		Card: func(t *testing.T, iv ats.Interview) atstest.Card {
			t.Helper()
			card, _ := a.Card(iv.ID)
			return atstest.Card{
				Completed: card.State == ats.StateCompleted,
				Text:      fmt.Sprintf("%s, %s, %s, %s, %v", card, card.Due, card.Reason, card.WatchURL, card.Lines),
			}
		},
		Remove: func(_ *testing.T, iv ats.Interview) { acc.RemoveCandidate(iv.Candidate.ID) },
		Fail: func(status int) {
			n := -1
			if status == 0 {
				n = 0
			}
			a.FailNext(n, vendorError(status))
		},
		Calls:  a.Calls,
		AddJob: func(_ *testing.T, title string) string { return acc.AddJob(ats.Job{Title: title}).ID },
		AddCandidate: func(_ *testing.T, job string, person ats.Candidate) string {
			return acc.AddCandidate(job, person).ID
		},
		PageSize: 3,
		Actor: func(_ *testing.T) (string, ats.User) {
			u := ats.User{ID: "u1", Name: "Ines Bergqvist", Email: "ines@acme.example", TimeZone: "Europe/Stockholm", Admin: true}
			return acc.AddUser(u), u
		},
		Viewers: func(_ *testing.T, ref ats.CandidateRef) (may, mayNot ats.User) {
			may, mayNot = ats.User{ID: "u1"}, ats.User{ID: "u2"}
			acc.AddUser(may)
			acc.AddUser(mayNot)
			acc.Restrict(ref.ID, may.ID)
			return may, mayNot
		},
		Refused: func(t *testing.T) ats.Request {
			t.Helper()
			_, r, _ := trigger(t, ats.Candidate{FirstName: "Odalys", LastName: "Marchetti", Email: "odalys@people.example"})
			r.Job = acc.AddJob(ats.Job{Title: "Not the candidate's job"})
			return r
		},
		Settings: json.RawMessage(`{"hide_score":true}`),
		Lose: func(t *testing.T, person ats.Candidate) {
			t.Helper()
			trigger(t, person)
		},
		Uninstall: func(_ *testing.T) { acc.Close() },
		Secrets:   []string{acc.Token().Reveal(), "spark-hire-key-r1"},
	}
}

// vendorError is what an adapter with a vendor would make of a status.
func vendorError(status int) error {
	kinds := map[int]error{
		http.StatusBadRequest:          ats.ErrInvalid,
		http.StatusUnauthorized:        ats.ErrUnauthorized,
		http.StatusForbidden:           ats.ErrForbidden,
		http.StatusNotFound:            ats.ErrNotFound,
		http.StatusGone:                ats.ErrGone,
		http.StatusUnprocessableEntity: ats.ErrInvalid,
		http.StatusTooManyRequests:     ats.ErrRateLimited,
	}
	kind, ok := kinds[status]
	if !ok {
		kind = ats.ErrUnavailable
	}
	return fmt.Errorf("call vendor: status %d: %w", status, kind)
}
