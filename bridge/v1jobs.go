package bridge

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/sparkhire"
)

// jobMaker is a [spark] that can make jobs; not every version of Spark Hire's API
// can. Errors are told as by [spark].
type jobMaker interface {
	// CreateJob makes an active job and returns its id. It is never repeated by
	// itself.
	CreateJob(ctx context.Context, j newJob) (string, error)
	// FindJobs returns the ids of the jobs that could be the one: those that carry
	// its marker or, where Spark Hire shows no description, have its title and were
	// not made before since.
	FindJobs(ctx context.Context, j newJob, since time.Time) ([]string, error)
}

// newJob is the job that Spark Hire is asked to make.
type newJob struct {
	NewJob

	// Marker is what the job can be told by afterwards.
	Marker string
}

var _ jobMaker = v1{}

// description is the text with the marker in a line of its own, which people can
// see: there is no hidden place for it.
func (j newJob) description() string {
	return strings.TrimSpace(j.Description + "\n\nReference: " + j.Marker)
}

func (j newJob) address() string {
	var parts []string
	for _, part := range []string{j.City, j.Region, j.Country} {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

func (s v1) CreateJob(ctx context.Context, j newJob) (string, error) {
	made, err := s.client.Jobs.Create(ctx, &sparkhire.CreateJobRequest{
		Title: j.Title, Description: j.description(), Status: sparkhire.JobActive, Address: j.address(),
	})
	if err != nil {
		return "", s.errorFrom(err)
	}
	if made.UUID == "" {
		return "", fmt.Errorf("spark hire answered without a job id: %w", errOutcomeUnknown)
	}
	return made.UUID, nil
}

// FindJobs reads the whole list: a plan has few active jobs, and what order a server
// keeps is not certain. The list may leave out what a job by itself shows.
func (s v1) FindJobs(ctx context.Context, j newJob, since time.Time) ([]string, error) {
	var marked, titled []string
	for got, err := range s.client.Jobs.All(ctx, nil) {
		if err != nil {
			return nil, s.errorFrom(err)
		}
		if !strings.EqualFold(strings.TrimSpace(got.Title), strings.TrimSpace(j.Title)) {
			continue
		}
		if got.Description == "" || got.CreatedAt.IsZero() {
			whole, err := s.client.Jobs.Get(ctx, got.UUID)
			switch {
			case err == nil:
				got = whole
			case !errors.Is(err, sparkhire.ErrNotFound):
				return nil, s.errorFrom(err)
			}
		}
		switch {
		case strings.Contains(got.Description, j.Marker):
			marked = append(marked, got.UUID)
		case got.Description == "" && (got.CreatedAt.IsZero() || !got.CreatedAt.Before(since)):
			titled = append(titled, got.UUID)
		}
	}
	if len(marked) > 0 {
		return marked, nil
	}
	return titled, nil
}

// sparkHireJobURL is the page on which a signed-in user sees a job
// [assumed: docs/vendors/sparkhire.md].
func (b *Bridge) sparkHireJobURL(id string) string {
	u, err := url.Parse(b.config.SparkHire.AppURL)
	if err != nil || id == "" {
		return ""
	}
	return u.JoinPath("company", "jobs", url.PathEscape(id)).String()
}

// errNoJobs: the version of the API that the connection uses makes no jobs.
func errNoJobs() error {
	return ats.Refuse(codeNotSupported, "create", "Spark Hire's API makes no jobs with this connection. Make the job in Spark Hire and name it.")
}
