package api

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"github.com/google/go-querystring/query"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// Hotlists calls /hotlists, for lists of people only. Taking a record off a list has
// not been seen [observed: docs/vendors/topechelon.md].
type Hotlists struct{ client *Client }

// Hotlist is a named list of people.
type Hotlist struct {
	ID   string
	Name string // empty where the vendor gives the id only
}

// HotlistListOptions narrow a list.
type HotlistListOptions struct {
	Name string `url:"name,omitempty"`
	// Mine leaves out what colleagues have shared.
	Mine bool `url:"-"`
}

const (
	hotlistsPath = "/hotlists"
	recordType   = "person"
)

type hotlistQuery struct {
	RecordType string `url:"record_type"`
	HotlistListOptions
	Scope string `url:"scope,omitempty"`
	Page  int    `url:"page"`
}

// hotlistsFrom is where a page of hotlists begins.
type hotlistsFrom struct{ page, seen int }

// All yields every hotlist that the options let through, each once; nil options for
// all.
func (s *Hotlists) All(ctx context.Context, opts *HotlistListOptions) iter.Seq2[Hotlist, error] {
	q := hotlistQuery{RecordType: recordType}
	if opts != nil {
		q.HotlistListOptions = *opts
		if opts.Mine {
			q.Scope = "my"
		}
	}
	fetch := func(ctx context.Context, at hotlistsFrom) ([]Hotlist, hotlistsFrom, bool, error) {
		q := q
		q.Page = at.page
		values, err := query.Values(q)
		var answer results[hotlist]
		if err == nil {
			err = s.client.get(ctx, hotlistsPath, nil, values, &answer)
		}
		if err != nil {
			return nil, at, false, fmt.Errorf("list hotlists: %w", err)
		}
		lists, err := items(answer.Results, hotlistFromAPI)
		if err != nil {
			return nil, at, false, fmt.Errorf("list hotlists: %w", unusable(http.MethodGet, hotlistsPath, err))
		}
		seen := at.seen + len(lists)
		return lists, hotlistsFrom{at.page + 1, seen}, len(lists) > 0 && seen < int(answer.Metadata.ResultSet.Count), nil
	}
	return httpx.All(ctx, hotlistsFrom{page: 1}, fetch, func(h Hotlist) string { return h.ID })
}

// Find returns the hotlist of that name which the user may see, and false when there
// is none. Of several it is the first. A list that comes without a name counts as
// found by it.
func (s *Hotlists) Find(ctx context.Context, name string) (Hotlist, bool, error) {
	if name == "" {
		return Hotlist{}, false, fmt.Errorf("find hotlist: %w", argument("name", "must not be empty"))
	}
	for h, err := range s.All(ctx, &HotlistListOptions{Name: name}) {
		if err != nil {
			return Hotlist{}, false, err
		}
		if h.Name == "" || h.Name == name {
			return h, true, nil
		}
	}
	return Hotlist{}, false, nil
}

// Create makes a hotlist for people. Repeating it may make a second one of the same
// name: find it first. It needs the scope to write.
func (s *Hotlists) Create(ctx context.Context, name string, shared bool) (*Hotlist, error) {
	if name == "" {
		return nil, fmt.Errorf("create hotlist: %w", argument("name", "must not be empty"))
	}
	var body struct {
		Hotlist struct {
			Name   string `json:"name"`
			Shared bool   `json:"share_with_agency"`
		} `json:"hotlist"`
	}
	body.Hotlist.Name, body.Hotlist.Shared = name, shared
	var answer struct {
		Hotlist *hotlist `json:"hotlist"`
	}
	// 201 or, before it changed, 200 [observed: docs/vendors/topechelon.md].
	if err := s.client.post(ctx, hotlistsPath, nil, url.Values{"record_type": {recordType}}, body, &answer); err != nil {
		return nil, fmt.Errorf("create hotlist: %w", err)
	}
	if answer.Hotlist == nil || answer.Hotlist.ID == "" {
		return nil, fmt.Errorf("create hotlist: %w", unusable(http.MethodPost, hotlistsPath, errNoID))
	}
	return &Hotlist{ID: string(answer.Hotlist.ID), Name: name}, nil
}

// AddRecord puts a person on a hotlist. It is not known what repeating it does: read
// [Hotlists.Records] first. It needs the scope to write.
func (s *Hotlists) AddRecord(ctx context.Context, hotlistID, personID string) error {
	var err error
	if !isID(personID) {
		err = argument("record_id", "is not an id")
	} else {
		err = s.client.post(ctx, "/hotlists/{id}/add_record", []string{hotlistID}, url.Values{"record_id": {personID}}, nil, nil)
	}
	if err != nil {
		return fmt.Errorf("add person %s to hotlist %s: %w", personID, hotlistID, err)
	}
	return nil
}

// Records yields the ids of the people on a hotlist. The list has been seen in one
// piece; should it come with paging, the pages are followed
// [assumed: docs/vendors/topechelon.md].
func (s *Hotlists) Records(ctx context.Context, hotlistID string) iter.Seq2[string, error] {
	const path = "/hotlists/{id}/all_records"
	fetch := func(ctx context.Context, page int) ([]string, int, bool, error) {
		var q url.Values
		if page > 1 {
			q = url.Values{"page": {strconv.Itoa(page)}}
		}
		var answer entries[hotlist]
		if err := s.client.get(ctx, path, []string{hotlistID}, q, &answer); err != nil {
			return nil, 0, false, fmt.Errorf("read hotlist %s: %w", hotlistID, err)
		}
		p, err := pageOf(&answer, page, func(h *hotlist) string { return string(h.ID) })
		if err != nil {
			return nil, 0, false, fmt.Errorf("read hotlist %s: %w", hotlistID, unusable(http.MethodGet, path, err))
		}
		return p.Items, page + 1, page < p.Pages, nil
	}
	return httpx.All(ctx, 1, fetch, func(personID string) string { return personID })
}

type hotlist struct {
	ID   id   `json:"id"`
	Name text `json:"name"`
}

func (h *hotlist) identifier() string { return string(h.ID) }

func hotlistFromAPI(h *hotlist) Hotlist { return Hotlist{ID: string(h.ID), Name: string(h.Name)} }
