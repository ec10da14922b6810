package topechelon

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// The paths of the host contract, docs/host-topechelon.openapi.yaml.
const (
	pathActor      = "/v1/actor"
	pathByPerson   = "/v1/pipelines/by-person"
	pathMembership = "/v1/pipelines/membership"
	pathStatuses   = "/v1/interview-statuses"
)

const (
	// maxHostAnswer bounds what is read of a host's answer.
	maxHostAnswer = 1 << 20
	// maxHostWait is the longest wait asked for by a host that a call sits through: a
	// recruiter may be looking at the page.
	maxHostWait = 5 * time.Second
)

// hostClient is a [Host] over HTTP.
type hostClient struct{ http *httpx.Client }

var _ Host = (*hostClient)(nil)

// newHostClient returns a client of the host at the address. It dials nothing.
func (a *Adapter) newHostClient(address string, token ats.Secret) (*hostClient, error) {
	c, err := httpx.New(httpx.Config{
		BaseURL:     address,
		HTTPClient:  a.cfg.HTTPClient,
		UserAgent:   a.cfg.UserAgent,
		Header:      http.Header{"Accept": {"application/json"}},
		Auth:        httpx.Header("Authorization", "Bearer "+token.Reveal()),
		Retry:       retryHost,
		MaxAttempts: a.cfg.MaxAttempts,
		MaxWait:     maxHostWait,
		MaxBody:     maxHostAnswer,
		// A host's error is told by its status alone: its words are not part of the contract.
		MaxErrorBody: 1 << 10,
		Secrets:      []string{token.Reveal()},
	})
	if err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	return &hostClient{http: c}, nil
}

// retryHost repeats whatever the method: the contract's calls either ask something or
// replace a status by its revision.
func retryHost(_ string, e *httpx.Error) bool {
	switch e.Status {
	case 0, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	default:
		return e.Status >= 500 && e.Status != http.StatusNotImplemented
	}
}

// Actor implements [Host].
func (h *hostClient) Actor(ctx context.Context, credential string) (Actor, error) {
	var answer Actor
	err := h.call(ctx, http.MethodPost, pathActor, map[string]string{"credential": credential}, func(body []byte) (err error) {
		answer, err = decodeActor(body)
		return err
	})
	return answer, err
}

// PipelineJobs implements [Host].
func (h *hostClient) PipelineJobs(ctx context.Context, a Actor, personID string) ([]string, error) {
	var answer []string
	sent := map[string]string{"userId": a.UserID, "personId": personID}
	err := h.call(ctx, http.MethodPost, pathByPerson, sent, func(body []byte) (err error) {
		answer, err = decodeJobs(body)
		return err
	})
	return answer, err
}

// InPipeline implements [Host].
func (h *hostClient) InPipeline(ctx context.Context, a Actor, p PipelineRef) (bool, error) {
	var answer bool
	sent := map[string]string{"userId": a.UserID, "jobId": p.JobID, "personId": p.PersonID}
	err := h.call(ctx, http.MethodPost, pathMembership, sent, func(body []byte) (err error) {
		answer, err = decodeMember(body)
		return err
	})
	return answer, err
}

// statusUpdate is the contract's StatusUpdate.
type statusUpdate struct {
	AgencyID    string      `json:"agencyId"`
	JobID       string      `json:"jobId"`
	PersonID    string      `json:"personId"`
	Revision    int64       `json:"revision"`
	InterviewID *string     `json:"interviewId"`
	Type        *string     `json:"type"`
	State       StatusState `json:"state"`
	Label       string      `json:"label"`
	DueAt       *string     `json:"dueAt"`
	ResultURL   *string     `json:"resultUrl"`
}

// PublishInterviewStatus implements [Host].
func (h *hostClient) PublishInterviewStatus(ctx context.Context, p PipelineRef, s InterviewStatus) error {
	u := statusUpdate{
		AgencyID: p.AgencyID, JobID: p.JobID, PersonID: p.PersonID,
		Revision: s.Revision, State: s.State, Label: s.Label,
		InterviewID: orNull(s.InterviewID), Type: orNull(s.Type), ResultURL: orNull(s.ResultURL),
	}
	if !s.DueAt.IsZero() {
		u.DueAt = orNull(s.DueAt.Format(time.RFC3339))
	}
	return h.call(ctx, http.MethodPut, pathStatuses, u, nil)
}

// orNull returns nil for an empty text.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// call sends one message of the contract and classifies what goes wrong. decode may
// be nil for answers that say nothing.
func (h *hostClient) call(ctx context.Context, method, path string, message any, decode func([]byte) error) error {
	body, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("host: encode request: %w", ats.ErrInvalid)
	}
	req := &httpx.Request{
		Method: method, Path: path, Body: body,
		Header: http.Header{"Content-Type": {"application/json"}},
	}
	var read httpx.Decode
	if decode != nil {
		read = func(_ *httpx.Response, r io.Reader) error {
			text, err := httpx.ReadAll(r)
			if err != nil {
				return err
			}
			return decode(text)
		}
	}
	if err := h.http.Do(ctx, req, read); err != nil {
		return fmt.Errorf("host: %w", classify(err))
	}
	return nil
}

// What a host's answer lacks. The contract requires each of them.
const (
	errNoActor  = httpx.ConstError("the host's answer names no agency or no user")
	errNoJobs   = httpx.ConstError("the host's answer has no list of job ids")
	errNoMember = httpx.ConstError("the host's answer does not say whether the person is a member")
)

func decodeActor(body []byte) (Actor, error) {
	var v struct {
		AgencyID id     `json:"agencyId"`
		UserID   id     `json:"userId"`
		Name     string `json:"name"`
		Email    string `json:"email"`
		TimeZone string `json:"timeZone"`
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return Actor{}, err
	}
	if v.AgencyID == "" || v.UserID == "" {
		return Actor{}, errNoActor
	}
	return Actor{UserRef: UserRef{AgencyID: string(v.AgencyID), UserID: string(v.UserID)}, Name: v.Name, Email: v.Email, TimeZone: v.TimeZone}, nil
}

func decodeJobs(body []byte) ([]string, error) {
	var v struct {
		JobIDs []id `json:"jobIds"`
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return nil, err
	}
	if v.JobIDs == nil {
		return nil, errNoJobs
	}
	jobs := make([]string, len(v.JobIDs))
	for n, job := range v.JobIDs {
		jobs[n] = string(job)
	}
	return jobs, nil
}

// id is a text of the contract. Top Echelon's own ids are numbers, and a host may hand them on as
// they are.
type id string

// UnmarshalJSON implements [json.Unmarshaler].
func (v *id) UnmarshalJSON(text []byte) error {
	var n json.Number
	if err := json.Unmarshal(text, &n); err == nil && n != "" && text[0] != '"' {
		*v = id(n)
		return nil
	}
	return json.Unmarshal(text, (*string)(v))
}

func decodeMember(body []byte) (bool, error) {
	var v struct {
		Member *bool `json:"member"`
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return false, err
	}
	if v.Member == nil {
		return false, errNoMember
	}
	return *v.Member, nil
}
