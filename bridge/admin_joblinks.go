package bridge

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Refusals about job links.
const (
	codeUnknownSparkHireJob ats.Code = "unknown_spark_hire_job"
	codeUnknownQuestionSet  ats.Code = "unknown_question_set"
	codeJobUnconfirmed      ats.Code = "spark_hire_job_unconfirmed"
	codeInvalidJobLink      ats.Code = "invalid_job_link"
)

// NewJob is a job that Spark Hire is asked to make.
type NewJob struct {
	Title       string
	City        string
	Region      string
	Country     string
	Description string
}

// LinkJobParams are the parameters of [Bridge.LinkJob].
type LinkJobParams struct {
	ConnectionID string
	// JobID is the ATS's.
	JobID string
	// SparkHireJobID names the job to link to; Create makes one. Neither leaves a job
	// that is linked as it is.
	SparkHireJobID string
	Create         *NewJob
	// QuestionSetID replaces the question set; nil keeps it, empty takes it away.
	QuestionSetID *string
	By            ats.User
}

// LinkedJob is a job link with where people open the Spark Hire job.
type LinkedJob struct {
	ats.JobLink

	// URL opens for who is signed in to Spark Hire and sees the job there.
	URL string
}

func (b *Bridge) linkedJob(l store.JobLink) LinkedJob {
	return LinkedJob{JobLink: linkSeen(l), URL: b.sparkHireJobURL(l.SparkHireJobID)}
}

// JobLink returns the link of a job of the ATS. A job that is not linked matches
// [ats.ErrNotFound].
func (b *Bridge) JobLink(ctx context.Context, connectionID, jobID string) (LinkedJob, error) {
	c, err := b.ConnectionByID(ctx, connectionID)
	if err != nil {
		return LinkedJob{}, err
	}
	if err := b.CheckGate(b.connectionSeen(c)); err != nil {
		return LinkedJob{}, err
	}
	l, err := b.readyLink(ctx, store.JobLinkKey{ConnectionID: connectionID, JobID: jobID})
	if err != nil {
		return LinkedJob{}, err
	}
	return b.linkedJob(l), nil
}

// LinkJob links a job of the ATS to one at Spark Hire, with the key of the person
// who acts, and returns the link. Repeating it changes nothing and makes no second
// job, also when an answer of Spark Hire's was lost: then the next call looks for the
// job before it asks for another, and until looking makes sense the error matches
// [ats.ErrUnavailable] and has a RetryAt.
//
// Where Create meets a job that is linked already, the link stays. Another Spark
// Hire job than the stored one is for administrators, else it is refused with
// [ats.CodeNotAdmin]. Jobs and question sets that the person's key does not show are
// refused with "unknown_spark_hire_job" and "unknown_question_set"; a job that may
// have been made and cannot be told from others with "spark_hire_job_unconfirmed":
// somebody must name it.
func (b *Bridge) LinkJob(ctx context.Context, p LinkJobParams) (LinkedJob, error) {
	p.SparkHireJobID = strings.TrimSpace(p.SparkHireJobID)
	c, s, credential, err := b.linker(ctx, p.ConnectionID, p.By)
	if err != nil {
		return LinkedJob{}, err
	}
	if err := checkLinkJob(p); err != nil {
		return LinkedJob{}, err
	}
	if err := b.checkQuestionSet(ctx, s, credential, p.QuestionSetID); err != nil {
		return LinkedJob{}, err
	}
	key := store.JobLinkKey{ConnectionID: c.ID, JobID: p.JobID}
	present, err := b.store.GetJobLink(ctx, key)
	if err != nil && !errors.Is(err, ats.ErrNotFound) {
		return LinkedJob{}, fmt.Errorf("link job %s: %w", p.JobID, err)
	}
	defer b.links.drop(c.ID)
	switch {
	case p.SparkHireJobID != "":
		if present.SparkHireJobID != p.SparkHireJobID {
			if err := b.checkSparkHireJob(ctx, s, credential, p.SparkHireJobID); err != nil {
				return LinkedJob{}, err
			}
		}
		return b.saveLink(ctx, p)
	case present.State == store.JobLinkReady:
		return b.saveLink(ctx, p)
	case p.Create == nil:
		return LinkedJob{}, ats.Refuse(ats.CodeJobNotLinked, "spark_hire_job_id", "This job is not linked yet: name a Spark Hire job, or have one made.")
	}
	return b.createLink(ctx, p, credential)
}

// linker returns the connection for which a person may link jobs, and Spark Hire
// seen with the key that does it: the person's own, or where the calling backend
// decides who acts, that of the connection.
func (b *Bridge) linker(ctx context.Context, connectionID string, by ats.User) (store.Connection, spark, string, error) {
	fail := func(err error) (store.Connection, spark, string, error) { return store.Connection{}, nil, "", err }
	c, err := b.ConnectionByID(ctx, connectionID)
	if err != nil {
		return fail(err)
	}
	seen := b.connectionSeen(c)
	if err := b.checkActive(seen); err != nil {
		return fail(err)
	}
	_, policy, err := b.rules(seen)
	if err != nil {
		return fail(err)
	}
	if policy.JobLink == ats.Forbidden {
		return fail(ats.Refuse(ats.CodeJobLinkNotAllowed, "", "Jobs are not linked here: each request names the Spark Hire job."))
	}
	credential := credentialOfUser(c, by.ID)
	if credential == "" && policy.ActorKey != ats.KeyOwn && by.IsZero() {
		if credential = generalCredential(c); credential == "" {
			credential = credentialOfUser(c, c.PrimaryUser)
		}
	}
	switch {
	case credential == "" && by.IsZero():
		return fail(refuseAnonymous())
	case credential == "":
		return fail(ats.Refuse(ats.CodeUserNotLinked, "", "Only people with a Spark Hire key of their own can link jobs. An administrator can add one."))
	}
	s, err := b.sparkFor(ctx, c.ID, credential)
	if err != nil {
		return fail(fmt.Errorf("link job: %w", err))
	}
	return c, s, credential, nil
}

// credentialOfUser returns the credential of a linked user; none is empty.
func credentialOfUser(c store.Connection, userID string) string {
	for _, u := range c.Users {
		if u.ID == userID && userID != "" {
			return u.Credential
		}
	}
	return ""
}

func checkLinkJob(p LinkJobParams) error {
	switch {
	case p.SparkHireJobID != "" && p.Create != nil:
		return ats.Refuse(codeInvalidJobLink, "create", "Either name a Spark Hire job or have one made, not both.")
	case p.SparkHireJobID == "" && p.Create == nil && p.QuestionSetID == nil:
		return ats.Refuse(codeInvalidJobLink, "spark_hire_job_id", "Name a Spark Hire job, have one made, or choose a question set.")
	case p.Create != nil && strings.TrimSpace(p.Create.Title) == "":
		return ats.Refuse(codeInvalidJobLink, "create.title", "A job needs a title.")
	}
	return nil
}

func (b *Bridge) checkQuestionSet(ctx context.Context, s spark, credential string, id *string) error {
	if id == nil || *id == "" {
		return nil
	}
	return b.checkListed(ctx, "question sets/"+credential, s.QuestionSets, *id,
		ats.Refuse(codeUnknownQuestionSet, "question_set_id", "Spark Hire shows no such question set with this key. Choose one from the list."))
}

func (b *Bridge) checkSparkHireJob(ctx context.Context, s spark, credential, id string) error {
	return b.checkListed(ctx, "jobs/"+credential, s.Jobs, id,
		ats.Refuse(codeUnknownSparkHireJob, "spark_hire_job_id", "Spark Hire shows no such active job with this key. Choose one from the list."))
}

// checkListed refuses an id that is not on a list of Spark Hire's. A list that was
// kept for a moment may lack what is new, so it is read again before the refusal.
func (b *Bridge) checkListed(ctx context.Context, name string, read func(context.Context) ([]ats.Option, error), id string, refusal error) error {
	for fresh := range 2 {
		if fresh == 1 {
			b.lists.drop(name)
		}
		options, err := b.lists.get(name, b.now(), func() ([]ats.Option, error) { return read(ctx) })
		if err != nil {
			return b.refusedKey(lookupError(err))
		}
		for _, o := range options {
			if o.ID == id {
				return nil
			}
		}
	}
	return refusal
}

// refusedKey makes a refusal of a key that Spark Hire does not accept any more.
func (b *Bridge) refusedKey(err error) error {
	if errors.Is(err, ats.ErrUnauthorized) || errors.Is(err, ats.ErrForbidden) {
		return ats.Refuse(ats.CodeInvalidKey, "", "Spark Hire does not accept this key any more. An administrator can replace it.")
	}
	return fmt.Errorf("ask Spark Hire: %w", err)
}

// saveLink makes a link ready that needs no new Spark Hire job.
func (b *Bridge) saveLink(ctx context.Context, p LinkJobParams) (LinkedJob, error) {
	var saved store.JobLink
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		now := b.now()
		l, err := tx.JobLink(ctx, store.JobLinkKey{ConnectionID: p.ConnectionID, JobID: p.JobID})
		if errors.Is(err, ats.ErrNotFound) {
			l, err = store.JobLink{ConnectionID: p.ConnectionID, JobID: p.JobID, CreatedAt: now}, nil
		}
		if err != nil {
			return err
		}
		was := l
		replaces := p.SparkHireJobID != "" && l.State == store.JobLinkReady && l.SparkHireJobID != p.SparkHireJobID
		if replaces && !p.By.IsZero() && !p.By.Admin {
			return ats.Refuse(ats.CodeNotAdmin, "spark_hire_job_id", "The job is linked already. Only an administrator may link it to another Spark Hire job.")
		}
		if p.SparkHireJobID != "" {
			l.SparkHireJobID = p.SparkHireJobID
		}
		if l.SparkHireJobID == "" { // it was unlinked meanwhile
			return ats.Refuse(ats.CodeJobNotLinked, "spark_hire_job_id", "This job is not linked yet: name a Spark Hire job, or have one made.")
		}
		if p.QuestionSetID != nil {
			l.QuestionSetID = *p.QuestionSetID
		}
		l.State, l.Marker, l.Credential, l.AttemptAt = store.JobLinkReady, "", "", time.Time{}
		if saved = l; l == was {
			return nil
		}
		l.UpdatedAt = now
		saved = l
		if err := tx.SaveJobLink(ctx, l); err != nil {
			return err
		}
		return tx.Audit(ctx, store.AuditEntry{At: now, ConnectionID: l.ConnectionID, Actor: p.By.ID, Action: "link job", Detail: l.JobID + " to " + l.SparkHireJobID})
	})
	if err != nil {
		return LinkedJob{}, refusalOr("link job "+p.JobID, err)
	}
	return b.linkedJob(saved), nil
}

// UnlinkJob forgets the link of a job; the Spark Hire job stays, and so does what was
// asked for. It needs what [Bridge.LinkJob] needs. A job that is not linked is nil.
func (b *Bridge) UnlinkJob(ctx context.Context, connectionID, jobID string, by ats.User) error {
	if _, _, _, err := b.linker(ctx, connectionID, by); err != nil {
		return err
	}
	defer b.links.drop(connectionID)
	err := b.store.InTx(ctx, func(ctx context.Context, tx store.Tx) error {
		key := store.JobLinkKey{ConnectionID: connectionID, JobID: jobID}
		if _, err := tx.JobLink(ctx, key); errors.Is(err, ats.ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		if err := tx.DeleteJobLink(ctx, key); err != nil {
			return err
		}
		return tx.Audit(ctx, store.AuditEntry{At: b.now(), ConnectionID: connectionID, Actor: by.ID, Action: "unlink job", Detail: jobID})
	})
	if err != nil {
		return fmt.Errorf("unlink job %s: %w", jobID, err)
	}
	return nil
}

// newMarker returns what a job can be told by. It says nothing.
func newMarker() string { return "SB-" + rand.Text() }
