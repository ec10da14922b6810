package atstest

import (
	"context"
	"iter"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

func candidateItem(c ats.Candidate) item { return item{id: c.ID, name: c.Name(), email: c.Email} }

func candidateListerChecks() []check {
	open := func(w *world) *list {
		w.need(w.AddJob != nil, "AddJob", "by ats.CandidateLister")
		w.need(w.AddCandidate != nil, "AddCandidate", "by ats.CandidateLister")
		w.need(w.Calls != nil, "Calls", "by ats.CandidateLister")
		w.need(w.Fail != nil, "Fail", "by ats.CandidateLister")
		job := w.AddJob(w.t, "Beekeeper")
		w.AddCandidate(w.t, w.AddJob(w.t, "Another job"), w.meet(plain(-1)))
		return &list{
			w:   w,
			all: func(ctx context.Context) iter.Seq2[item, error] { return w.candidates(ctx, job, time.Time{}) },
			add: func(i int) item { return w.candidate(job, plain(i)) },
		}
	}
	return append(listChecks(open), check{"only what changed since is listed", func(w *world) {
		l := open(w)
		job := w.AddJob(w.t, "Lighthouse keeper")
		w.candidate(job, plain(101))
		w.clock.advance(48 * time.Hour)
		since := w.clock.Now()
		w.clock.advance(48 * time.Hour)
		late := w.candidate(job, plain(102))
		recent := &list{w: w, add: l.add, all: func(ctx context.Context) iter.Seq2[item, error] {
			return w.candidates(ctx, job, since)
		}}
		l.same([]item{late}, recent.collect())
	}})
}

// candidates asks the adapter for a job's candidates.
func (w *world) candidates(ctx context.Context, job string, since time.Time) iter.Seq2[item, error] {
	ref := ats.JobRef{Tenant: w.conn.Tenant, ID: job}
	return mapped(as[ats.CandidateLister](w).Candidates(ctx, w.conn, ref, since), candidateItem)
}

// candidate adds a person to the job and returns what must be read.
func (w *world) candidate(job string, person ats.Candidate) item {
	it := candidateItem(w.meet(person))
	it.id = w.AddCandidate(w.t, job, person)
	w.inJob(it.id, job)
	return it
}

func candidateReaderChecks() []check {
	checks := []check{
		{"a candidate without an e-mail address is read", func(w *world) {
			person := plain(1)
			person.Email = ""
			w.reads(person)
		}},
		{"a candidate whom nobody knows is not found", func(w *world) {
			_, err := w.read("987654321")
			require.ErrorIs(w.t, err, ats.ErrNotFound)
		}},
		{"a candidate is read anew each time", func(w *world) {
			w.reads(plain(1))
			w.reads(plain(2))
		}},
		{"a refused credential is told by its kind", func(w *world) {
			require.ErrorIs(w.t, w.failedRead(http.StatusUnauthorized), ats.ErrUnauthorized)
		}},
		{"an outage does not look like a candidate who is not there", func(w *world) {
			err := w.failedRead(http.StatusInternalServerError)
			require.False(w.t, isAny(err, final()), "got: %v", err)
		}},
		{"nothing is read after the context has ended", func(w *world) {
			id := w.reads(plain(1))
			_, err := as[ats.CandidateReader](w).Candidate(w.canceled(), w.conn, w.ref(id))
			require.ErrorIs(w.t, w.quiet(err), context.Canceled)
		}},
	}
	people := unusual()
	for _, what := range slices.Sorted(maps.Keys(people)) {
		person := people[what]
		checks = append(checks, check{"reads a person with " + what, func(w *world) { w.reads(person) }})
	}
	return checks
}

func (w *world) read(id string) (ats.Candidate, error) {
	c, err := as[ats.CandidateReader](w).Candidate(w.ctx(), w.conn, w.ref(id))
	return c, w.quiet(err)
}

// reads adds a person and reads the record back.
func (w *world) reads(person ats.Candidate) (id string) {
	w.t.Helper()
	w.need(w.AddJob != nil, "AddJob", "by ats.CandidateReader")
	w.need(w.AddCandidate != nil, "AddCandidate", "by ats.CandidateReader")
	want := w.candidate(w.AddJob(w.t, "Beekeeper"), person)
	c, err := w.read(want.id)
	require.NoError(w.t, err)
	require.Equal(w.t, want, candidateItem(c))
	return want.id
}

// failedRead reads while the vendor fails, and then again.
func (w *world) failedRead(status int) error {
	w.t.Helper()
	w.need(w.Fail != nil, "Fail", "by ats.CandidateReader")
	id := w.reads(plain(1))
	w.Fail(status)
	_, failure := w.read(id)
	require.Error(w.t, failure)
	w.Fail(0)
	_, err := w.read(id)
	require.NoError(w.t, err, "after the outage")
	return failure
}
