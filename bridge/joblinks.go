package bridge

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// jobLinks reads the job links of one connection. What another process changed may
// be [connectionTTL] old.
type jobLinks struct {
	b            *Bridge
	connectionID string
}

var _ ats.JobLinks = jobLinks{}

// All implements [ats.JobLinks].
func (l jobLinks) All(ctx context.Context) ([]ats.JobLink, error) {
	return l.b.links.get(l.connectionID, l.b.now(), func() ([]ats.JobLink, error) {
		rows, err := l.b.store.ListJobLinks(ctx, l.connectionID)
		if err != nil {
			return nil, fmt.Errorf("job links: %w", err)
		}
		links := make([]ats.JobLink, 0, len(rows))
		for _, row := range rows {
			if row.State == store.JobLinkReady {
				links = append(links, linkSeen(row))
			}
		}
		return links, nil
	})
}

// Of implements [ats.JobLinks].
func (l jobLinks) Of(ctx context.Context, jobID string) (ats.JobLink, error) {
	row, err := l.b.readyLink(ctx, store.JobLinkKey{ConnectionID: l.connectionID, JobID: jobID})
	return linkSeen(row), err
}

func linkSeen(l store.JobLink) ats.JobLink {
	return ats.JobLink{JobID: l.JobID, SparkHireJobID: l.SparkHireJobID, QuestionSetID: l.QuestionSetID}
}

// readyLink returns the link of a job. One whose Spark Hire job is still being made
// matches [ats.ErrNotFound] like one that is not there.
func (b *Bridge) readyLink(ctx context.Context, k store.JobLinkKey) (store.JobLink, error) {
	l, err := b.store.GetJobLink(ctx, k)
	if err == nil && l.State != store.JobLinkReady {
		err = fmt.Errorf("get link of job %s: %w", k.JobID, ats.ErrNotFound)
	}
	if err != nil {
		return store.JobLink{}, err
	}
	return l, nil
}

// linkReader returns the link of a job as [Bridge.readyLink] does.
type linkReader func(context.Context, store.JobLinkKey) (store.JobLink, error)

// onceEach reads each link once, for requests that are made together: many are for the
// same job.
func onceEach(read linkReader) linkReader {
	type found struct {
		link store.JobLink
		err  error
	}
	var mu sync.Mutex
	all := make(map[store.JobLinkKey]found)
	return func(ctx context.Context, k store.JobLinkKey) (store.JobLink, error) {
		mu.Lock()
		defer mu.Unlock()
		f, ok := all[k]
		if !ok {
			f.link, f.err = read(ctx, k)
			all[k] = f
		}
		return f.link, f.err
	}
}

// linkCache keeps the links of connections, as [connectionCache] keeps connections.
type linkCache struct {
	mu   sync.Mutex
	all  map[string]cachedLinks
	made int // counts drops, so that what was read before one is not kept after it
}

type cachedLinks struct {
	links []ats.JobLink
	at    time.Time
}

func (c *linkCache) get(id string, now time.Time, read func() ([]ats.JobLink, error)) ([]ats.JobLink, error) {
	c.mu.Lock()
	e, ok := c.all[id]
	made := c.made
	c.mu.Unlock()
	if age := now.Sub(e.at); ok && age >= 0 && age <= connectionTTL {
		return append([]ats.JobLink{}, e.links...), nil
	}
	links, err := read()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	const most = 1000
	if c.all == nil || len(c.all) >= most {
		c.all = map[string]cachedLinks{}
	}
	if made == c.made {
		c.all[id] = cachedLinks{links: links, at: now}
	}
	return append([]ats.JobLink{}, links...), nil
}

func (c *linkCache) drop(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made++
	delete(c.all, id)
}

// resolveLink completes a request with what its job is linked to, as the rules have
// it. A question set that the request names itself wins.
func resolveLink(ctx context.Context, p ats.Policy, c ats.Connection, r ats.Request, read linkReader) (ats.Request, error) {
	if p.JobLink == ats.Forbidden || r.Job.ID == "" {
		return r, nil // Admit says what is missing
	}
	link, err := read(ctx, store.JobLinkKey{ConnectionID: c.ID, JobID: r.Job.ID})
	switch {
	case errors.Is(err, ats.ErrNotFound) && p.JobLink == ats.Required:
		return r, ats.Refuse(ats.CodeJobNotLinked, "job.id", "This job is not linked to a Spark Hire job yet. Link it and try again.")
	case errors.Is(err, ats.ErrNotFound):
		return r, nil
	case err != nil:
		return r, fmt.Errorf("submit: %w", err)
	}
	if p.JobLink == ats.Required && r.SparkHireJobID != "" && r.SparkHireJobID != link.SparkHireJobID {
		return r, ats.Refuse(ats.CodeJobLinkNotAllowed, "spark_hire_job_id", "The job is linked to another Spark Hire job. Leave this out.")
	}
	if r.SparkHireJobID == "" {
		r.SparkHireJobID = link.SparkHireJobID
	}
	kind := r.Type
	if kind == "" && len(p.Types) > 0 {
		kind = p.Types[0]
	}
	if r.QuestionSetID == "" && p.QuestionSet[kind] != ats.Forbidden {
		r.QuestionSetID = link.QuestionSetID
	}
	return r, nil
}
