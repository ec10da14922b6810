package atstest

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"reflect"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

// item is one record of any list.
type item struct {
	id, name, email string
	zero            bool
}

// list is a paged list of the vendor and what it takes to fill it.
type list struct {
	w *world
	// all asks the adapter for the list.
	all func(ctx context.Context) iter.Seq2[item, error]
	// add adds the i-th record at the vendor.
	add func(i int) item
}

// mapped turns an adapter's list into items. The adapter has been asked already;
// nothing else happens before the loop.
func mapped[T any](seq iter.Seq2[T, error], convert func(T) item) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for v, err := range seq {
			it := convert(v)
			it.zero = reflect.ValueOf(v).IsZero()
			if !yield(it, err) {
				return
			}
		}
	}
}

// listChecks are the promises of every list; open prepares one that is empty.
func listChecks(open func(w *world) *list) []check {
	on := func(f func(l *list)) func(w *world) { return func(w *world) { f(open(w)) } }
	return []check{
		{"an empty account lists nothing", on(func(l *list) { require.Empty(l.w.t, l.collect()) })},
		{"nothing is requested before the loop starts", on((*list).requestsLate)},
		{"every record is listed once, whatever the number of pages", on((*list).listsEachOnce)},
		{"leaving the loop early ends the requests", on((*list).stopsEarly)},
		{"ranging again starts again", on((*list).startsAgain)},
		{"a record that is added between pages does no harm", on((*list).bearsGrowth)},
		{"a failure is yielded once, last, without a record", on((*list).failsOnce)},
		{"a failure between pages comes after the records before it", on((*list).failsBetweenPages)},
		{"a refused credential is told by its kind", on((*list).failsUnauthorized)},
		{"an ended context ends the list", on((*list).endsWithContext)},
	}
}

// collect returns the whole list, which must have no error.
func (l *list) collect() []item {
	l.w.t.Helper()
	var items []item
	for it, err := range l.all(l.w.ctx()) {
		require.NoError(l.w.t, l.w.quiet(err))
		require.NotEmpty(l.w.t, it.id)
		items = append(items, it)
	}
	return items
}

// drain returns what the list yields and its errors.
func (l *list) drain(ctx context.Context) (items []item, errs []error) {
	l.w.t.Helper()
	for it, err := range l.all(ctx) {
		switch {
		case err != nil:
			require.True(l.w.t, it.zero, "an error comes without a record")
			errs = append(errs, l.w.quiet(err))
		default:
			require.Empty(l.w.t, errs, "nothing comes after an error")
			items = append(items, it)
		}
	}
	return items, errs
}

// fill adds records until there are n.
func (l *list) fill(have []item, n int) []item {
	for i := len(have); i < n; i++ {
		have = append(have, l.add(i))
	}
	return have
}

// same compares two sets of records, by id and name.
func (l *list) same(want, got []item) {
	l.w.t.Helper()
	require.ElementsMatch(l.w.t, want, got)
}

// pages returns how many records fill n pages.
func (l *list) pages(n int) int {
	if l.w.PageSize > 0 {
		return n * l.w.PageSize
	}
	return n
}

func (l *list) requestsLate() {
	l.fill(nil, 1)
	before := l.w.Calls()
	seq := l.all(l.w.ctx())
	require.Equal(l.w.t, before, l.w.Calls(), "asking for the list must request nothing")
	for _, err := range seq {
		require.NoError(l.w.t, l.w.quiet(err))
	}
	require.Greater(l.w.t, l.w.Calls(), before)
}

func (l *list) listsEachOnce() {
	var want []item
	sizes := []int{1, l.pages(1) - 1, l.pages(1), l.pages(1) + 1, l.pages(2), l.pages(2) + 1}
	for _, n := range slices.Compact(sizes) {
		want = l.fill(want, n)
		l.same(want, l.collect())
	}
}

func (l *list) stopsEarly() {
	l.fill(nil, l.pages(2)+1)
	start := l.w.Calls()
	l.collect()
	all := l.w.Calls() - start

	start = l.w.Calls()
	for _, err := range l.all(l.w.ctx()) {
		require.NoError(l.w.t, l.w.quiet(err))
		break
	}
	if l.w.PageSize > 0 {
		require.Less(l.w.t, l.w.Calls()-start, all, "pages after the loop's end must not be requested")
	}
}

func (l *list) startsAgain() {
	want := l.fill(nil, l.pages(1)+1)
	seq := l.all(l.w.ctx())
	for range 2 {
		var got []item
		for it, err := range seq {
			require.NoError(l.w.t, l.w.quiet(err))
			got = append(got, it)
		}
		l.same(want, got)
	}
}

func (l *list) bearsGrowth() {
	want := l.fill(nil, l.pages(1)+1)
	var got []item
	for it, err := range l.all(l.w.ctx()) {
		require.NoError(l.w.t, l.w.quiet(err))
		if len(got) == 0 {
			l.fill(want, len(want)+1)
		}
		got = append(got, it)
	}
	for _, it := range want {
		require.Contains(l.w.t, got, it, "what was there throughout must be listed")
	}
}

func (l *list) failsOnce() {
	l.fill(nil, 1)
	for _, status := range []int{http.StatusInternalServerError, http.StatusTooManyRequests} {
		l.w.Fail(status)
		items, errs := l.drain(l.w.ctx())
		require.Empty(l.w.t, items)
		require.Len(l.w.t, errs, 1)
		require.False(l.w.t, isAny(errs[0], final()), "%d must not look final, got: %v", status, errs[0])
		l.w.Fail(0)
	}
	require.Len(l.w.t, l.collect(), 1)
}

func (l *list) failsBetweenPages() {
	if l.w.PageSize == 0 {
		l.w.t.Log("nothing to test, because the vendor's lists have no pages (Vendor.PageSize is 0)")
		return
	}
	l.fill(nil, l.pages(3))
	var items, errs int
	for it, err := range l.all(l.w.ctx()) {
		if err != nil {
			require.True(l.w.t, it.zero)
			require.Error(l.w.t, l.w.quiet(err))
			errs++
			continue
		}
		require.Zero(l.w.t, errs, "nothing comes after an error")
		if items++; items == 1 {
			l.w.Fail(http.StatusInternalServerError)
		}
	}
	require.Equal(l.w.t, 1, errs)
	require.Positive(l.w.t, items)
	require.Less(l.w.t, items, l.pages(3), "pages must be requested as they are needed")
}

func (l *list) failsUnauthorized() {
	l.w.Fail(http.StatusUnauthorized)
	items, errs := l.drain(l.w.ctx())
	require.Empty(l.w.t, items)
	require.Len(l.w.t, errs, 1)
	require.ErrorIs(l.w.t, errs[0], ats.ErrUnauthorized)
}

func (l *list) endsWithContext() {
	l.fill(nil, l.pages(2)+1)
	items, errs := l.drain(l.w.canceled())
	require.Empty(l.w.t, items)
	require.Len(l.w.t, errs, 1)
	require.ErrorIs(l.w.t, errs[0], context.Canceled)

	if l.w.PageSize == 0 {
		return
	}
	ctx, cancel := context.WithCancel(l.w.ctx())
	defer cancel()
	var last error
	n := 0
	for _, err := range l.all(ctx) {
		if last = err; err == nil {
			n++
		}
		cancel()
	}
	require.ErrorIs(l.w.t, last, context.Canceled, "a context that ends between pages ends the list with its error")
	require.Less(l.w.t, n, l.pages(2)+1)
}

func jobListerChecks() []check {
	open := func(w *world) *list {
		w.need(w.AddJob != nil, "AddJob", "by ats.JobLister")
		w.need(w.Calls != nil, "Calls", "by ats.JobLister")
		w.need(w.Fail != nil, "Fail", "by ats.JobLister")
		return &list{
			w: w,
			all: func(ctx context.Context) iter.Seq2[item, error] {
				jobs := as[ats.JobLister](w).Jobs(ctx, w.conn)
				return mapped(jobs, func(j ats.Job) item { return item{id: j.ID, name: j.Title} })
			},
			add: func(i int) item {
				title := fmt.Sprintf(`Nurse "%d" & Søn, מִשְׂרָה`, i)
				return item{id: w.AddJob(w.t, title), name: title}
			},
		}
	}
	return listChecks(open)
}
