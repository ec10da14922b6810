package sparkhiretest_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// spend makes n calls and returns how many were let through.
func spend(w *world, n int) (passed int) {
	for range n {
		if w.as(w.ana.Key, "GET", "/me", nil).Status == 200 {
			passed++
		}
	}
	return passed
}

func TestRateLimit(t *testing.T) {
	t.Parallel()

	t.Run("400 a minute unless set", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		require.Equal(t, 400, spend(w, 403))
		require.Equal(t, 3, w.RateLimited())
	})
	t.Run("the refusal says in whole seconds when to come back, and then it is true", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sparkhiretest.WithRateLimit(2, time.Minute))
		require.Equal(t, 1, spend(w, 1))
		w.clock.Advance(9500 * time.Millisecond)
		require.Equal(t, 1, spend(w, 1))
		r := w.do(429, "GET", "/me", nil)
		require.Equal(t, "51", r.Header.Get("X-Rate-Limit-Try-Again-Seconds"))
		require.NotEmpty(t, r.reason())
		wait, err := strconv.Atoi(r.Header.Get("X-Rate-Limit-Try-Again-Seconds"))
		require.NoError(t, err)
		w.clock.Advance(time.Duration(wait-1) * time.Second)
		require.Equal(t, 0, spend(w, 1))
		w.clock.Advance(time.Second)
		require.Equal(t, 1, spend(w, 1))
	})
	t.Run("a whole window later the whole budget is back", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sparkhiretest.WithRateLimit(2, time.Minute))
		require.Equal(t, 2, spend(w, 3))
		w.clock.Advance(time.Minute)
		require.Equal(t, 2, spend(w, 3))
	})
	t.Run("each key has its own budget", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sparkhiretest.WithRateLimit(1, time.Minute))
		tom := w.AddUser(sparkhiretest.User{Name: "Tom Berg", Email: "tom.berg@northwind.example"})
		require.Equal(t, 1, spend(w, 2))
		require.Equal(t, 200, w.as(tom.Key, "GET", "/me", nil).Status)
	})
	t.Run("a bad key costs nothing, a refused request costs one", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sparkhiretest.WithRateLimit(2, time.Minute))
		w.as("key-of-nobody", "GET", "/me", nil)
		w.do(404, "GET", "/jobs/none", nil)
		require.Equal(t, 1, spend(w, 2))
	})
	t.Run("zero switches the limit off", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sparkhiretest.WithRateLimit(0, 0))
		require.Equal(t, 500, spend(w, 500))
	})
}

func TestRateWindows(t *testing.T) {
	t.Parallel()
	// The world begins at a full minute. Three calls at second 50, three at second 70, of three allowed a minute.
	for name, tt := range map[string]struct {
		window sparkhiretest.Window
		late   int
		wait   string
	}{
		"a fixed window starts anew at the full minute": {sparkhiretest.FixedWindow, 3, "50"},
		"a sliding window looks back a whole minute":    {sparkhiretest.SlidingWindow, 0, "40"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sparkhiretest.WithRateLimit(3, time.Minute), sparkhiretest.WithRateWindow(tt.window))
			w.clock.Advance(50 * time.Second)
			require.Equal(t, 3, spend(w, 3))
			w.clock.Advance(20 * time.Second)
			require.Equal(t, tt.late, spend(w, 3))
			require.Equal(t, tt.wait, w.do(429, "GET", "/me", nil).Header.Get("X-Rate-Limit-Try-Again-Seconds"))
		})
	}
}
