package sparkhire

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// PageSize is how many items a page is asked for by default. The vendor's default and maximum are
// not public [assumed: docs/vendors/sparkhire.md].
const PageSize = 50

// ListOptions select and order a page of a list.
type ListOptions struct {
	// Offset is how many items come before the page.
	Offset int `url:"-"`

	// Limit is how many items are asked for; 0 means [PageSize]. The server may send fewer although
	// there are more.
	Limit int `url:"-"`

	// OrderBy is <field>_asc or <field>_desc, such as updated_desc. Empty leaves the order to the
	// vendor.
	OrderBy string `url:"orderby,omitempty"`
}

// span is the value of the range parameter, which counts from 1 and includes its end
// [assumed: docs/vendors/sparkhire.md].
func (o ListOptions) span() string {
	limit := o.Limit
	if limit == 0 {
		limit = PageSize
	}
	return fmt.Sprintf("%d-%d", o.Offset+1, o.Offset+limit)
}

func (o ListOptions) check(path string) error {
	for _, v := range []struct {
		name  string
		value int
	}{{"offset", o.Offset}, {"limit", o.Limit}} {
		if v.value < 0 {
			return &ArgumentError{Op: "GET " + path, Name: v.name, Reason: "must not be negative"}
		}
	}
	return nil
}

// Page is a part of a list.
type Page[T any] struct {
	Items []*T

	// Next is the offset of the page after this one: the vendor tells neither a total nor whether
	// there is more, so an empty page is the only sign of the end.
	Next int
}

// list reads one page. opts is page within its struct of filters.
func list[T any, P object[T]](ctx context.Context, c *Client, path string, page ListOptions, opts any) (*Page[T], error) {
	if err := page.check(path); err != nil {
		return nil, err
	}
	req, err := listing(path, opts)
	if err != nil {
		return nil, err
	}
	req.Query.Set("range", page.span())
	items, err := callList[T, P](ctx, c, req)
	if err != nil {
		return nil, err
	}
	return &Page[T]{Items: items, Next: page.Offset + len(items)}, nil
}

// all reads page after page from an offset on. It ends with an empty page, with a page on which
// nothing is new, and with 404 or 416 after the first page; not with a short page, because a
// server's own maximum would look the same [assumed: docs/vendors/sparkhire.md].
func all[T any, P object[T]](
	ctx context.Context, offset int, page func(ctx context.Context, offset int) (*Page[T], error),
) iter.Seq2[*T, error] {
	fetch := func(ctx context.Context, at int) ([]*T, int, bool, error) {
		p, err := page(ctx, at)
		if e, ok := errors.AsType[*APIError](err); ok && at > offset &&
			(e.Status == http.StatusNotFound || e.Status == http.StatusRequestedRangeNotSatisfiable) {
			return nil, 0, false, nil
		}
		if err != nil {
			return nil, 0, false, err
		}
		return p.Items, p.Next, len(p.Items) > 0, nil
	}
	return httpx.All(ctx, offset, fetch, func(v *T) string { return P(v).id() })
}
