package api

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"github.com/google/go-querystring/query"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/jsonapi"
	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// MaxPageSize is the largest page of the public API
// [documented: docs/vendors/teamtailor.md].
const MaxPageSize = 30

// PageOptions choose a page. Zero values leave the choice to the vendor, except
// that All asks the public API for its largest pages.
type PageOptions struct {
	Number int `url:"page[number],omitempty"` // from 1
	Size   int `url:"page[size],omitempty"`   // 10 by default
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T

	// Next is the link to the next page, empty on the last one. Pages are followed by
	// link only; their addresses are the vendor's business.
	Next string

	// RecordCount and PageCount are the vendor's totals, zero where it gives none.
	RecordCount, PageCount int
}

// reader reads documents with resources of T, one after the other. It is not safe
// for concurrent use.
type reader[T any] struct {
	doc   *jsonapi.Document
	items func() []T // of the last document; valid until the next
}

// newReader reads the primary resources of doc through convert.
func newReader[T, A, R any](doc *jsonapi.Document, set *jsonapi.Set[A, R], convert func(*jsonapi.Resource[A, R]) T) reader[T] {
	var items []T
	return reader[T]{doc: doc, items: func() []T {
		items = items[:0]
		for i := range set.Items {
			items = append(items, convert(&set.Items[i]))
		}
		return items
	}}
}

// list is a list that can be read by page or whole.
type list[T any] struct {
	client *client
	what   string // for errors: "list candidates"
	path   string
	args   []string
	query  url.Values
	err    error // found while building the query
	read   func() reader[T]
}

// newList builds a list from options with url tags, a nil pointer for none.
func newList[T any](c *client, what, path string, opts any, read func() reader[T], args ...string) list[T] {
	q, err := query.Values(opts)
	return list[T]{client: c, what: what, path: path, args: args, query: q, err: err, read: read}
}

// including asks for related resources in the same answer.
func (l list[T]) including(include string) list[T] {
	if include != "" && l.err == nil {
		l.query.Set("include", include)
	}
	return l
}

// page reads one page.
func (l list[T]) page(ctx context.Context) (*Page[T], error) {
	r := l.read()
	err := l.err
	if err == nil {
		err = l.client.get(ctx, l.path, l.args, l.query, r.doc)
	}
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", l.what, err)
	}
	return &Page[T]{
		Items: r.items(), Next: r.doc.Links.Next,
		RecordCount: r.doc.Meta.RecordCount, PageCount: r.doc.Meta.PageCount,
	}, nil
}

// all yields the items of every page. Each range has a reader of its own, whose
// buffers serve all its pages.
func (l list[T]) all(ctx context.Context) iter.Seq2[T, error] {
	if size := l.client.pageSize; size > 0 && l.err == nil && !l.query.Has("page[size]") {
		l.query.Set("page[size]", strconv.Itoa(size))
	}
	return func(yield func(T, error) bool) {
		r := l.read()
		fetch := func(ctx context.Context, link string) ([]T, string, bool, error) {
			err := l.err
			switch {
			case err != nil:
			case link == "":
				err = l.client.get(ctx, l.path, l.args, l.query, r.doc)
			default:
				err = l.client.follow(ctx, l.path, link, r.doc)
			}
			if err != nil {
				return nil, "", false, err
			}
			next := r.doc.Links.Next
			return r.items(), next, next != "", nil
		}
		for item, err := range httpx.All(ctx, "", fetch, nil) {
			if err != nil {
				err = fmt.Errorf("list %s: %w", l.what, err)
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

// one reads one resource.
func one[T any](ctx context.Context, c *client, what, path, id string, query url.Values, r reader[T]) (*T, error) {
	if err := c.get(ctx, path, []string{id}, query, r.doc); err != nil {
		return nil, fmt.Errorf("get %s %s: %w", what, id, err)
	}
	items := r.items()
	if len(items) != 1 {
		err := &httpx.Error{Method: http.MethodGet, Op: path, Status: http.StatusOK, Sent: true, Err: errNoResource}
		return nil, fmt.Errorf("get %s %s: %w", what, id, err)
	}
	return &items[0], nil
}

// created sends a new resource and returns it as the vendor stored it.
func created[T any](ctx context.Context, c *client, what, path, kind string, attributes any, to map[string]jsonapi.Identifier, r reader[T]) (*T, error) {
	body, err := jsonapi.Encode(kind, "", attributes, to)
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", what, err)
	}
	if err := c.send(ctx, http.MethodPost, path, nil, body, r.doc); err != nil {
		return nil, fmt.Errorf("create %s: %w", what, err)
	}
	items := r.items()
	if len(items) != 1 {
		err := &httpx.Error{Method: http.MethodPost, Op: path, Status: http.StatusCreated, Sent: true, Unknown: true, Err: errNoResource}
		return nil, fmt.Errorf("create %s: %w", what, err)
	}
	return &items[0], nil
}
