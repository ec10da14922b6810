package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
)

// Jobs calls /jobs.
type Jobs struct{ client *Client }

// Job is a job order. That the call exists is [observed], its members are [assumed:
// docs/vendors/topechelon.md]; what the vendor does not give is empty.
type Job struct {
	ID    string
	Title string
	City  string
	State string // an abbreviation such as OH
}

// Get reads one job that the user may see.
func (s *Jobs) Get(ctx context.Context, jobID string) (*Job, error) {
	const path = "/jobs/{id}"
	var answer struct {
		Job *job `json:"job"`
	}
	if err := s.client.get(ctx, path, []string{jobID}, nil, &answer); err != nil {
		return nil, fmt.Errorf("get job %s: %w", jobID, err)
	}
	if answer.Job == nil || answer.Job.ID == "" {
		return nil, fmt.Errorf("get job %s: %w", jobID, unusable(http.MethodGet, path, errNoID))
	}
	j := jobFromAPI(answer.Job)
	return &j, nil
}

type job struct {
	ID            id    `json:"id"`
	PositionTitle text  `json:"position_title"`
	Title         text  `json:"title"`
	Name          text  `json:"name"`
	City          text  `json:"city"`
	State         place `json:"state"`
}

func jobFromAPI(j *job) Job {
	return Job{
		ID:    string(j.ID),
		Title: string(cmp.Or(j.PositionTitle, j.Title, j.Name)),
		City:  string(j.City),
		State: string(j.State),
	}
}
