package oauth_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/internal/oauth"
)

// vendor gives tokens whose refresh tokens are good once.
type vendor struct {
	mu     sync.Mutex
	valid  string // the refresh token that is good now
	used   map[string]int
	count  int
	takes  time.Duration
	lives  time.Duration // half an hour unless set
	same   bool          // the access token never changes
	before []error       // answered without an effect
	after  []error       // answered after the effect
}

func newVendor() *vendor { return &vendor{valid: "r0", used: map[string]int{}} }

func (v *vendor) refresh(ctx context.Context, token string) (oauth.Tokens, error) {
	select {
	case <-time.After(v.takes):
	case <-ctx.Done():
		return oauth.Tokens{}, oauth.ErrOutcomeUnknown
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.used[token]++
	if len(v.before) > 0 {
		err := v.before[0]
		v.before = v.before[1:]
		return oauth.Tokens{}, err
	}
	if token != v.valid {
		return oauth.Tokens{}, oauth.ErrRefused
	}
	v.count++
	v.valid = "r" + strconv.Itoa(v.count)
	if len(v.after) > 0 {
		err := v.after[0]
		v.after = v.after[1:]
		return oauth.Tokens{}, err
	}
	t := oauth.Tokens{Access: "a" + strconv.Itoa(v.count), Refresh: v.valid, Expires: time.Now().Add(cmp.Or(v.lives, 30*time.Minute))}
	if v.same {
		t.Access = "a0"
	}
	return t, nil
}

// text is a store, shared by the sources of several processes.
type text struct {
	mu    sync.Mutex
	value string
	fail  int // how many swaps fail
}

func (s *text) Load(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value, nil
}

func (s *text) Swap(_ context.Context, old, replacement string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.value != old {
		return fmt.Errorf("swap: %w", oauth.ErrConflict)
	}
	if s.fail > 0 {
		s.fail--
		return errors.New("disk full")
	}
	s.value = replacement
	return nil
}

// expired keeps tokens whose access token has ended.
func expired(t *testing.T, v *vendor, s *text) *oauth.Source {
	t.Helper()
	src := oauth.New(oauth.Config{Store: s, Refresh: v.refresh})
	require.NoError(t, src.Save(t.Context(), oauth.Tokens{Access: "a0", Refresh: "r0", Expires: time.Now()}))
	return src
}

func TestTokensAreGivenOutUntilAMinuteBeforeTheirEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, s := newVendor(), &text{}
		src := oauth.New(oauth.Config{Store: s, Refresh: v.refresh})
		_, err := src.Token(t.Context())
		require.ErrorIs(t, err, oauth.ErrNotAuthorized)

		require.NoError(t, src.Save(t.Context(), oauth.Tokens{Access: "a0", Refresh: "r0", Expires: time.Now().Add(30 * time.Minute)}))
		for range 3 {
			got, err := src.Token(t.Context())
			require.NoError(t, err)
			require.Equal(t, "a0", got)
		}
		<-time.After(29 * time.Minute)
		got, err := src.Token(t.Context())
		require.NoError(t, err)
		require.Equal(t, "a1", got)
		require.Equal(t, map[string]int{"r0": 1}, v.used)
	})
}

func TestManyCallersInManyProcessesShareOneRefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, s := newVendor(), &text{}
		v.takes = 3 * time.Second
		expired(t, v, s)
		var wg sync.WaitGroup
		for range 4 { // processes
			src := oauth.New(oauth.Config{Store: s, Refresh: v.refresh})
			for range 25 {
				wg.Go(func() {
					got, err := src.Token(t.Context())
					if err != nil || got != "a1" {
						t.Errorf("token %q, error %v", got, err)
					}
				})
			}
		}
		wg.Wait()
		require.Equal(t, map[string]int{"r0": 1}, v.used, "each refresh token is used once")
	})
}

func TestAVendorWhoseTokensAreShortLivedIsNotAskedAgainAndAgain(t *testing.T) {
	t.Parallel()
	for name, lives := range map[string]time.Duration{
		"half a minute": 30 * time.Second, "two seconds": 2 * time.Second, "ended when it comes": -time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v, s := newVendor(), &text{}
				v.takes, v.lives = 10*time.Millisecond, lives
				src := expired(t, v, s)
				other := oauth.New(oauth.Config{Store: s, Refresh: v.refresh})
				var wg sync.WaitGroup
				for range 20 { // they share the one that comes
					wg.Go(func() {
						if got, err := src.Token(t.Context()); err != nil || got != "a1" {
							t.Errorf("token %q, error %v", got, err)
						}
					})
				}
				wg.Wait()
				if lives > 0 {
					for range 3 {
						got, err := other.Token(t.Context())
						require.NoError(t, err)
						require.Equal(t, "a1", got, "half of its life is left")
					}
					<-time.After(lives / 2)
				}
				got, err := other.Token(t.Context())
				require.NoError(t, err)
				require.Equal(t, "a2", got)
				require.Equal(t, map[string]int{"r0": 1, "r1": 1}, v.used)
			})
		})
	}
}

func TestAVendorWhoseRenewalGivesTheSameTokenIsNotAskedAgainAndAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, s := newVendor(), &text{}
		v.same = true
		src := expired(t, v, s)
		got, err := src.Replace(t.Context(), "a0")
		require.NoError(t, err)
		require.Equal(t, "a0", got)
		require.Equal(t, map[string]int{"r0": 1}, v.used)
	})
}

func TestARejectedTokenIsReplacedUnlessSomebodyElseDidIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, s := newVendor(), &text{}
		one := oauth.New(oauth.Config{Store: s, Refresh: v.refresh})
		two := oauth.New(oauth.Config{Store: s, Refresh: v.refresh})
		require.NoError(t, one.Save(t.Context(), oauth.Tokens{Access: "a0", Refresh: "r0", Expires: time.Now().Add(30 * time.Minute)}))
		for _, src := range []*oauth.Source{one, two} {
			got, err := src.Token(t.Context())
			require.NoError(t, err)
			require.Equal(t, "a0", got)
		}
		for _, src := range []*oauth.Source{one, two} { // the second finds what the first saved
			got, err := src.Replace(t.Context(), "a0")
			require.NoError(t, err)
			require.Equal(t, "a1", got)
		}
		require.Equal(t, map[string]int{"r0": 1}, v.used)
		got, err := two.Token(t.Context())
		require.NoError(t, err)
		require.Equal(t, "a1", got)
	})
}

func TestWhatBecomesOfAFailedRefresh(t *testing.T) {
	t.Parallel()
	down := errors.New("connection refused")
	for name, c := range map[string]struct {
		before, after []error
		first, second error // of two calls for a token; nil means that there is one
		used          int
	}{
		"a vendor that is down is asked again":          {before: []error{down}, first: down, used: 2},
		"a lost question is asked once more":            {before: []error{oauth.ErrOutcomeUnknown}, used: 2},
		"a lost answer is asked once more, and refused": {after: []error{oauth.ErrOutcomeUnknown}, first: oauth.ErrDisconnected, second: oauth.ErrDisconnected, used: 2},
		"two lost questions are a failure for now":      {before: []error{oauth.ErrOutcomeUnknown, oauth.ErrOutcomeUnknown}, first: oauth.ErrOutcomeUnknown, used: 3},
		"a refusal disconnects, and nobody asks again":  {before: []error{oauth.ErrRefused}, first: oauth.ErrDisconnected, second: oauth.ErrDisconnected, used: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v, s := newVendor(), &text{}
				v.before, v.after = c.before, c.after
				src := expired(t, v, s)
				for _, want := range []error{c.first, c.second} {
					_, err := src.Token(t.Context())
					if want == nil {
						require.NoError(t, err)
					} else {
						require.ErrorIs(t, err, want)
					}
				}
				require.Equal(t, c.used, v.used["r0"])
			})
		})
	}
}

func TestSigningInAgainEndsADisconnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, s := newVendor(), &text{}
		v.before = []error{oauth.ErrRefused}
		src := expired(t, v, s)
		_, err := src.Token(t.Context())
		require.ErrorIs(t, err, oauth.ErrDisconnected)
		v.valid = "r9"
		require.NoError(t, src.Save(t.Context(), oauth.Tokens{Access: "a9", Refresh: "r9", Expires: time.Now().Add(time.Hour)}))
		got, err := src.Token(t.Context())
		require.NoError(t, err)
		require.Equal(t, "a9", got)
	})
}

func TestNewTokensAreDurableBeforeTheyAreUsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, s := newVendor(), &text{}
		src := expired(t, v, s)
		v.takes = time.Second
		time.AfterFunc(500*time.Millisecond, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.fail = 2
		})
		for range 2 {
			_, err := src.Token(t.Context())
			require.ErrorContains(t, err, "disk full")
		}
		got, err := src.Token(t.Context())
		require.NoError(t, err, "the pair was not lost")
		require.Equal(t, "a1", got)
		require.Equal(t, map[string]int{"r0": 1}, v.used)
	})
}

func TestACallerWhoGivesUpDoesNotTakeTheAnswerAlong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, s := newVendor(), &text{}
		v.takes = 5 * time.Second
		src := expired(t, v, s)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := src.Token(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		got, err := src.Token(t.Context())
		require.NoError(t, err)
		require.Equal(t, "a1", got)
		require.Equal(t, map[string]int{"r0": 1}, v.used)
	})
}

func TestAProcessThatDiesWhileRefreshingHoldsNobodyUpForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v, s := newVendor(), &text{}
		expired(t, v, s)
		dead := oauth.New(oauth.Config{Store: s, Refresh: func(ctx context.Context, _ string) (oauth.Tokens, error) {
			<-t.Context().Done() // never comes back
			return oauth.Tokens{}, ctx.Err()
		}})
		go func() { _, _ = dead.Token(t.Context()) }()
		synctest.Wait()
		start := time.Now()
		got, err := oauth.New(oauth.Config{Store: s, Refresh: v.refresh}).Token(t.Context())
		require.NoError(t, err)
		require.Equal(t, "a1", got)
		require.InDelta(t, 30, time.Since(start).Seconds(), 1)
	})
}

func TestTokensDoNotPrint(t *testing.T) {
	t.Parallel()
	tokens := oauth.Tokens{Access: "secret-a", Refresh: "secret-r"}
	require.NotContains(t, fmt.Sprintf("%v %+v %#v %s", tokens, tokens, tokens, tokens), "secret")
}

func TestDamagedTokensAreToldWithoutThem(t *testing.T) {
	t.Parallel()
	_, err := oauth.New(oauth.Config{Store: &text{value: `{"access":"secret`}}).Token(t.Context())
	require.ErrorContains(t, err, "sign in again")
	require.NotContains(t, err.Error(), "secret")
}
