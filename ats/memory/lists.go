package memory

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Jobs implements [ats.JobLister].
func (a *Adapter) Jobs(ctx context.Context, c ats.Connection) iter.Seq2[ats.Job, error] {
	return pages(func(from int) (items []ats.Job, next int, err error) {
		err = a.visit(ctx, c.Tenant, func(acc *Account) error {
			items, next = page(acc.jobs, from, a.opts.PageSize, func(j ats.Job) (ats.Job, bool) {
				return j, j.Status == statusOpen
			})
			return nil
		})
		if err != nil {
			return nil, 0, fmt.Errorf("list jobs: %w", err)
		}
		return items, next, nil
	})
}

// Candidates implements [ats.CandidateLister]. A job that the account does not
// have is an error that matches [ats.ErrNotFound].
func (a *Adapter) Candidates(ctx context.Context, c ats.Connection, job ats.JobRef, since time.Time) iter.Seq2[ats.Candidate, error] {
	return pages(func(from int) (items []ats.Candidate, next int, err error) {
		err = a.visit(ctx, c.Tenant, func(acc *Account) error {
			if _, ok := acc.job(job.ID); !ok || job.Tenant != c.Tenant {
				return fmt.Errorf("find job: %w", ats.ErrNotFound)
			}
			items, next = page(acc.order, from, a.opts.PageSize, func(id string) (ats.Candidate, bool) {
				cand, ok := acc.present(id)
				if !ok || cand.job != job.ID || cand.changedAt.Before(since) {
					return ats.Candidate{}, false
				}
				return cand.view(), true
			})
			return nil
		})
		if err != nil {
			return nil, 0, fmt.Errorf("list candidates of job %s: %w", job.ID, err)
		}
		return items, next, nil
	})
}

// page returns up to size wanted items of all from an index on, and the index
// after the last one looked at, or 0 when there is nothing more. Records are only
// ever appended, so an index stays good while others write.
func page[R, T any](all []R, from, size int, want func(R) (T, bool)) (items []T, next int) {
	for i := from; i < len(all); i++ {
		v, ok := want(all[i])
		if !ok {
			continue
		}
		if len(items) == size {
			return items, i
		}
		items = append(items, v)
	}
	return items, 0
}

// pages yields the items of one page after the other, and an error last.
func pages[T any](get func(from int) (items []T, next int, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for from := 0; ; {
			items, next, err := get(from)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, v := range items {
				if !yield(v, nil) {
					return
				}
			}
			if next == 0 {
				return
			}
			from = next
		}
	}
}
