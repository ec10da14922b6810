package meet

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

const (
	itemsPath = "/partners/candidate_assessment_items"
	itemPath  = itemsPath + "/{uuid}"

	errNotOneItem = httpx.ConstError("the answer is not exactly one item")
)

// Candidate is who is invited. Both fields are required.
type Candidate struct {
	Name  string // in full
	Email string
}

// LogValue does not name the candidate.
func (Candidate) LogValue() slog.Value { return slog.StringValue("candidate") }

// InviteRequest invites one candidate [observed: docs/vendors/sparkhire.md]. Which fields the vendor
// can do without is not public, so all are required. Extra is merged last and wins.
type InviteRequest struct {
	Type            ItemType // [TypeOneWay]
	JobUUID         string
	QuestionSetUUID string
	Candidate       Candidate
	DueAt           time.Time // the deadline; sent in UTC and whole seconds

	Extra map[string]any
}

// LogValue holds nothing about the candidate.
func (InviteRequest) LogValue() slog.Value { return slog.StringValue("invitation") }

// Load names something that comes with an item on request only.
type Load string

// What can be asked for [observed: docs/vendors/sparkhire.md].
const (
	LoadAIReview  Load = "ai_review"  // in [Item.Raw]
	LoadAISummary Load = "ai_summary" // [Item.Summary]
)

// ItemGetOptions say how much to read of an item.
type ItemGetOptions struct {
	Load []Load
}

// ItemsService invites candidates and reads what became of it. Version 2.0 is not known to list,
// change, cancel or delete items.
type ItemsService service

// Invite invites one candidate, who presumably gets an e-mail at once, and returns the item. There is
// no idempotency key: repeating it invites twice. It is sent again only when it was refused with 429,
// refused once with 401 for its token, or never left.
//
// The vendor takes several candidates in one request, but how a part of them fails has no known form;
// hence one. An answer that does not hold exactly one item, with a uuid, leaves the outcome unknown.
//
// After an error:
//
//   - [ErrNotSent]: nobody was invited; try again.
//   - [ErrRateLimited]: nobody was invited; try again at [RetryAfter].
//   - [ErrOutcomeUnknown]: wait for [EventItemCreated] with the same job, address and deadline; there
//     is no list to look in. If none comes, ask a person: its absence is no proof.
//   - any other *[APIError]: refused; the request or the requester must be changed.
//
// POST /partners/candidate_assessment_items, https://meet-api.sparkhire.com/
func (s *ItemsService) Invite(ctx context.Context, req *InviteRequest, opts ...CallOption) (*Item, error) {
	r := orZero(req)
	if err := r.check(); err != nil {
		return nil, err
	}
	b, err := encode(r.body())
	if err != nil {
		return nil, &ArgumentError{Op: "POST " + itemsPath, Name: "extra", Reason: "cannot be written as JSON"}
	}
	return call(ctx, s.client, &httpx.Request{Method: http.MethodPost, Path: itemsPath, Body: b}, opts, decodeOnlyItem)
}

// Get returns an item; nil options load nothing extra. [ErrNotFound] means unknown, deleted or not
// visible to the requester; see [IsGone].
//
// GET /partners/candidate_assessment_items/{uuid}, https://meet-api.sparkhire.com/
func (s *ItemsService) Get(ctx context.Context, uuid string, get *ItemGetOptions, opts ...CallOption) (*Item, error) {
	if err := need("GET "+itemPath, "uuid", uuid); err != nil {
		return nil, err
	}
	req := &httpx.Request{
		Method: http.MethodGet, Path: itemPath, Args: []string{uuid}, Query: indexed("load", orZero(get).Load),
	}
	return call(ctx, s.client, req, opts, decodeObject[Item])
}

// check says what is missing and not among the caller's own fields.
func (r InviteRequest) check() error {
	due := ""
	if !r.DueAt.IsZero() {
		due = "set"
	}
	for _, f := range []struct{ field, name, value string }{
		{"type", "type", string(r.Type)},
		{"job_uuid", "job_uuid", r.JobUUID},
		{"question_set_uuid", "question_set_uuid", r.QuestionSetUUID},
		{"candidates", "candidate name", r.Candidate.Name},
		{"candidates", "candidate email", r.Candidate.Email},
		{"due_at", "due_at", due},
	} {
		if _, given := r.Extra[f.field]; given {
			continue
		}
		if err := need("POST "+itemsPath, f.name, f.value); err != nil {
			return err
		}
	}
	return nil
}

// decodeOnlyItem reads a list of one, or the one without the list.
func decodeOnlyItem(body []byte) (*Item, error) {
	if item, err := decodeObject[Item](body); err == nil {
		return item, nil
	}
	list, err := wire.Elements(body)
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return nil, errNotOneItem
	}
	return decodeObject[Item](list[0])
}
