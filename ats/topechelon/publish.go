package topechelon

import (
	"context"
	"errors"
	"fmt"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Publish implements [ats.Adapter]. It replaces the Interview Status of the person in
// the pipeline of the job, with the report's Version as the revision: the newest of
// the person's interviews for this job counts, T15. The whole status is written each
// time, so repeating a report changes nothing, and the events of a report need no
// place of their own.
//
// Before Spark Hire has taken the invitation the status is [StatusNone] without a
// text. An interview that Spark Hire refused, or of which nobody knows whether it was
// sent, is [StatusNone] with a text that says so: neither claims that the candidate
// was invited. What was completed stays completed until Spark Hire resets it.
//
// Then the records are kept that the connection's settings ask for: attachments and
// hotlists, see [Settings]. They are no status. So where no host shows the status the
// answer is [ats.ErrHostCannot] even if they were written, and the engine's timeline
// says "recorded here, not shown there". A record that Top Echelon refuses is logged
// and does not hold the report back; one that could not be written for now is an
// error, and the engine repeats the report.
func (a *Adapter) Publish(ctx context.Context, c ats.Connection, r ats.Report) error {
	if err := a.publish(ctx, c, r); err != nil {
		return fmt.Errorf("publish interview %s: %w", r.Interview.ID, err)
	}
	return nil
}

func (a *Adapter) publish(ctx context.Context, c ats.Connection, r ats.Report) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	shown := a.show(ctx, c, r)
	if shown != nil && !errors.Is(shown, ats.ErrHostCannot) {
		return shown
	}
	if err := a.keepRecords(ctx, c, r); err != nil {
		return err
	}
	return shown
}

// show tells the host, if there is one.
func (a *Adapter) show(ctx context.Context, c ats.Connection, r ats.Report) error {
	host, err := a.host(ctx, c)
	if err != nil {
		return err
	}
	iv := r.Interview
	switch {
	case host == nil:
		return fmt.Errorf("there is no host to show it: %w", ats.ErrHostCannot)
	case iv.Job.ID == "" || iv.Candidate.ID == "":
		return fmt.Errorf("the interview belongs to no pipeline: %w", ats.ErrHostCannot)
	}
	// An older revision than the interview's own would be a report without its others.
	revision := max(r.Version, iv.Revision)
	p := PipelineRef{AgencyID: c.Tenant.Tenant, JobID: iv.Job.ID, PersonID: iv.Candidate.ID}
	all := append([]ats.Interview{iv}, r.Others...)
	if erased(iv) && len(r.Others) > 0 { // the reports of the others leave it out too
		all = r.Others
	}
	return host.PublishInterviewStatus(ctx, p, a.status(all, revision))
}

// erased reports whether the candidate's personal data has been removed: every request
// has an address.
func erased(iv ats.Interview) bool { return iv.Candidate.Email == "" }
