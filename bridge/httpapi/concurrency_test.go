package httpapi_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// together makes n calls at once and returns their answers.
func (w *world) together(n int, call func(n int) *http.Request) []string {
	w.Helper()
	answers := make([]string, n)
	var wg sync.WaitGroup
	for k := range n {
		req := call(k)
		wg.Go(func() {
			resp, err := w.client.Do(req)
			if err != nil {
				answers[k] = err.Error()
				return
			}
			text, err := io.ReadAll(resp.Body)
			answers[k] = fmt.Sprint(resp.StatusCode, " ", string(text), errors.Join(err, resp.Body.Close()))
		})
	}
	wg.Wait()
	return answers
}

func TestConnectingAtOnceConnectsOnce(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{nothing: true}, func(w *world) {
		created := 0
		for _, a := range w.together(8, func(int) *http.Request {
			req := w.raw(http.MethodPost, "/api/v1/connections")
			req.Body = io.NopCloser(strings.NewReader(`{"adapter":"memory","tenant":"care","time_zone":"Europe/Stockholm"}`))
			return req
		}) {
			if strings.HasPrefix(a, "201 ") {
				created++
			} else {
				require.Contains(w, a, `"code":"connection_exists"`)
			}
		}
		require.Equal(w, 1, created)
		require.Len(w, w.get("/connections").ids(), 1)
	})
}

func TestTheSameRequestAtOnceIsOne(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		line := strings.TrimSpace(ndjson(w, w.candidate("Mira")))
		for _, a := range w.together(8, func(int) *http.Request {
			req := w.raw(http.MethodPost, "/api/v1"+w.connection+"/interviews")
			req.Header.Set("Idempotency-Key", "k")
			req.Body = io.NopCloser(strings.NewReader(line))
			return req
		}) {
			require.True(w, strings.HasPrefix(a, "202 "), a)
		}
		require.Len(w, w.get(w.connection+"/interviews").ids(), 1)
	})
}

func TestTwoWhoChangeAConnectionLoseNothing(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		id := strings.TrimPrefix(w.connection, "/connections/")
		others := 0
		_, err := w.engine.UpdateConnection(w.Context(), id, ats.User{}, bridge.Access{}, func(c *store.Connection) error {
			if others++; others == 1 { // somebody is faster
				w.patch(w.connection, object{"name": "Changed meanwhile"}).want(http.StatusOK)
			}
			c.TimeZone = "Europe/Paris"
			return nil
		})
		require.NoError(w, err)
		var c object
		w.get(w.connection).want(http.StatusOK).into(&c)
		require.Equal(w, "Changed meanwhile", c["name"])
		require.Equal(w, "Europe/Paris", c["time_zone"])

		zone := 0
		_, err = w.engine.UpdateConnection(w.Context(), id, ats.User{}, bridge.Access{}, func(c *store.Connection) error {
			zone++
			w.patch(w.connection, object{"name": fmt.Sprint("Changed again ", zone)}).want(http.StatusOK)
			c.TimeZone = "Europe/Rome"
			return nil
		})
		require.ErrorIs(w, err, ats.ErrConflict)
	})
}

// Two processes share a database; each keeps what it has read of a connection.
func TestWhatAnotherProcessHasChangedCountsAtOnce(t *testing.T) {
	t.Parallel()
	var config bridge.Config
	overHTTP(t, setup{config: func(c *bridge.Config) { config = *c }}, func(w *world) {
		second, err := bridge.New(config)
		require.NoError(w, err)
		server := httptest.NewServer(second.Handler())
		defer server.Close()
		first := w.url
		ask := func(key string) *answer {
			w.url = first
			return w.post(w.connection+"/interviews", w.candidate("Mira"), "Idempotency-Key", key)
		}
		change := func(enabled bool) {
			w.url = server.URL
			w.patch(w.connection, object{"enabled": enabled}).want(http.StatusOK)
		}
		ask("1").want(http.StatusAccepted)
		change(false)
		ask("2").refused(403, "integration_off", "")
		change(true)
		ask("2").want(http.StatusAccepted)
	})
}

func TestACallerWhoLeavesKeepsWhatWasAnswered(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		line := w.candidate("Mira")
		line["key"] = "k"
		half := ndjson(w, line) + `{"key":"half`
		sending, out := io.Pipe()
		req := w.raw(http.MethodPost, "/api/v1"+w.connection+"/interviews/bulk")
		req.Body, req.ContentLength = sending, -1
		go func() { _, _ = io.WriteString(out, half) }()
		resp, err := w.client.Do(req)
		require.NoError(w, err)
		defer resp.Body.Close()
		answer := make([]byte, 10)
		_, err = io.ReadFull(resp.Body, answer)
		require.NoError(w, err)
		require.NoError(w, out.CloseWithError(errors.New("the caller has left")))
		_, _ = io.Copy(io.Discard, resp.Body)
		require.Len(w, w.get(w.connection+"/interviews").ids(), 1, "half a line is none")
	})
}

func TestEveryProblemWithTheSettingsIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		got := w.patch(w.connection, object{"settings": object{"color": "red", "shape": "round", "hide_score": 1}}).refused(422, "invalid_settings", "settings.color")
		for _, name := range []string{"color", "shape", "hide_score"} {
			require.Contains(w, string(got.body), "settings."+name)
		}
		require.NotContains(w, string(got.body), "round", "names, never values")
	})
}
