package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// Why a list cannot be read to its end.
const (
	// ErrForeignPage means that the address of the next page leaves the configured host.
	ErrForeignPage = httpx.ConstError("the link to the next page leaves the API")
	// ErrNoNextPage means that more results were announced without a way to them.
	ErrNoNextPage = httpx.ConstError("more results are announced, but neither a token nor an address leads there")
	// ErrRepeatedPage means that the vendor handed out a continuation that was used before.
	ErrRepeatedPage = httpx.ErrRepeatedPage
)

// page is a list answer [documented: docs/vendors/paycor.md]. Records may be null.
type page[W any] struct {
	HasMoreResults       *boolean `json:"hasMoreResults"`
	ContinuationToken    text     `json:"continuationToken"`
	AdditionalResultsURL text     `json:"additionalResultsUrl"`
	Records              []W      `json:"records"`
}

// cursor is where a page begins: nowhere, at a token, or at an address. Never both.
type cursor struct{ token, url string }

// next returns the cursor of the page after p. The token goes first: the published example of the
// address spells its parameter otherwise than the list of parameters does.
func (p *page[W]) next(base string) (cursor, bool, error) {
	token, address := string(p.ContinuationToken), string(p.AdditionalResultsURL)
	more := token != "" // when the flag is missing
	if p.HasMoreResults != nil {
		more = bool(*p.HasMoreResults)
	}
	switch {
	case !more:
		return cursor{}, false, nil
	case token != "":
		return cursor{token: token}, true, nil
	case address == "":
		return cursor{}, false, ErrNoNextPage
	}
	address, err := onHost(base, address)
	if err != nil {
		return cursor{}, false, err
	}
	return cursor{url: address}, true, nil
}

// onHost resolves an address that the vendor gave against the API's, and insists on staying there.
func onHost(base, address string) (string, error) {
	root, err := url.Parse(base)
	if err != nil {
		return "", ErrForeignPage
	}
	ref, err := url.Parse(address)
	if err != nil {
		return "", ErrForeignPage
	}
	if ref.Host == "" && !strings.HasPrefix(ref.Path, root.Path+"/") {
		ref.Path = root.Path + ref.Path // the API behind a path of somebody's own; the vendor knows nothing of it
	}
	u := root.ResolveReference(ref)
	if u.Scheme != root.Scheme || !strings.EqualFold(u.Host, root.Host) || u.User != nil {
		return "", ErrForeignPage
	}
	u.Host, u.Fragment = root.Host, ""
	return u.String(), nil
}

// decodePage reads one list answer. A page whose records are null is empty.
func decodePage[W any](body []byte) (page[W], error) {
	var p page[W]
	if body = bytes.TrimSpace(body); len(body) == 0 || body[0] != '{' {
		return p, errNotJSON
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return p, err
	}
	if p.HasMoreResults == nil && p.Records == nil && p.ContinuationToken == "" {
		return p, errNotPage // some other document must not pass for an empty list
	}
	return p, nil
}

// listing is a list call without its place in the list.
type listing[W any] struct {
	client *Client
	path   string
	args   []string
	query  url.Values
	decode func([]byte) (page[W], error)
}

// fetch reads one page. It is a [httpx.Fetch].
func (l listing[W]) fetch(ctx context.Context, at cursor) ([]W, cursor, bool, error) {
	req := &httpx.Request{Method: http.MethodGet, Path: l.path, Args: l.args, Query: l.query}
	switch {
	case at.token != "":
		req.Query = url.Values{"continuationToken": {at.token}}
		maps.Copy(req.Query, l.query)
	case at.url != "":
		req.URL = at.url
	}
	var p page[W]
	err := l.client.do(ctx, req, func(_ *httpx.Response, body io.Reader) error {
		text, err := httpx.ReadAll(body)
		if err != nil {
			return err
		}
		p, err = l.decode(text)
		return err
	})
	if err != nil {
		return nil, cursor{}, false, err
	}
	next, more, err := p.next(l.client.cfg.BaseURL)
	if err != nil {
		// What came before the break is not handed out as if it were all.
		return nil, cursor{}, false, &httpx.Error{Method: http.MethodGet, Op: l.path, Status: http.StatusOK, Sent: true, Err: err}
	}
	return p.Records, next, more, nil
}

// all yields every record of a list, converted. What names it in errors.
func all[W, T any](ctx context.Context, what string, fetch httpx.Fetch[W, cursor], to func(*W) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for record, err := range httpx.All(ctx, cursor{}, fetch, nil) {
			if err != nil {
				var zero T
				yield(zero, fmt.Errorf("list %s: %w", what, err))
				return
			}
			if !yield(to(&record), nil) {
				return
			}
		}
	}
}

// identified is a record that tells whether it is one.
type identified interface{ identified() bool }

// get reads one record.
func get[W identified](ctx context.Context, c *Client, path string, query url.Values, args ...string) (W, error) {
	var record W
	req := &httpx.Request{Method: http.MethodGet, Path: path, Args: args, Query: query}
	err := c.do(ctx, req, func(_ *httpx.Response, body io.Reader) error {
		var fresh W
		text, err := httpx.ReadAll(body)
		if err != nil {
			return err
		}
		err = decodeOne(text, &fresh)
		if err == nil && !fresh.identified() {
			err = errNotRecord
		}
		record = fresh
		return err
	})
	return record, err
}
