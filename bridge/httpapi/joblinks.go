package httpapi

import (
	"errors"
	"net/http"

	"github.com/sparkbridge/sparkbridge/ats"
)

// jobLink is a job of the ATS with the Spark Hire job that stands for it.
type jobLink struct {
	JobID          string `json:"job_id"`
	SparkHireJobID string `json:"spark_hire_job_id"`
	QuestionSetID  string `json:"question_set_id"`
	URL            string `json:"url"`
}

// newJobLink is the body that links a job.
type newJobLink struct {
	SparkHireJobID string           `json:"spark_hire_job_id"`
	Create         *newJob          `json:"create"`
	QuestionSetID  optional[string] `json:"question_set_id"`
}

type newJob struct {
	Title       string `json:"title"`
	City        string `json:"city"`
	Region      string `json:"region"`
	Country     string `json:"country"`
	Description string `json:"description"`
}

// maxDescription bounds the description of a job, in characters.
const maxDescription = 100_000

func (b newJobLink) check() error {
	if err := checkTexts(maxID, "spark_hire_job_id", b.SparkHireJobID, "question_set_id", b.QuestionSetID.Value); err != nil || b.Create == nil {
		return err
	}
	if err := checkTexts(maxText, "create.title", b.Create.Title, "create.city", b.Create.City, "create.region", b.Create.Region, "create.country", b.Create.Country); err != nil {
		return err
	}
	return checkLength("create.description", b.Create.Description, maxDescription)
}

func (a *api) getJobLink(w http.ResponseWriter, r *http.Request) error {
	c, jobID, by, err := a.linking(r)
	if err != nil {
		return err
	}
	if err := a.checkLinked(c, by); err != nil {
		return err
	}
	l, err := a.engine.JobLink(r.Context(), c.row.ID, jobID)
	if errors.Is(err, ats.ErrNotFound) {
		return refuse(codeNotFound, "", "This job is not linked.")
	}
	if err != nil {
		return err
	}
	return a.answer(w, r, http.StatusOK, jobLink(l))
}

// checkLinked refuses a person without a key of their own where the product shows Spark Hire to
// nobody else. The backend itself sees everything.
func (a *api) checkLinked(c connected, u ats.User) error {
	policy, err := a.engine.PolicyOf(c.view)
	if err != nil || u.IsZero() || u.Linked || policy.ActorKey != ats.KeyOwn || policy.ViewWithoutKey {
		return err
	}
	return policy.Name(refuse(ats.CodeUserNotLinked, "", "Only people with a Spark Hire key of their own can see this."))
}

func (a *api) putJobLink(w http.ResponseWriter, r *http.Request) error {
	c, jobID, by, err := a.linking(r)
	if err != nil {
		return err
	}
	body, err := decodeBody[newJobLink](w, r)
	if err != nil {
		return err
	}
	if err := body.check(); err != nil {
		return err
	}
	p := LinkParams{ConnectionID: c.row.ID, JobID: jobID, SparkHireJobID: body.SparkHireJobID, Create: (*NewJob)(body.Create), By: by}
	if body.QuestionSetID.Set {
		p.QuestionSetID = &body.QuestionSetID.Value
	}
	l, err := a.engine.LinkJob(r.Context(), p)
	if err != nil {
		return err
	}
	return a.answer(w, r, http.StatusOK, jobLink(l))
}

func (a *api) deleteJobLink(w http.ResponseWriter, r *http.Request) error {
	c, jobID, by, err := a.linking(r)
	if err != nil {
		return err
	}
	if err := a.engine.UnlinkJob(r.Context(), c.row.ID, jobID, by); err != nil {
		return err
	}
	return noContent(w)
}

// linking returns the connection, the job and who acts.
func (a *api) linking(r *http.Request) (c connected, jobID string, by ats.User, err error) {
	if c, err = a.connection(r); err != nil {
		return c, "", by, err
	}
	if jobID, err = pathID(r, "job_id"); err != nil {
		return c, "", by, err
	}
	by, err = a.actor(r, c.view)
	return c, jobID, by, err
}
