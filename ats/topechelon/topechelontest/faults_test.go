package topechelontest_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
)

func TestA429ComesInThreeForms(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 16, 0, 0, 0, time.UTC)
	w := newWorld(t, topechelontest.WithClock(func() time.Time { return now }))
	token, _ := w.signIn(t, w.ana, "")
	w.Throttle(topechelontest.ThrottleSeconds, topechelontest.ThrottleDate, topechelontest.ThrottleSilent)
	for _, want := range []string{"3", "Tue, 10 Mar 2026 16:00:03 GMT", ""} {
		answer := w.search(t, token, "")
		require.Equal(t, 429, answer.status)
		require.Equal(t, want, answer.header.Get("Retry-After"))
	}
	require.Equal(t, 200, w.search(t, token, "").status)
}

func TestALimitIsPerUser(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, topechelontest.WithRateLimit(2, 10*time.Second))
		ana, _ := w.signIn(t, w.ana, "")
		ben, _ := w.signIn(t, w.ben, "")
		for range 2 {
			require.Equal(t, 200, w.search(t, ana, "").status)
		}
		over := w.search(t, ana, "")
		require.Equal(t, 429, over.status)
		require.Equal(t, 200, w.search(t, ben, "").status)
		seconds, err := strconv.Atoi(over.header.Get("Retry-After"))
		require.NoError(t, err)
		<-time.After(time.Duration(seconds) * time.Second)
		require.Equal(t, 200, w.search(t, ana, "").status)
	})
}

func TestFaultsStrikeBeforeOrAfterTheEffect(t *testing.T) {
	t.Parallel()
	for _, kind := range []topechelontest.FaultKind{topechelontest.FaultStatus, topechelontest.FaultLost, topechelontest.FaultGarbage} {
		for _, after := range []bool{false, true} {
			w := newWorld(t)
			token, _ := w.signIn(t, w.ana, "")
			in := w.Inject(topechelontest.Fault{
				Kind: kind, AfterEffect: after, Status: 500, Header: http.Header{"X-Request-Id": {"req-7"}}, Body: "sorry",
				Match: topechelontest.On("POST", "/hotlists"),
			})
			create := request{method: "POST", url: w.BaseURL() + "/hotlists?record_type=person", token: token, mediaType: "application/json", body: `{"hotlist":{"name":"A"}}`}
			answer, err := create.send(t, w.Client())
			switch kind {
			case topechelontest.FaultLost:
				require.ErrorIs(t, err, topechelontest.ErrConnectionLost)
			case topechelontest.FaultStatus:
				require.NoError(t, err)
				require.Equal(t, 500, answer.status)
				require.Equal(t, "sorry", answer.body)
				require.Equal(t, "req-7", answer.header.Get("X-Request-Id"))
			default:
				require.NoError(t, err)
				require.Equal(t, 200, answer.status)
			}
			require.Equal(t, after, len(w.agency.Hotlists()) == 1)
			require.Equal(t, 1, in.Hits())
			log := w.Requests()
			last := log[len(log)-1]
			require.Equal(t, kind, last.Fault)
			require.Equal(t, after, last.Effect)
			require.Equal(t, 201, create.must(t, w.Client()).status, "once only")
		}
	}
}

func TestAHeldRequestGoesOnWhenItIsReleased(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		token, _ := w.signIn(t, w.ana, "")
		in := w.Inject(topechelontest.Fault{Kind: topechelontest.FaultHold, Times: -1})
		list, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.BaseURL()+"/hotlists?record_type=person", http.NoBody)
		require.NoError(t, err)
		list.Header.Set("Accept", "application/json")
		list.Header.Set("Authorization", "Bearer "+token)
		done := make(chan int, 1)
		go func() {
			resp, err := w.Client().Do(list)
			if err != nil {
				t.Error(err)
				close(done)
				return
			}
			resp.Body.Close()
			done <- resp.StatusCode
		}()
		<-in.Reached()
		synctest.Wait()
		require.Empty(t, done)
		in.Remove()
		require.Equal(t, 200, <-done)

		w.Inject(topechelontest.Fault{Kind: topechelontest.FaultHold})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.BaseURL()+"/jobs/1", http.NoBody)
		require.NoError(t, err)
		_, err = w.Client().Do(req)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestFaultsStrikeTheTokenEndpointToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, refresh := w.signIn(t, w.ana, "")
	w.Inject(topechelontest.Fault{Kind: topechelontest.FaultStatus, Status: 502, AfterEffect: true, Match: topechelontest.On("POST", "/oauth/token")})
	require.Equal(t, 502, w.renew(t, refresh).status)
	require.Equal(t, 400, w.renew(t, refresh).status, "the answer is lost, the token is used up")
}

func TestASocketBehavesAsMemoryDoes(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]topechelontest.Option{nil, {topechelontest.WithTLS()}, {topechelontest.InMemory()}} {
		s := topechelontest.NewServer(opts...)
		w := &world{Server: s, agency: s.AddAgency("Northwind Search")}
		w.ana = w.agency.AddUser(topechelontest.UserConfig{})
		w.app = w.agency.AddIntegration("Interviews", redirectURL)
		token, _ := w.signIn(t, w.ana, "")
		require.Equal(t, 200, w.search(t, token, "").status)
		s.Inject(topechelontest.Fault{Kind: topechelontest.FaultLost})
		search := request{method: "POST", url: w.BaseURL() + "/people/search", token: token, mediaType: "application/json", body: `{"person_search":{}}`}
		_, err := search.send(t, s.Client())
		require.Error(t, err)
		require.Zero(t, s.Requests()[2].Status)
		client := s.Client()
		s.Close()
		s.Close()
		_, err = search.send(t, client)
		require.Error(t, err)
	}
	w := newWorld(t)
	_, err := request{method: "GET", url: "https://elsewhere.example/"}.send(t, w.Client())
	require.ErrorIs(t, err, topechelontest.ErrNoRoute)
}

func TestAListenerOfOnesOwnIsUsed(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	h := topechelontest.NewHost(topechelontest.WithListener(l))
	defer h.Close()
	require.Equal(t, "http://"+l.Addr().String(), h.URL)
	require.Equal(t, 401, request{method: "POST", url: h.URL + "/v1/actor"}.must(t, h.Client()).status)
}

func TestOneClientReachesBothSites(t *testing.T) {
	t.Parallel()
	w, h := newWorld(t), newHouse(t)
	elsewhere := topechelontest.NewServer(topechelontest.InMemory())
	defer elsewhere.Close()
	client := &http.Client{Transport: topechelontest.Route(nil, w.Site, h.Site)}
	require.Equal(t, 401, request{method: "GET", url: w.BaseURL() + "/jobs/1"}.must(t, client).status)
	require.Equal(t, 401, request{method: "POST", url: h.URL + "/v1/actor", body: "{}"}.must(t, client).status)
	_, err := request{method: "POST", url: "https://elsewhere.example/", body: "{}"}.send(t, client)
	require.ErrorIs(t, err, topechelontest.ErrNoRoute)
	client.Transport = topechelontest.Route(h.RoundTripper(), w.Site)
	require.Equal(t, 401, request{method: "POST", url: h.URL + "/v1/actor", body: "{}"}.must(t, client).status)
}

func TestNothingPrivateIsLogged(t *testing.T) {
	t.Parallel()
	w, h := newWorld(t), newHouse(t)
	p := w.agency.AddPerson(topechelontest.PersonConfig{FirstName: "Maya", LastName: "Okafor"})
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("all", "server", w.Server, "host", h.Host, "user", w.ana, "person", p, "app", w.app)
	for _, private := range []string{"Maya", "Ana", w.app.ClientSecret, h.Token} {
		require.NotContains(t, b.String(), private)
	}
	require.Contains(t, b.String(), p.ID)
}

func TestASeedMakesTokensRepeatable(t *testing.T) {
	t.Parallel()
	secret := func(opts ...topechelontest.Option) string { return newWorld(t, opts...).app.ClientSecret }
	seven := secret(topechelontest.WithSeed(7))
	require.Equal(t, seven, secret(topechelontest.WithSeed(7)))
	require.NotEqual(t, seven, secret(topechelontest.WithSeed(8)))
	require.NotEqual(t, seven, secret())
}

func TestMistakesOfTheProgramPanic(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]topechelontest.Option{
		"clock": topechelontest.WithClock(nil), "lifetime": topechelontest.WithTokenLifetime(0), "words": topechelontest.WithScopeWords("a", "a"),
		"page": topechelontest.WithPageSize(0), "upload": topechelontest.WithMaxUpload(0), "hidden": topechelontest.WithHiddenAs(500),
		"created": topechelontest.WithHotlistCreatedAs(204), "limit": topechelontest.WithRateLimit(1, 0),
	} {
		require.Panics(t, func() { topechelontest.NewServer(topechelontest.InMemory(), opt) }, name)
	}
	require.Panics(t, func() { topechelontest.NewServer(topechelontest.InMemory(), topechelontest.WithTLS()) })
	w := newWorld(t)
	require.Panics(t, func() { w.Inject(topechelontest.Fault{}) })
	require.Panics(t, func() { w.Inject(topechelontest.Fault{Kind: topechelontest.FaultStatus}) })
	require.Panics(t, func() { w.agency.AddIntegration("x", redirectURL, "everything") })
}
