package httpx_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// fixedWindow counts as a server does that resets a counter every window from some moment on.
type fixedWindow struct {
	limit  int
	window time.Duration
	offset time.Duration
	slot   int64
	count  int
}

func (f *fixedWindow) allow(at time.Time) bool {
	if slot := at.Add(f.offset).UnixNano() / int64(f.window); slot != f.slot {
		f.slot, f.count = slot, 0
	}
	f.count++
	return f.count <= f.limit
}

// slidingWindow counts as a server does that looks back over exactly one window.
type slidingWindow struct {
	limit  int
	window time.Duration
	seen   []time.Time
}

func (s *slidingWindow) allow(at time.Time) bool {
	for len(s.seen) > 0 && at.Sub(s.seen[0]) >= s.window {
		s.seen = s.seen[1:]
	}
	s.seen = append(s.seen, at)
	return len(s.seen) <= s.limit
}

type counter interface{ allow(at time.Time) bool }

func TestLimiterUsesTheBudgetAndIsNeverRefused(t *testing.T) {
	t.Parallel()
	for _, budget := range []struct {
		name   string
		limit  int
		window time.Duration
	}{
		{"400 per minute", 400, time.Minute},
		{"50 per 10 seconds", 50, 10 * time.Second},
	} {
		t.Run(budget.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				servers := []counter{&slidingWindow{limit: budget.limit, window: budget.window}}
				for i := range 16 {
					servers = append(servers, &fixedWindow{
						limit: budget.limit, window: budget.window, offset: budget.window * time.Duration(i) / 16,
					})
				}
				const windows = 100
				accepted, rejected := drive(t, budget.limit, budget.window, windows, servers)
				require.Zero(t, rejected)
				require.GreaterOrEqual(t, float64(accepted), 0.98*float64(budget.limit*windows))
			})
		})
	}
}

// drive lets eight workers send as fast as the limiter lets them. A request takes up to 100 ms to
// arrive, in no particular order.
func drive(t *testing.T, limit int, window time.Duration, windows int, servers []counter) (accepted, rejected int) {
	t.Helper()
	l := httpx.NewLimiter(limit, window)
	ctx, cancel := context.WithTimeout(t.Context(), window*time.Duration(windows))
	defer cancel()
	random := rand.New(rand.NewPCG(1, 2))
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for l.Take(ctx) == nil {
				mu.Lock()
				delay := time.Duration(random.Int64N(int64(100 * time.Millisecond)))
				mu.Unlock()
				<-time.After(delay)
				mu.Lock()
				for _, s := range servers {
					if !s.allow(time.Now()) {
						rejected++
					}
				}
				accepted++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return accepted, rejected
}

func TestLimiterSaysLaterInsteadOfWaitingPastTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := httpx.NewLimiter(1, time.Minute)
		require.NoError(t, l.Take(t.Context()))
		first := time.Now()

		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		err := l.Take(ctx)
		var later *httpx.LaterError
		require.ErrorAs(t, err, &later)
		require.WithinDuration(t, first.Add(time.Minute+httpx.Margin), later.At, time.Millisecond)
		require.Equal(t, first, time.Now(), "it must not have waited")

		require.NoError(t, l.Take(t.Context()))
		require.Equal(t, time.Minute+httpx.Margin, time.Since(first))
	})
}

func TestLimiterGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := httpx.NewLimiter(1, time.Minute)
		require.NoError(t, l.Take(t.Context()))
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 2)
		for range 2 { // one waits for the budget, one for its turn
			go func() { errs <- l.Take(ctx) }()
		}
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-errs, context.Canceled)
		require.ErrorIs(t, <-errs, context.Canceled)
		require.ErrorIs(t, l.Take(ctx), context.Canceled)

		require.NoError(t, l.Take(t.Context()), "those who gave up have used nothing")
	})
}

func TestLimiterHoldsWhenTheServerSaidSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, start := httpx.NewLimiter(10, time.Minute), time.Now()
		l.Hold(start.Add(17 * time.Second))
		l.Hold(start.Add(3 * time.Second)) // a shorter one changes nothing
		at, ok := l.Reserve(time.Now())
		require.False(t, ok)
		require.Equal(t, start.Add(17*time.Second), at)
		require.NoError(t, l.Take(t.Context()))
		require.Equal(t, 17*time.Second, time.Since(start))
	})
}

func TestLimiterDoesNotSleepThroughALongHold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, start := httpx.NewLimiter(10, time.Minute), time.Now()
		l.Hold(start.Add(24 * time.Hour))
		var later *httpx.LaterError
		require.ErrorAs(t, l.Take(t.Context()), &later)
		require.Equal(t, start.Add(24*time.Hour), later.At)
		require.Equal(t, start, time.Now())
	})
}

func TestSendLog(t *testing.T) {
	t.Parallel()
	span := time.Minute + httpx.Margin

	t.Run("the next goes when the limit-th last is older than the window", func(t *testing.T) {
		t.Parallel()
		log := httpx.SendLog{Limit: 2, Window: time.Minute}
		_, ok := log.Reserve(noon)
		require.True(t, ok)
		_, ok = log.Reserve(noon.Add(time.Second))
		require.True(t, ok)
		at, ok := log.Reserve(noon.Add(2 * time.Second))
		require.False(t, ok)
		require.Equal(t, noon.Add(span), at)
		require.Len(t, log.Sends, 2, "a refusal records nothing")
		_, ok = log.Reserve(at)
		require.True(t, ok)
		at, ok = log.Reserve(at)
		require.False(t, ok)
		require.Equal(t, noon.Add(time.Second).Add(span), at)
	})
	t.Run("it goes on from a stored log", func(t *testing.T) {
		t.Parallel()
		log := httpx.SendLog{Limit: 1, Window: time.Minute, Sends: []int64{noon.UnixMicro()}}
		at, ok := log.Reserve(noon.Add(time.Second))
		require.False(t, ok)
		require.Equal(t, noon.Add(span), at)
	})
	t.Run("a smaller limit than the log was kept for holds at once", func(t *testing.T) {
		t.Parallel()
		log := httpx.SendLog{Limit: 1, Window: time.Minute, Sends: []int64{
			noon.UnixMicro(), noon.Add(time.Second).UnixMicro(), noon.Add(2 * time.Second).UnixMicro(),
		}}
		at, ok := log.Reserve(noon.Add(3 * time.Second))
		require.False(t, ok)
		require.Equal(t, noon.Add(2*time.Second).Add(span), at)
	})
	t.Run("a clock set back waits no longer than a window", func(t *testing.T) {
		t.Parallel()
		log := httpx.SendLog{Limit: 1, Window: time.Minute, Sends: []int64{noon.Add(time.Hour).UnixMicro()}}
		at, ok := log.Reserve(noon)
		require.False(t, ok)
		require.Equal(t, noon.Add(span), at)
	})
}

func BenchmarkSendLogReserve(b *testing.B) {
	log := httpx.SendLog{Limit: 400, Window: time.Minute}
	step := (time.Minute + httpx.Margin) / 400
	now := noon
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(step)
		if _, ok := log.Reserve(now); !ok {
			b.Fatal("refused")
		}
	}
}

func BenchmarkLimiterTake(b *testing.B) {
	l := httpx.NewLimiter(400, -httpx.Margin) // every entry is old at once
	b.ReportAllocs()
	for b.Loop() {
		if err := l.Take(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
