package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Connect saves the connection "c1", which [Request] belongs to.
func Connect(tb testing.TB, s store.Store) {
	tb.Helper()
	require.NoError(tb, s.InTx(tb.Context(), SaveConnection))
}

// SaveConnection does so in a transaction that is under way.
func SaveConnection(ctx context.Context, tx store.Tx) error {
	return tx.SaveConnection(ctx, store.Connection{
		ID: "c1", Tenant: ats.TenantRef{Adapter: "memory", Tenant: "t1"}, Name: "Birch & Sons", Connected: true,
	})
}

// Request returns the n-th of many requests that have nothing to do with each other,
// as the engine makes them, at the connection of [Connect]. The same n is the same
// request.
func Request(n int64) store.Acceptance {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Microsecond)
	return store.Acceptance{
		Interview: store.Interview{
			Interview: ats.Interview{
				ID: fmt.Sprintf("0193c1a0-0000-7000-8000-%012d", n), ConnectionID: "c1", Tenant: ats.TenantRef{Adapter: "memory", Tenant: "t1"},
				State: ats.StateRequested, Revision: 1, Type: ats.OneWay, Origin: ats.OriginTrigger,
				Candidate:   ats.Candidate{ID: fmt.Sprint("candidate-", n), FirstName: "Linnéa", LastName: "O'Neil", Email: "linnea@mail.example"},
				Job:         ats.Job{ID: "job-1", Title: "Shift Supervisor"},
				SparkHire:   ats.SparkHire{JobID: "4711", QuestionSetID: "17"},
				Schedule:    ats.Schedule{Date: ats.Date{Year: 2026, Month: 12, Day: 24}, Zone: "Europe/Stockholm", At: now.Add(time.Hour)},
				RequestedBy: ats.User{ID: "u1", Name: "Robin Recruiter"}, RequestedFor: ats.User{ID: "u1", Name: "Robin Recruiter"},
				CreatedAt: now, UpdatedAt: now,
			},
			RequestKey: fmt.Sprint("key-", n), RequestDigest: fmt.Sprintf("%032x", n), ScopeKey: fmt.Sprint("candidate-", n, "/job-1"),
			Credential: credential(1), NextAt: now,
		},
		Event:          ats.Event{Key: "requested", Kind: ats.EventRequested, At: now, Text: "Robin asked for a one-way interview."},
		DeclinePending: true,
	}
}
