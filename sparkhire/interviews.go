package sparkhire

import (
	"context"
	"encoding/json"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

const interviewsPath = "/interviews"

// InterviewListOptions select and order interviews. Compare what comes back with what was asked: a
// server may ignore a parameter.
type InterviewListOptions struct {
	ListOptions
	Status   []InterviewStatus `url:"status[],omitempty"`
	Type     []InterviewType   `url:"type[],omitempty"`
	JobUUIDs []string          `url:"job[uuid],omitempty,comma"` // [observed]
}

// Candidate is who is invited. FirstName and Email are required. Whether the vendor takes
// somebody without a LastName is not public; the simulator does not [assumed:
// docs/vendors/sparkhire.md].
type Candidate struct {
	FirstName string
	LastName  string
	Email     string
}

// LogValue does not name the candidate.
func (Candidate) LogValue() slog.Value { return slog.StringValue("candidate") }

// CreateInterviewRequest invites a candidate.
//
// This body is provisional. That it is an object with a type is observed; the spelling of everything
// else is assumed [docs/vendors/sparkhire.md]. Verify it with an account of your own before relying
// on it. Extra is merged last and wins, and [InterviewsService.CreateRaw] sends any other body.
type CreateInterviewRequest struct {
	Type            InterviewType // required
	JobUUID         string        // required; the job must be active
	QuestionSetUUID string        // required for a one-way interview
	Candidate       Candidate

	// ScheduledAt is the deadline of a one-way interview and the start of a live one. A live interview
	// surely needs more (duration, people, time zone), of which nothing is public: use Extra.
	ScheduledAt time.Time

	Extra map[string]any
}

// LogValue holds nothing about the candidate.
func (CreateInterviewRequest) LogValue() slog.Value { return slog.StringValue("new interview") }

// UpdateInterviewRequest changes an interview; a nil field is not sent. Extra is merged last and wins.
type UpdateInterviewRequest struct {
	ScheduledAt *time.Time
	Extra       map[string]any
}

// InterviewsService invites candidates and reads what became of it. A user sees the interviews that
// the website shows to that user; others are silently missing.
type InterviewsService service

// List returns one page of interviews; nil options mean the first.
//
// GET /interviews, https://docs.sparkhire.com/
func (s *InterviewsService) List(ctx context.Context, opts *InterviewListOptions) (*Page[Interview], error) {
	o := orZero(opts)
	return list[Interview](ctx, s.client, interviewsPath, o.ListOptions, o)
}

// All yields every interview from the page on that opts describe. See the package comment for what a
// loop over it may rely on.
func (s *InterviewsService) All(ctx context.Context, opts *InterviewListOptions) iter.Seq2[*Interview, error] {
	o := orZero(opts)
	return all[Interview](ctx, o.Offset, func(ctx context.Context, offset int) (*Page[Interview], error) {
		o := o
		o.Offset = offset
		return s.List(ctx, &o)
	})
}

// Get returns an interview. [ErrNotFound] means unknown, deleted or not visible to the user; [ErrGone]
// means expired, perhaps not for good, because a deadline can be extended. See [IsGone].
//
// GET /interviews/{uuid}, https://docs.sparkhire.com/
func (s *InterviewsService) Get(ctx context.Context, uuid string) (*Interview, error) {
	return get[Interview](ctx, s.client, "/interviews/{uuid}", uuid)
}

// Create invites a candidate, who presumably gets an e-mail at once. There is no idempotency key:
// repeating it invites twice. It is sent again only when it was refused with 429 or never left.
//
// After an error:
//
//   - [ErrNotSent]: nobody was invited; try again.
//   - [ErrRateLimited]: nobody was invited; try again at [RetryAfter].
//   - [ErrOutcomeUnknown]: look first, by job and type, newest first. A missing match is no proof.
//   - any other *[APIError]: refused; the request must be changed.
//
// POST /interviews, https://docs.sparkhire.com/
func (s *InterviewsService) Create(ctx context.Context, req *CreateInterviewRequest) (*Interview, error) {
	r := orZero(req)
	args := []argument{
		{"type", string(r.Type)},
		{"job_uuid", r.JobUUID},
		{"candidate_first_name", r.Candidate.FirstName},
		{"candidate_email", r.Candidate.Email},
	}
	if r.Type == TypeOneWay {
		args = append(args, argument{"question_set_uuid", r.QuestionSetUUID})
	}
	if err := need("POST "+interviewsPath, r.Extra, args...); err != nil {
		return nil, err
	}
	return create[Interview](ctx, s.client, interviewsPath, r.body())
}

// CreateRaw is [InterviewsService.Create] with a body of the caller's, which must be a JSON object.
//
// POST /interviews, https://docs.sparkhire.com/
func (s *InterviewsService) CreateRaw(ctx context.Context, body json.RawMessage) (*Interview, error) {
	if wire.First(body) != '{' || !json.Valid(body) {
		return nil, &ArgumentError{Op: "POST " + interviewsPath, Name: "body", Reason: "must be a JSON object"}
	}
	return callOne[Interview](ctx, s.client, &httpx.Request{Method: http.MethodPost, Path: interviewsPath, Body: body})
}

// Update changes an interview, such as its deadline, and returns the new state. Read it again and
// compare: what the vendor does with a change is not public.
//
// PUT /interviews/{uuid}, https://docs.sparkhire.com/
func (s *InterviewsService) Update(ctx context.Context, uuid string, req *UpdateInterviewRequest) (*Interview, error) {
	r := orZero(req)
	return update[Interview](ctx, s.client, "/interviews/{uuid}", r.body(), uuid)
}

// Delete removes an interview. Assume that it cannot be undone, takes recordings along and notifies
// the candidate. One that is not there gives [ErrNotFound].
//
// DELETE /interviews/{uuid}, https://docs.sparkhire.com/
func (s *InterviewsService) Delete(ctx context.Context, uuid string) error {
	return s.client.remove(ctx, "/interviews/{uuid}", uuid)
}

// WatchURL is the page on which a signed-in user who may see the job can watch the interview
// [assumed: docs/vendors/sparkhire.md]. For anybody else there are share links.
func (s *InterviewsService) WatchURL(uuid string) string {
	return s.client.appURL.JoinPath("company", "interviews", url.PathEscape(uuid), "watch").String()
}
