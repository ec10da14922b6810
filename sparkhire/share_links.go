package sparkhire

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

const (
	basicLinkPath   = "/interviews/{uuid}/share_link"
	basicLinkIDPath = "/interviews/{uuid}/share_link/{link_uuid}"
)

// ShareLinkStatus is the vendor's word or number for a link's state, as text. There are two states;
// their form is not public [assumed: docs/vendors/sparkhire.md].
type ShareLinkStatus string

// UnmarshalJSON accepts a number or a boolean too.
func (s *ShareLinkStatus) UnmarshalJSON(b []byte) error {
	*s = ShareLinkStatus(wire.Scalar(b))
	return nil
}

// ShareLink lets people without an account watch. Whoever has its URL sees a person's recording:
// treat it as a secret.
type ShareLink struct {
	UUID      string          `json:"uuid"`
	URL       string          `json:"url"`
	Status    ShareLinkStatus `json:"status"`
	CreatedAt time.Time       `json:"created_at,omitzero"`
	UpdatedAt time.Time       `json:"updated_at,omitzero"`
	UpdatedBy *Person         `json:"updated_by"`

	Raw json.RawMessage `json:"-"` // as received; holds the URL
}

// LogValue is the link's uuid and status, never its URL.
func (l ShareLink) LogValue() slog.Value {
	return logUUID(l.UUID, slog.String("status", string(l.Status)))
}

// UpdateBasicShareLinkRequest changes an interview's own link; a nil field is not sent. Extra is
// merged last and wins.
type UpdateBasicShareLinkRequest struct {
	Active *bool // sent as the status 1 or 0
	Extra  map[string]any
}

// CreateShareLinkRequest describes an advanced link. Its fields are guesses, and the website offers far
// more: several interviews, reviewers, a message [modelled: docs/vendors/sparkhire.md]. Extra is
// merged last and wins. Expect reviewers to be e-mailed.
type CreateShareLinkRequest struct {
	InterviewUUID string
	ExpiresAt     time.Time
	AllowRatings  bool
	Extra         map[string]any
}

// UpdateShareLinkRequest changes an advanced link; a nil field is not sent. Whether the vendor clears
// what is not sent is not public, so send every field. Extra is merged last and wins.
type UpdateShareLinkRequest struct {
	InterviewUUID *string
	ExpiresAt     *time.Time
	AllowRatings  *bool
	Extra         map[string]any
}

// ShareLinksService manages links to interviews. The basic link belongs to one interview, which has at
// most one; advanced links stand on their own.
type ShareLinksService service

// GetBasic returns an interview's own link, or [ErrNotFound] when it has none. How the vendor says
// that there is none is not public: 404, and an answer that holds nothing, are read so.
//
// GET /interviews/{uuid}/share_link, https://docs.sparkhire.com/
func (s *ShareLinksService) GetBasic(ctx context.Context, interviewUUID string) (*ShareLink, error) {
	req := &httpx.Request{Method: http.MethodGet, Path: basicLinkPath, Args: []string{interviewUUID}}
	link, err := call(ctx, s.client, req, decodeBasicLink)
	if err == nil && link == nil {
		return nil, fmt.Errorf("share link of interview %s: %w", interviewUUID, ErrNotFound)
	}
	return link, err
}

// decodeBasicLink reads a link, bare or as the only one of a list, and nil from an answer that holds
// nothing.
func decodeBasicLink(body []byte) (*ShareLink, error) {
	if all, err := wire.Elements(body); err == nil && len(all) == 1 {
		body = all[0]
	}
	switch string(bytes.TrimSpace(wire.Unwrap(body))) {
	case "", "null", "{}", "[]":
		return nil, nil //nolint:nilnil // told apart by the caller
	}
	return decodeObject[ShareLink](body)
}

// CreateBasic makes an interview's own link; the request has no body [observed]. Whether a second call
// returns the same link is not public, so call [ShareLinksService.GetBasic] first.
//
// POST /interviews/{uuid}/share_link, https://docs.sparkhire.com/
func (s *ShareLinksService) CreateBasic(ctx context.Context, interviewUUID string) (*ShareLink, error) {
	return create[ShareLink](ctx, s.client, basicLinkPath, nil, interviewUUID)
}

// UpdateBasic changes an interview's own link and returns the new state.
//
// PUT /interviews/{uuid}/share_link/{link_uuid}, https://docs.sparkhire.com/
func (s *ShareLinksService) UpdateBasic(
	ctx context.Context, interviewUUID, linkUUID string, req *UpdateBasicShareLinkRequest,
) (*ShareLink, error) {
	r := orZero(req)
	return update[ShareLink](ctx, s.client, basicLinkIDPath, r.body(), interviewUUID, linkUUID)
}

// List returns one page of advanced links; nil options mean the first.
//
// GET /share_links, https://docs.sparkhire.com/
func (s *ShareLinksService) List(ctx context.Context, opts *ListOptions) (*Page[ShareLink], error) {
	o := orZero(opts)
	return list[ShareLink](ctx, s.client, "/share_links", o, o)
}

// All yields every advanced link from the page on that opts describe. See the package comment for what
// a loop over it may rely on.
func (s *ShareLinksService) All(ctx context.Context, opts *ListOptions) iter.Seq2[*ShareLink, error] {
	o := orZero(opts)
	return all[ShareLink](ctx, o.Offset, func(ctx context.Context, offset int) (*Page[ShareLink], error) {
		o := o
		o.Offset = offset
		return s.List(ctx, &o)
	})
}

// Get returns an advanced link, or [ErrNotFound].
//
// GET /share_links/{uuid}, https://docs.sparkhire.com/
func (s *ShareLinksService) Get(ctx context.Context, uuid string) (*ShareLink, error) {
	return get[ShareLink](ctx, s.client, "/share_links/{uuid}", uuid)
}

// Create makes an advanced link. Repeating it is not safe.
//
// POST /share_links, https://docs.sparkhire.com/
func (s *ShareLinksService) Create(ctx context.Context, req *CreateShareLinkRequest) (*ShareLink, error) {
	r := orZero(req)
	b := r.body()
	if len(b) == 0 {
		return nil, &ArgumentError{Op: "POST /share_links", Name: "request", Reason: "must name what to share"}
	}
	return create[ShareLink](ctx, s.client, "/share_links", b)
}

// Update changes an advanced link and returns the new state.
//
// PUT /share_links/{uuid}, https://docs.sparkhire.com/
func (s *ShareLinksService) Update(ctx context.Context, uuid string, req *UpdateShareLinkRequest) (*ShareLink, error) {
	r := orZero(req)
	return update[ShareLink](ctx, s.client, "/share_links/{uuid}", r.body(), uuid)
}

// Delete removes an advanced link. One that is not there gives [ErrNotFound].
//
// DELETE /share_links/{uuid}, https://docs.sparkhire.com/
func (s *ShareLinksService) Delete(ctx context.Context, uuid string) error {
	return s.client.remove(ctx, "/share_links/{uuid}", uuid)
}

// id is the URL where there is no uuid: of the one program that was seen, only the URL is read.
func (l ShareLink) id() string { return cmp.Or(l.UUID, l.URL) }

// shareLinkWire is a link on the wire, by itself or within an interview.
type shareLinkWire struct {
	shareLinkShape
	CreatedAt wireTime `json:"created_at"`
	UpdatedAt wireTime `json:"updated_at"`
}

type shareLinkShape ShareLink // without methods

// shareLink returns the link inside w, which must not be used again; nil for nil.
func (w *shareLinkWire) shareLink() *ShareLink {
	if w == nil {
		return nil
	}
	l := (*ShareLink)(&w.shareLinkShape)
	l.CreatedAt, l.UpdatedAt = time.Time(w.CreatedAt), time.Time(w.UpdatedAt)
	return l
}

// UnmarshalJSON reads the vendor's form, tolerating fields of other types.
func (l *ShareLink) UnmarshalJSON(b []byte) error {
	var w shareLinkWire
	err := wire.Fill(b, &w)
	*l = *w.shareLink()
	l.Raw = bytes.Clone(b)
	return err
}
