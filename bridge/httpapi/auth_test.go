package httpapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/httpapi"
)

func TestOnlyATokenOpensTheAPI(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		for _, c := range []struct {
			title, authorization string
			status               int
		}{
			{"a token", "Bearer " + token, 200},
			{"the other token", "Bearer another-token", 200},
			{"in another spelling", "bearer  " + token + " ", 200},
			{"none", "", 401},
			{"an empty one", "Bearer ", 401},
			{"only the scheme", "Bearer", 401},
			{"the beginning of one", "Bearer " + token[:5], 401},
			{"more than one", "Bearer " + token + "x", 401},
			{"two at once", "Bearer " + token + " another-token", 401},
			{"another scheme", "Basic " + token, 401},
			{"no scheme", token, 401},
		} {
			got := w.get("/connections", "Authorization", c.authorization)
			require.Equal(w, c.status, got.status, c.title)
			if c.status == 401 {
				got.refused(401, "unauthorized", "")
				require.Contains(w, got.header.Get("WWW-Authenticate"), "Bearer")
			}
		}
		for _, path := range []string{"/openapi.yaml", "/nowhere", "/connections/x/interviews"} {
			w.get(path, "Authorization", "").refused(401, "unauthorized", "")
		}
		w.call(http.MethodTrace, "/connections", nil, "Authorization", "").refused(401, "unauthorized", "")
	})
}

func TestWithoutTokensNothingOpensTheAPI(t *testing.T) {
	t.Parallel()
	closed := setup{nothing: true, config: func(c *bridge.Config) { c.APITokens = nil }}
	overHTTP(t, closed, func(w *world) {
		for _, authorization := range []string{"", "Bearer", "Bearer ", "Bearer " + token} {
			w.get("/connections", "Authorization", authorization).refused(401, "unauthorized", "")
		}
		for _, path := range []string{"/healthz", "/readyz"} {
			resp, err := w.client.Get(w.url + path)
			require.NoError(w, err)
			require.NoError(w, resp.Body.Close())
			require.Equal(w, http.StatusOK, resp.StatusCode, path)
		}
	})
	empty := httpapi.New(httpapi.Config{Tokens: []ats.Secret{""}})
	rec := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodGet, "/api/v1/connections", nil)
	req.Header.Set("Authorization", "Bearer ")
	empty.ServeHTTP(rec, req)
	require.Equal(t, http.StatusUnauthorized, rec.Code)
}

func TestPostsFromPagesOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		form := "application/x-www-form-urlencoded"
		w.post("/connections", "a=b", "Content-Type", form, "Origin", "https://evil.example").refused(403, "not_permitted", "")
		w.post("/connections", "a=b", "Content-Type", form, "Sec-Fetch-Site", "cross-site").refused(403, "not_permitted", "")
		w.delete(w.connection, "Sec-Fetch-Site", "same-site").refused(403, "not_permitted", "")
		w.get("/connections", "Sec-Fetch-Site", "cross-site").want(http.StatusOK)
		w.patch(w.connection, object{"name": "x"}, "Sec-Fetch-Site", "same-origin").want(http.StatusOK)
	})
}

func TestAnActorIsNamedInHeaders(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		body := w.candidate("Mira")
		body["due"] = object{"date": "2099-03-17", "time": "14:30"}
		ask := func(key string, headers ...string) *answer {
			return w.post(w.connection+"/interviews", body, append(headers, "Idempotency-Key", key)...)
		}
		ask("1", "Sparkbridge-Actor-Name", "Tove").refused(422, "actor_required", "Sparkbridge-Actor-Id")
		ask("1", "Sparkbridge-Actor-Id", "t", "Sparkbridge-Actor-Admin", "perhaps").refused(422, "invalid_request", "Sparkbridge-Actor-Admin")
		ask("1", "Sparkbridge-Actor-Id", "t", "Sparkbridge-Actor-Time-Zone", "Nowhere").refused(422, "time_zone_unknown", "Sparkbridge-Actor-Time-Zone")
		ask("1", "Sparkbridge-Actor-Id", strings.Repeat("t", 201)).refused(422, "invalid_request", "Sparkbridge-Actor-Id")

		w.account.AddUser(ats.User{ID: "tove"})
		var i shown
		ask("1", "Sparkbridge-Actor-Id", "tove", "Sparkbridge-Actor-Name", "Tove \xc5berg", "Sparkbridge-Actor-Admin", "true",
			"Sparkbridge-Actor-Time-Zone", "America/Chicago").want(http.StatusAccepted).into(&i)
		require.Equal(w, "tove", i.RequestedBy.ID)
		require.Equal(w, "Tove Åberg", i.RequestedBy.Name, "Latin-1 is understood")
		require.Equal(w, "America/Chicago", i.Due.TimeZone, "the actor's zone, before the connection's")
	})
}

func TestAHostResolvesACredential(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		credential := w.account.AddUser(ats.User{ID: "asha-lind", Name: "Asha L."})
		body := w.candidate("Mira")
		delete(body, "requested_for")
		var i shown
		w.post(w.connection+"/interviews", body, "Idempotency-Key", "1", "Sparkbridge-Actor-Credential", credential,
			"Sparkbridge-Actor-Id", "somebody else").want(http.StatusAccepted).into(&i)
		require.Equal(w, "asha-lind", i.RequestedBy.ID, "the host's word counts, and who is linked asks for themselves")

		w.get("/interviews/"+i.ID, "Sparkbridge-Actor-Credential", "stolen").refused(401, "unauthorized", "Sparkbridge-Actor-Credential")
		w.post("/connections", object{"adapter": "memory", "tenant": "x"}, "Sparkbridge-Actor-Credential", credential).refused(422, "invalid_request", "Sparkbridge-Actor-Credential")
		w.memory.FailNext(1, ats.ErrUnavailable)
		w.get("/interviews/"+i.ID, "Sparkbridge-Actor-Credential", credential).refused(503, "unavailable", "")
	})
	overHTTP(t, setup{wrap: bareAdapter}, func(w *world) {
		w.patch(w.connection, object{"name": "x"}, "Sparkbridge-Actor-Credential", "c").refused(501, "not_supported", "Sparkbridge-Actor-Credential")
	})
}

// TestTheDocumentIsServed also without a body.
func TestTheDocumentIsServed(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		got := w.get("/openapi.yaml").want(http.StatusOK)
		require.True(w, strings.HasPrefix(string(got.body), "openapi: 3.1"))
		head := w.call(http.MethodHead, "/openapi.yaml", nil).want(http.StatusOK)
		require.Empty(w, head.body)
		head = w.call(http.MethodHead, w.connection, nil).want(http.StatusOK)
		require.Equal(w, "application/json", head.header.Get("Content-Type"))
		resp, err := w.client.Get(w.url + "/nowhere")
		require.NoError(w, err)
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(w, err)
		require.Equal(w, http.StatusNotFound, resp.StatusCode)
	})
}
