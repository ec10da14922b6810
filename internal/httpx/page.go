package httpx

import (
	"context"
	"iter"
)

// ErrRepeatedPage is yielded when a server hands out a cursor that was used before.
const ErrRepeatedPage = ConstError("the server repeats a page")

// Fetch reads the page at a cursor. It returns the items, the cursor of the next page, and whether
// there is one.
type Fetch[T any, C comparable] func(ctx context.Context, at C) (items []T, next C, more bool, err error)

// All yields the items of every page, from the one at start.
//
//  1. Nothing is requested until the loop starts, and nothing after it breaks.
//  2. At most one error is yielded, last, with a zero item.
//  3. Nothing of the caller's is modified, and ranging again starts again.
//  4. The context is checked before each page.
//  5. A page whose cursor was used before is an error, not an endless loop.
//
// A key function makes it suitable for numbered ranges over a list that changes while it is read,
// and for servers that ignore the range: an item whose key was seen is left out, and a page without
// a new key ends the sequence. With next links, pass nil.
func All[T any, C comparable](ctx context.Context, start C, fetch Fetch[T, C], key func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		cursor, used := start, map[C]struct{}{}
		var seen map[string]struct{}
		if key != nil {
			seen = map[string]struct{}{}
		}
		for {
			if err := ctx.Err(); err != nil {
				yield(zero, err)
				return
			}
			if _, again := used[cursor]; again {
				yield(zero, ErrRepeatedPage)
				return
			}
			used[cursor] = struct{}{}
			items, next, more, err := fetch(ctx, cursor)
			if err != nil {
				yield(zero, err)
				return
			}
			fresh := 0
			for _, item := range items {
				if key != nil {
					k := key(item)
					if _, dup := seen[k]; dup {
						continue
					}
					seen[k] = struct{}{}
				}
				fresh++
				if !yield(item, nil) {
					return
				}
			}
			if !more || key != nil && fresh == 0 {
				return
			}
			cursor = next
		}
	}
}
