package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// now is the day on which all tests take place.
func now() time.Time { return time.Date(2026, 12, 1, 9, 30, 0, 123456000, time.UTC) }

// tenant is the tenant of [connection].
func tenant(id string) ats.TenantRef { return ats.TenantRef{Adapter: "memory", Tenant: "tenant-" + id} }

// credential returns the name of a Spark Hire key.
func credential(n int) string { return fmt.Sprint("credential-", n) }

// connection returns a connection without users.
func connection(id string) store.Connection {
	return store.Connection{
		ID: id, Tenant: tenant(id), Name: "Birch & Sons", TimeZone: "Europe/Stockholm", Enabled: true, Connected: true,
		Settings: json.RawMessage(`{"stage": "interview"}`), CredentialDigest: "digest-" + id, APIVersion: "v1",
		OrganizationKey: []byte{0, 1, 2, 255}, OrganizationCredential: "credential-" + id, PrimaryUser: "u1",
		CreatedAt: now(), UpdatedAt: now().Add(time.Second),
	}
}

// connect saves connections with these ids.
func connect(t *testing.T, s store.Store, ids ...string) {
	t.Helper()
	in(t, s, func(ctx context.Context, tx store.Tx) error {
		for _, id := range ids {
			if err := tx.SaveConnection(ctx, connection(id)); err != nil {
				return err
			}
		}
		return nil
	})
}

// interview returns an interview at connection "c1" with every field set that a
// new one may have.
func interview(n int) store.Interview {
	at := now().Add(time.Duration(n) * time.Second)
	return store.Interview{
		Interview: ats.Interview{
			ID: fmt.Sprintf("interview-%04d", n), ConnectionID: "c1", Tenant: tenant("c1"),
			State: ats.StateRequested, Revision: 1, Type: ats.OneWay, Origin: ats.OriginTrigger,
			Candidate: ats.Candidate{
				ID: fmt.Sprintf("candidate-%d", n), FirstName: "Linnéa", LastName: "O'Neil", Email: "linnea@mail.example",
				Phone: "+46 70 000 00 00", DoNotEmail: true,
				CustomFields: []ats.CustomField{{APIName: "interview-date", Type: "date", Value: "2026-12-24"}},
			},
			Job:       ats.Job{ID: "job-1", Title: "Shift Supervisor", Status: "open", City: "Umeå", Region: "AC", Country: "SE"},
			SparkHire: ats.SparkHire{JobID: "sh-job", QuestionSetID: "qs-1"},
			Schedule: ats.Schedule{
				Date: ats.Date{Year: 2026, Month: time.December, Day: 24}, Time: &ats.TimeOfDay{Hour: 14, Minute: 30},
				Midnight: ats.StartOfDay, Zone: "Europe/Stockholm", At: time.Date(2026, 12, 24, 13, 30, 0, 0, time.UTC),
				Derivation: "custom field interview-date", Note: "the first one is meant",
			},
			Message:      "Välkommen \"hit\"\n",
			RequestedBy:  ats.User{ID: "u1", Name: "Robin Recruiter", Email: "robin@birch.example", TimeZone: "Europe/Stockholm", Admin: true, Linked: true, KeyHint: "…7f"},
			RequestedFor: ats.User{ID: "u2", Name: "Kim Recruiter", Linked: true},
			Notice:       &ats.Reason{Code: "already_pending", Message: "There is another one."},
			CreatedAt:    at, UpdatedAt: at,
		},
		RequestKey: fmt.Sprintf("key-%d", n), RequestDigest: "digest", ScopeKey: fmt.Sprintf("scope-%d", n),
		ReplyTo:    json.RawMessage(`{"delivery": "https://ats.example/x"}`),
		Credential: credential(1), NextAt: at,
	}
}

// progressed returns the interview with every field changed that may change.
func progressed(i store.Interview) store.Interview {
	score := 87.5
	i.State, i.Revision = ats.StateCompleted, i.Revision+1
	i.Candidate = ats.Candidate{ID: "other", FirstName: "Li", CustomFields: []ats.CustomField{{APIName: "a"}, {APIName: "b", Value: "c"}}}
	i.Job = ats.Job{ID: "job-2"}
	i.SparkHire = ats.SparkHire{
		InterviewID: "sh-" + i.ID, JobID: "j", QuestionSetID: "q", Status: "completed",
		WatchURL: "https://sparkhire.example/w", ShareURL: "https://sparkhire.example/s", Score: &score, Summary: "Motivation: wants night work.",
	}
	i.Schedule = ats.Schedule{Date: ats.Date{Year: 2027, Month: time.January, Day: 2}, Zone: "UTC", At: time.Date(2027, 1, 3, 0, 0, 0, 0, time.UTC)}
	i.Type, i.Origin, i.Message = ats.Live, ats.OriginAPI, ""
	i.RequestedBy, i.RequestedFor = ats.User{}, ats.User{ID: "u3"}
	i.Reason, i.Notice = &ats.Reason{Code: "expired", Message: "Too late."}, nil
	i.ReportedRevision = 1
	i.UpdatedAt, i.CompletedAt = now().Add(time.Hour), now().Add(time.Hour)
	i.RequestDigest, i.ScopeKey, i.ReplyTo = "digest-2", "scope-x", nil
	i.Credential, i.Attempt, i.AttemptAt, i.NextAt = credential(2), 3, now().Add(time.Minute), time.Time{}
	i.CancelBy, i.CancelAt = "u9", now().Add(2*time.Minute)
	i.Announced = []string{"sh-a", "sh-b"}
	i.SparkHireScheduledAt, i.RatingDigest = now().Add(3*time.Minute), "rated"
	i.Acknowledged = ats.StateSent
	i.EndedAt, i.ErasedAt = now().Add(4*time.Minute), now().Add(5*time.Minute)
	return i
}

// event returns an event with every field set.
func event(key string) ats.Event {
	return ats.Event{
		Key: key, Kind: ats.EventRequested, At: now(), Text: "Robin asked for a one-way interview.", Actor: "u1",
		Data: map[string]string{"due": "2026-12-24", "empty": ""},
	}
}

// acceptance returns a request for [interview].
func acceptance(n int) store.Acceptance {
	return store.Acceptance{Interview: interview(n), Event: event("requested")}
}

// accept stores interviews with changes of the caller's.
func accept(t *testing.T, s store.Store, numbers []int, change func(n int, i *store.Interview)) []store.Interview {
	t.Helper()
	var is []store.Interview
	for _, n := range numbers {
		a := acceptance(n)
		if change != nil {
			change(n, &a.Interview)
		}
		out, err := s.Accept(t.Context(), a)
		require.NoError(t, err)
		require.False(t, out.Repeated || out.Blocked)
		is = append(is, out.Interview)
	}
	return is
}

func ids(is []store.Interview) []string {
	var ids []string
	for _, i := range is {
		ids = append(ids, i.ID)
	}
	return ids
}
