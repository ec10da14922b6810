package httpx_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// book serves pages by cursor and counts the requests.
type book struct {
	pages map[string]leaf
	calls []string
}

type leaf struct {
	items []string
	next  string
	err   error
	then  func() // runs while the page is served
}

func (b *book) fetch(_ context.Context, at string) ([]string, string, bool, error) {
	b.calls = append(b.calls, at)
	p := b.pages[at]
	if p.then != nil {
		p.then()
	}
	return p.items, p.next, p.next != "", p.err
}

func itself(s string) string { return s }

func TestAll(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	three := map[string]leaf{
		"1": {items: []string{"a", "b"}, next: "2"},
		"2": {items: []string{"c", "d"}, next: "3"},
		"3": {items: []string{"e"}},
	}
	for _, c := range []struct {
		name  string
		pages map[string]leaf
		key   func(string) string
		stop  string // break after this item
		items []string
		calls []string
		err   error
	}{
		{name: "several pages", pages: three, items: []string{"a", "b", "c", "d", "e"}, calls: []string{"1", "2", "3"}},
		{name: "one page", pages: map[string]leaf{"1": {items: []string{"a"}}}, items: []string{"a"}, calls: []string{"1"}},
		{name: "an empty list", pages: map[string]leaf{}, calls: []string{"1"}},
		{name: "1 nothing is requested after a break", pages: three, stop: "b", items: []string{"a", "b"}, calls: []string{"1"}},
		{name: "2 one error, last, with a zero item", pages: map[string]leaf{
			"1": {items: []string{"a"}, next: "2"}, "2": {items: []string{"lost"}, next: "3", err: broken},
		}, items: []string{"a", ""}, calls: []string{"1", "2"}, err: broken},
		{name: "5 a cursor that leads to itself is an error", pages: map[string]leaf{
			"1": {items: []string{"a"}, next: "1"},
		}, items: []string{"a", ""}, calls: []string{"1"}, err: httpx.ErrRepeatedPage},
		{name: "5 a circle of cursors is an error", pages: map[string]leaf{
			"1": {items: []string{"a"}, next: "2"}, "2": {items: []string{"b"}, next: "1"},
		}, items: []string{"a", "b", ""}, calls: []string{"1", "2"}, err: httpx.ErrRepeatedPage},
		{name: "with a key what was seen is left out", key: itself, pages: map[string]leaf{
			"1": {items: []string{"a", "b"}, next: "2"}, "2": {items: []string{"b", "c"}, next: "3"}, "3": {items: []string{"d"}},
		}, items: []string{"a", "b", "c", "d"}, calls: []string{"1", "2", "3"}},
		{name: "with a key a page without news ends", key: itself, pages: map[string]leaf{
			"1": {items: []string{"a", "b"}, next: "2"}, "2": {items: []string{"a", "b"}, next: "3"}, "3": {items: []string{"c"}},
		}, items: []string{"a", "b"}, calls: []string{"1", "2"}},
		{name: "without a key an empty page in the middle does not end", pages: map[string]leaf{
			"1": {items: []string{"a"}, next: "2"}, "2": {next: "3"}, "3": {items: []string{"b"}},
		}, items: []string{"a", "b"}, calls: []string{"1", "2", "3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := &book{pages: c.pages}
			seq := httpx.All(t.Context(), "1", b.fetch, c.key)
			require.Empty(t, b.calls, "1: nothing is requested before the loop")
			for range 2 { // 3: ranging again starts again
				b.calls = nil
				var items []string
				var last error
				for item, err := range seq {
					require.NoError(t, last, "2: nothing follows an error")
					items, last = append(items, item), err
					if item == c.stop && c.stop != "" {
						break
					}
				}
				require.ErrorIs(t, last, c.err)
				require.Equal(t, c.items, items)
				require.Equal(t, c.calls, b.calls)
			}
		})
	}

	t.Run("4 the context is checked before each page", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		b := &book{pages: map[string]leaf{
			"1": {items: []string{"a"}, next: "2", then: cancel}, "2": {items: []string{"b"}},
		}}
		var items []string
		var last error
		for item, err := range httpx.All(ctx, "1", b.fetch, nil) {
			items, last = append(items, item), err
		}
		require.ErrorIs(t, last, context.Canceled)
		require.Equal(t, []string{"a", ""}, items)
		require.Equal(t, []string{"1"}, b.calls)
	})
}
