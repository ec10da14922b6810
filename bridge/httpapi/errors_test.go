package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestWhatIsNotThereAndWhatIsNotAllowed(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		for _, path := range []string{"", "/", "/nowhere", "/connections/", "/interviews", "/connections/x/y", "/openapi.yml", "/metrics"} {
			w.get(path).refused(404, "not_found", "")
		}
		resp, err := w.client.Do(w.raw(http.MethodGet, "/api/v2/connections"))
		require.NoError(w, err)
		require.NoError(w, resp.Body.Close())
		require.Equal(w, http.StatusNotFound, resp.StatusCode)
		for _, c := range []struct{ method, path, allow string }{
			{http.MethodPut, "/connections", "GET, HEAD, POST"},
			{http.MethodPost, w.connection, "DELETE, GET, HEAD, PATCH"},
			{http.MethodGet, "/interviews/x/cancel", "POST"},
			{http.MethodPost, "/openapi.yaml", "GET, HEAD"},
			{http.MethodOptions, "/deliveries", "GET, HEAD"},
			{http.MethodGet, w.connection + "/interviews/bulk", "POST"},
			{"BREW", w.connection + "/candidates/c", "DELETE"},
		} {
			got := w.call(c.method, c.path, nil)
			require.Equal(w, 405, got.status, "%s %s", c.method, c.path)
			require.Contains(w, string(got.body), `"code":"method_not_allowed"`)
			require.Equal(w, c.allow, got.header.Get("Allow"))
		}
	})
}

// raw makes a request with a token outside /api/v1.
func (w *world) raw(method, path string) *http.Request {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), method, w.url+path, nil)
	require.NoError(w, err)
	req.Header.Set("Authorization", "Bearer "+token)
	return req
}

func TestBodiesThatAreNotWhatTheyShouldBe(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		for _, c := range []struct {
			title, body string
			status      int
			code, field string
		}{
			{"nothing", "", 422, "invalid_json", ""},
			{"half an object", `{"adapter": "memory"`, 422, "invalid_json", ""},
			{"two objects", `{"adapter":"memory","tenant":"x"} {}`, 422, "invalid_json", ""},
			{"a list", `[]`, 422, "invalid_request", ""},
			{"a text", `"memory"`, 422, "invalid_request", ""},
			{"a member twice", `{"adapter":"memory","adapter":"memory"}`, 422, "invalid_json", "adapter"},
			{"a member in another case", `{"Adapter":"memory"}`, 422, "unknown_field", "Adapter"},
			{"text that is not UTF-8", "{\"adapter\":\"\xff\"}", 422, "invalid_json", ""},
			{"an unknown member deep inside", `{"spark_hire":{"a/b":1}}`, 422, "unknown_field", "spark_hire.a/b"},
			{"a form", "adapter=memory&tenant=x", 422, "invalid_json", ""},
			{"more than 1 MiB", `{"name":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "too_large", ""},
			{"a name that is too long", `{"adapter":"memory","tenant":"x","name":"` + strings.Repeat("x", 501) + `"}`, 422, "invalid_request", "name"},
		} {
			got := w.post("/connections", c.body)
			require.Equal(w, c.status, got.status, "%s: %s", c.title, got.body)
			got.refused(c.status, c.code, c.field)
		}
		just := `{"adapter":"memory","tenant":"just","time_zone":"Europe/Stockholm"}`
		w.post("/connections", just+strings.Repeat(" ", 1<<20-len(just))).want(http.StatusCreated)
	})
}

func TestSparkHireOutOfReachIsNotTheCallersMistake(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		second := w.spark.AddUser(sparkhiretest.User{Name: "Bo Ek", Email: "bo@care.example"})
		bo := w.connection + "/users/bo"
		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		got := w.put(bo, object{"api_key": second.Key}).refused(503, "unavailable", "")
		require.NotEmpty(w, got.header.Get("Retry-After"))
		w.get(w.connection+"/spark-hire/jobs?user=asha-lind").refused(503, "unavailable", "")
		w.spark.EndOutage()
		w.spark.Inject(sparkhiretest.Fault{Do: sparkhiretest.TooManyRequests(30)})
		got = w.put(bo, object{"api_key": second.Key}).refused(429, "rate_limited", "")
		require.Contains(w, []string{"29", "30", "31"}, got.header.Get("Retry-After"))
		w.put(bo, object{"api_key": second.Key}).want(http.StatusOK)
	})
	tight := setup{config: func(c *bridge.Config) { c.SparkHire.RequestsPerMinute = 1 }}
	overHTTP(t, tight, func(w *world) { // the check of the key has spent the budget
		got := w.get(w.connection+"/spark-hire/jobs?user=asha-lind").refused(429, "rate_limited", "")
		require.NotEmpty(w, got.header.Get("Retry-After"))
	})
}

func TestErrorsInsideTellNothing(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		_, err := w.ledger.DB().ExecContext(w.Context(), `DROP TABLE sparkbridge_secrets`)
		require.NoError(w, err)
		got := w.get(w.connection+"/users").refused(500, "internal", "")
		require.Contains(w, string(got.body), `"detail":""`)
		require.NotContains(w, string(got.body), "sparkbridge_secrets")
		id := got.header.Get("X-Request-Id")
		require.Contains(w, w.log.String(), id)
		require.Contains(w, w.log.String(), "sparkbridge_secrets", "who reads the log learns it")
	})
}

func TestAConnectionOfAnAdapterThatIsNotEnabledAnyMore(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		i := w.requested("Mira")
		_, err := w.ledger.DB().ExecContext(w.Context(), `UPDATE sparkbridge_connections SET adapter = 'gone'`)
		require.NoError(w, err)
		w.get(w.connection).want(http.StatusOK)
		require.Empty(w, w.read(i.ID).Actions)
		w.get(w.connection+"/jobs").refused(501, "not_supported", "")
		w.patch(w.connection, object{"name": "x"}).refused(501, "not_supported", "")
		w.post(w.connection+"/interviews", w.candidate("Ole"), "Idempotency-Key", "k").refused(501, "not_supported", "")
	})
}
