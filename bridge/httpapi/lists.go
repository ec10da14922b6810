package httpapi

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// patience is how long somebody who waits for a list is kept waiting. What the other side asks to
// wait beyond that is told at once, with Retry-After.
const patience = 25 * time.Second

// option is one choice of a form's list.
type option struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

func optionOf(o ats.Option) option { return option(o) }

func (a *api) listSparkHireJobs(w http.ResponseWriter, r *http.Request) error {
	return a.listSparkHire(w, r, a.engine.SparkHireJobs)
}

func (a *api) listQuestionSets(w http.ResponseWriter, r *http.Request) error {
	return a.listSparkHire(w, r, a.engine.SparkHireQuestionSets)
}

// listSparkHire answers with what the key of a user sees: the one in the query,
// else the one who acts, else nobody in particular.
func (a *api) listSparkHire(w http.ResponseWriter, r *http.Request, read func(ctx context.Context, connectionID, userID string) ([]ats.Option, error)) error {
	c, err := a.connection(r)
	if err != nil {
		return err
	}
	q, err := query(r, "user")
	if err != nil {
		return err
	}
	actor, err := a.actor(r, c.view)
	if err != nil {
		return err
	}
	if _, err := a.adapter(c.row.Tenant.Adapter); err != nil {
		return err
	}
	if err := a.engine.CheckGate(c.view); err != nil {
		return err
	}
	policy, err := a.engine.PolicyOf(c.view)
	if err != nil {
		return err
	}
	of, own := q.Get("user"), policy.ActorKey == ats.KeyOwn
	switch {
	case own && of != "" && !actor.IsZero() && of != actor.ID:
		return refuse(ats.CodeNotPermitted, "user", "A key is used for its owner only.")
	case of == "" && (own || actor.Linked):
		of = actor.ID
	}
	if own && of == "" {
		return refuse(ats.CodeActorRequired, "user", "The call does not say whose key to use.")
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	options, err := read(ctx, c.row.ID, of)
	if err != nil {
		return err
	}
	return a.answer(w, r, http.StatusOK, listOf(options, optionOf))
}

// job is a job of the ATS.
type job struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Status  string `json:"status"`
	City    string `json:"city"`
	Region  string `json:"region"`
	Country string `json:"country"`
}

func (a *api) listJobs(w http.ResponseWriter, r *http.Request) error {
	c, err := a.connection(r)
	if err != nil {
		return err
	}
	adapter, err := a.adapter(c.row.Tenant.Adapter)
	if err != nil {
		return err
	}
	lister, ok := adapter.(ats.JobLister)
	if !ok {
		return refuse(codeNotSupported, "", "This adapter cannot list jobs.")
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	jobs, err := collect(lister.Jobs(ctx, c.view), func(j ats.Job) job {
		return job{ID: j.ID, Title: j.Title, Status: j.Status, City: j.City, Region: j.Region, Country: j.Country}
	})
	if err != nil {
		return err
	}
	return a.answer(w, r, http.StatusOK, jobs)
}

// applicant is a candidate of the ATS.
type applicant struct {
	candidate
	DoNotEmail bool `json:"do_not_email"`
}

func (a *api) listCandidates(w http.ResponseWriter, r *http.Request) error {
	c, err := a.connection(r)
	if err != nil {
		return err
	}
	jobID, err := pathID(r, "job_id")
	if err != nil {
		return err
	}
	q, err := query(r, "since")
	if err != nil {
		return err
	}
	var since time.Time
	if text := q.Get("since"); text != "" {
		if since, err = time.Parse(time.RFC3339, text); err != nil {
			return refuse(codeInvalidRequest, "since", "Write a time such as 2026-03-17T09:00:00Z.")
		}
	}
	adapter, err := a.adapter(c.row.Tenant.Adapter)
	if err != nil {
		return err
	}
	lister, ok := adapter.(ats.CandidateLister)
	if !ok {
		return refuse(codeNotSupported, "", "This adapter cannot list candidates.")
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	candidates, err := collect(lister.Candidates(ctx, c.view, ats.JobRef{Tenant: c.row.Tenant, ID: jobID}, since), func(p ats.Candidate) applicant {
		return applicant{candidateOf(p), p.DoNotEmail}
	})
	if errors.Is(err, ats.ErrNotFound) {
		return refuse(codeNotFound, "", "The ATS has no job with this id.")
	}
	if err != nil {
		return err
	}
	return a.answer(w, r, http.StatusOK, candidates)
}

// collect reads a list of the ATS to its end: an answer that breaks off would look
// like a complete one.
func collect[In, Out any](all iter.Seq2[In, error], convert func(In) Out) (list[Out], error) {
	out := list[Out]{Items: []Out{}}
	for v, err := range all {
		if err != nil {
			return list[Out]{}, err
		}
		out.Items = append(out.Items, convert(v))
	}
	return out, nil
}
