package api_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/topechelon/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
)

func TestARefusalSaysWhatItMeans(t *testing.T) {
	t.Parallel()
	for status, meaning := range map[int]error{
		403: api.ErrForbidden, 404: api.ErrNotFound, 410: api.ErrNotFound, 413: api.ErrTooLarge, 422: api.ErrRejected,
	} {
		v := newVendor(t)
		c := v.signedIn(t, v.ana)
		v.Inject(topechelontest.Fault{
			Kind: topechelontest.FaultStatus, Status: status, Header: http.Header{"X-Request-Id": {"req-7"}},
			Body: strings.Repeat("Maya Okafor is not welcome. ", 100),
		})
		err := c.People.Attach(t.Context(), "481516", "maya.txt", []byte("secret"))
		require.ErrorIs(t, err, meaning)
		var e *api.APIError
		require.ErrorAs(t, err, &e)
		require.Equal(t, "/people/{id}/attachments", e.Path)
		require.Equal(t, status, e.Status)
		require.Equal(t, "req-7", e.RequestID)
		require.False(t, e.OutcomeUnknown)
		require.Len(t, e.Excerpt, 1024)
		require.Contains(t, e.Excerpt, "Maya")
		shown := err.Error() + slog.AnyValue(e).Resolve().String()
		for _, private := range []string{"Maya", "maya", "welcome", "secret"} {
			require.NotContains(t, shown, private)
		}
		require.ErrorContains(t, err, meaning.Error())
		require.Len(t, v.Requests(), 2, "nothing is repeated")
	}
}

func TestEachUserSeesWhatTheyMaySee(t *testing.T) {
	t.Parallel()
	for status, meaning := range map[int]error{403: api.ErrForbidden, 404: api.ErrNotFound} {
		v := newVendor(t, topechelontest.WithHiddenAs(status))
		p := maya(v)
		j := v.agency.AddJob(topechelontest.JobConfig{Title: "Controls Engineer"})
		v.ben.HidePerson(p.ID)
		v.ben.HideJob(j.ID)
		ana, ben := v.signedIn(t, v.ana), v.signedIn(t, v.ben)
		ctx := t.Context()

		require.Len(t, collect(t, ana.People.All(ctx, api.PersonSearch{})), 1)
		require.Empty(t, collect(t, ben.People.All(ctx, api.PersonSearch{})))
		_, err := ana.Jobs.Get(ctx, j.ID)
		require.NoError(t, err)
		_, err = ben.Jobs.Get(ctx, j.ID)
		require.ErrorIs(t, err, meaning)
		require.ErrorIs(t, ben.People.Attach(ctx, p.ID, "a.txt", []byte("x")), meaning)
		v.clean(t)
	}
}

func TestWritingNeedsTheScope(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	p := maya(v)
	c := v.signedIn(t, v.ana, func(cfg *api.Config) { cfg.Scope = "read" })
	_, err := c.People.Search(t.Context(), api.PersonSearch{}, 1)
	require.NoError(t, err)
	require.ErrorIs(t, c.People.Attach(t.Context(), p.ID, "a.txt", []byte("x")), api.ErrForbidden)
	_, err = c.Hotlists.Create(t.Context(), "A", false)
	require.ErrorIs(t, err, api.ErrForbidden)
	require.Empty(t, v.agency.Hotlists())
}

func TestReadingOnePersonIsTriedOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	v := newVendor(t, topechelontest.WithUnverified())
	p := maya(v)
	_, err := v.signedIn(t, v.ana).People.Get(t.Context(), p.ID)
	require.ErrorIs(t, err, api.ErrUnverified)
	require.ErrorContains(t, err, "try_unverified")
	require.Zero(t, v.Count("GET", "/public/v1/people/"+p.ID))

	c := v.signedIn(t, v.ana, func(cfg *api.Config) { cfg.TryUnverified = true })
	got, err := c.People.Get(t.Context(), p.ID)
	require.NoError(t, err)
	require.Equal(t, "Maya", got.FirstName)
	require.Equal(t, "Okafor", got.LastName)
	require.Len(t, got.Emails, 2)
	v.clean(t)
}

func TestA429IsWaitedForInEachOfItsForms(t *testing.T) {
	t.Parallel()
	const silent = topechelontest.ThrottleSilent
	for name, c := range map[string]struct {
		throttles []topechelontest.Throttle
		least     time.Duration
	}{
		"seconds":                        {[]topechelontest.Throttle{topechelontest.ThrottleSeconds}, 3 * time.Second},
		"an HTTP date":                   {[]topechelontest.Throttle{topechelontest.ThrottleDate}, 2 * time.Second}, // dates have no fractions
		"nothing":                        {[]topechelontest.Throttle{silent}, 2 * time.Second},
		"nothing, three times":           {[]topechelontest.Throttle{silent, silent, silent}, 14 * time.Second},
		"nothing, then seconds, nothing": {[]topechelontest.Throttle{silent, topechelontest.ThrottleSeconds, silent}, 9 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := newVendor(t)
				p := maya(v)
				client := v.signedIn(t, v.ana)
				v.Throttle(c.throttles...)
				start := time.Now()
				require.NoError(t, client.People.Attach(t.Context(), p.ID, "a.txt", []byte("x")), "a refusal is safe to repeat")
				took := time.Since(start)
				require.GreaterOrEqual(t, took, c.least)
				require.LessOrEqual(t, took, c.least+time.Duration(len(c.throttles)+1)*time.Second, "at most a second more each time")
				require.Len(t, v.agency.Attachments(p.ID), 1)
			})
		})
	}
}

func TestAFourth429IsTheCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor(t)
		c := v.signedIn(t, v.ana)
		for range 9 {
			v.Throttle(topechelontest.ThrottleSeconds)
		}
		_, err := c.Jobs.Get(t.Context(), "7")
		require.ErrorIs(t, err, api.ErrRateLimited)
		require.Equal(t, 4, v.Count("GET", "/public/v1/jobs/7"))
		at, ok := api.RetryAt(err)
		require.True(t, ok)
		require.Equal(t, 3*time.Second, time.Until(at))
	})
}

func TestNoWaitGoesBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor(t)
		c := v.signedIn(t, v.ana)
		v.Throttle(topechelontest.ThrottleSilent)
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := c.Jobs.Get(ctx, "7")
		require.ErrorIs(t, err, api.ErrRateLimited)
		require.Zero(t, time.Since(start), "it returns at once")
	})
}

func TestReadingIsRepeatedWhenTheVendorFails(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]topechelontest.Fault{
		"500": {Kind: topechelontest.FaultStatus, Status: 500}, "502": {Kind: topechelontest.FaultStatus, Status: 502},
		"a cut connection": {Kind: topechelontest.FaultLost}, "a lost answer": {Kind: topechelontest.FaultLost, AfterEffect: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := newVendor(t)
				c := v.signedIn(t, v.ana)
				f.Times = 3
				v.Inject(f)
				_, err := c.People.Search(t.Context(), api.PersonSearch{}, 1)
				require.NoError(t, err)
				require.Equal(t, 4, v.Count("POST", "/public/v1/people/search"))

				f.Times = -1
				v.Inject(f)
				_, err = c.People.Search(t.Context(), api.PersonSearch{}, 1)
				require.Error(t, err)
				require.False(t, api.OutcomeUnknown(err), "a search changes nothing")
				_, err = c.Jobs.Get(t.Context(), "7")
				require.Error(t, err)
				require.Equal(t, 4, v.Count("GET", "/public/v1/jobs/7"))
			})
		})
	}
}

func TestAWriteIsNeverRepeatedOnItsOwn(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]topechelontest.Fault{
		"500 before the effect":     {Kind: topechelontest.FaultStatus, Status: 500},
		"500 after the effect":      {Kind: topechelontest.FaultStatus, Status: 500, AfterEffect: true},
		"cut before the effect":     {Kind: topechelontest.FaultLost},
		"cut after the effect":      {Kind: topechelontest.FaultLost, AfterEffect: true},
		"garbage after the effect":  {Kind: topechelontest.FaultGarbage, AfterEffect: true},
		"garbage before the effect": {Kind: topechelontest.FaultGarbage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVendor(t)
			p := maya(v)
			c := v.signedIn(t, v.ana)
			f.Times = -1
			in := v.Inject(f)
			_, err := c.Hotlists.Create(t.Context(), "Completed", true)
			require.True(t, api.OutcomeUnknown(err), "%v", err)
			require.Equal(t, 1, v.Count("POST", "/public/v1/hotlists"))
			if f.Kind != topechelontest.FaultGarbage { // what a stored file is answered with is not read
				err = c.People.Attach(t.Context(), p.ID, "a.txt", []byte("x"))
				require.True(t, api.OutcomeUnknown(err), "%v", err)
				require.Equal(t, 1, v.Count("POST", "/public/v1/people/"+p.ID+"/attachments"))
			}
			in.Remove()
			if f.AfterEffect {
				require.Len(t, v.agency.Hotlists(), 1)
			} else {
				require.Empty(t, v.agency.Hotlists())
			}
		})
	}
}

func TestAUserMakesTwoRequestsPerSecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newVendor(t)
		c := v.signedIn(t, v.ana, func(cfg *api.Config) { cfg.PerSecond = 0 })
		start := time.Now()
		for range 5 {
			_, err := c.People.Search(t.Context(), api.PersonSearch{}, 1)
			require.NoError(t, err)
		}
		require.Greater(t, time.Since(start), 2*time.Second)
		require.Less(t, time.Since(start), 3*time.Second)
	})
}

func TestArgumentsAreCheckedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	v := newVendor(t)
	c := v.signedIn(t, v.ana)
	sent := len(v.Requests())
	ctx := t.Context()
	_, errPage := c.People.Search(ctx, api.PersonSearch{}, 0)
	_, errSort := c.People.Search(ctx, api.PersonSearch{SortBy: "name"}, 1)
	_, errJob := c.Jobs.Get(ctx, "..")
	_, errCreate := c.Hotlists.Create(ctx, "", false)
	_, _, errFind := c.Hotlists.Find(ctx, "")
	for name, err := range map[string]error{
		"page": errPage, "sort": errSort, "job": errJob, "create": errCreate, "find": errFind,
		"record":    c.Hotlists.AddRecord(ctx, "77", ""),
		"hotlist":   c.Hotlists.AddRecord(ctx, "", "1"),
		"person":    c.People.Attach(ctx, "", "a.txt", []byte("x")),
		"file name": c.People.Attach(ctx, "1", "../a.txt", []byte("x")),
		"line end":  c.People.Attach(ctx, "1", "a\r\nb.txt", []byte("x")),
		"content":   c.People.Attach(ctx, "1", "a.txt", nil),
	} {
		var argument *api.ArgumentError
		require.ErrorAs(t, err, &argument, name)
	}
	require.Len(t, v.Requests(), sent)
}
