package httpapi_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAConnectionIsCreatedReadListedAndChanged(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{nothing: true}, func(w *world) {
		created := w.post("/connections", object{
			"adapter": "memory", "tenant": "care", "name": "Example Care AB", "time_zone": "Europe/Stockholm",
			"enabled": true, "settings": object{"hide_score": true},
			"spark_hire": object{"version": "v1", "organization_key": w.admin.Key},
		}, "Sparkbridge-Actor-Id", "ines").want(http.StatusCreated)
		var c object
		created.into(&c)
		path := "/connections/" + c["id"].(string)
		require.Equal(w, "/api/v1"+path, created.header.Get("Location"))
		require.NotContains(w, string(created.body), w.admin.Key)
		require.Equal(w, object{"version": "v1", "organization_key_set": true}, c["spark_hire"])
		require.Equal(w, object{"hide_score": true}, c["settings"])
		require.Equal(w, true, c["connected"])

		var read, page object
		w.get(path).want(http.StatusOK).into(&read)
		require.Equal(w, c, read)
		w.get("/connections?adapter=memory").want(http.StatusOK).into(&page)
		require.Equal(w, []any{any(c)}, page["items"])
		require.Empty(w, page["next_cursor"])
		require.Empty(w, w.get("/connections?adapter=other").ids())

		w.patch(path, object{"name": "Example Care", "enabled": false, "settings": object{"hide_score": nil}}).want(http.StatusOK).into(&read)
		require.Equal(w, "Example Care", read["name"])
		require.Equal(w, false, read["enabled"])
		require.Equal(w, object{}, read["settings"])
		require.Equal(w, "Europe/Stockholm", read["time_zone"], "what is left out stays")
		w.patch(path, object{"spark_hire": object{"organization_key": ""}}).want(http.StatusOK).into(&read)
		require.Equal(w, object{"version": "v1", "organization_key_set": false}, read["spark_hire"])

		at := read["updated_at"]
		w.patch(path, object{}).want(http.StatusOK).into(&read)
		require.Equal(w, at, read["updated_at"], "nothing was changed")
	})
}

func TestWhatAConnectionMustNotBe(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		body := func(change object) object {
			b := object{"adapter": "memory", "tenant": "new", "time_zone": "Europe/Stockholm", "spark_hire": object{"version": "v1"}}
			maps.Copy(b, change)
			return b
		}
		for _, c := range []struct {
			title  string
			change object
			status int
			code   string
			field  string
		}{
			{"a tenant that is connected", object{"tenant": "care"}, 409, "connection_exists", "tenant"},
			{"without a tenant", object{"tenant": ""}, 422, "tenant_required", "tenant"},
			{"of an adapter that is not there", object{"adapter": "nothing"}, 422, "adapter_unknown", "adapter"},
			{"with a member that is not there", object{"color": "red"}, 422, "unknown_field", "color"},
			{"with a number for a name", object{"name": 5}, 422, "invalid_request", "name"},
			{"without a time zone where one is needed", object{"time_zone": ""}, 422, "time_zone_required", "time_zone"},
			{"with a time zone that is not there", object{"time_zone": "Europe/Lund"}, 422, "time_zone_unknown", "time_zone"},
			{"with a setting that is not there", object{"settings": object{"hide_scores": true}}, 422, "invalid_settings", "settings.hide_scores"},
			{"with a setting of the wrong kind", object{"settings": object{"hide_score": "yes"}}, 422, "invalid_settings", "settings.hide_score"},
			{"with settings that are no object", object{"settings": []int{1}}, 422, "invalid_request", "settings"},
			{"of v2 without a client", object{"spark_hire": object{"version": "v2"}}, 422, "client_required", "spark_hire.client_id"},
			{"of v2 without a client secret", object{"spark_hire": object{"version": "v2", "client_id": "c"}}, 422, "client_required", "spark_hire.client_secret"},
			{"of v2 with a client that Spark Hire does not accept", object{"spark_hire": object{"version": "v2", "client_id": "c", "client_secret": "s"}}, 422, "invalid_key", "spark_hire.client_secret"},
			{"of v2 with a client id that is none", object{"spark_hire": object{"version": "v2", "client_id": "c/d", "client_secret": "s"}}, 422, "invalid_key", "spark_hire.client_id"},
			{"of v2 with a key", object{"spark_hire": object{"version": "v2", "client_id": "c", "client_secret": "s", "organization_key": "k"}}, 422, "unsupported", "spark_hire.organization_key"},
			{"of v2 with an empty webhook secret", object{"spark_hire": object{"version": "v2", "client_id": "c", "client_secret": "s", "webhook_secret": []string{"a", ""}}}, 422, "invalid_key", "spark_hire.webhook_secret"},
			{"of v2 with many webhook secrets", object{"spark_hire": object{"version": "v2", "client_id": "c", "client_secret": "s", "webhook_secret": []string{"a", "b", "c", "d"}}}, 422, "invalid_request", "spark_hire.webhook_secret"},
			{"of v2 with a number for a webhook secret", object{"spark_hire": object{"version": "v2", "client_id": "c", "client_secret": "s", "webhook_secret": 5}}, 422, "invalid_request", "spark_hire.webhook_secret"},
			{"of v1 with v2's webhook secret", object{"spark_hire": object{"webhook_secret": "w"}}, 422, "unsupported", "spark_hire.webhook_secret"},
			{"of v1 with v2's client secret", object{"spark_hire": object{"client_secret": "w"}}, 422, "unsupported", "spark_hire.client_secret"},
			{"with parts of v2", object{"spark_hire": object{"version": "v1", "client_id": "c"}}, 422, "unsupported", "spark_hire.client_id"},
			{"of an API that is not there", object{"spark_hire": object{"version": "v9"}}, 422, "unsupported", "spark_hire.version"},
			{"with a member that Spark Hire has not", object{"spark_hire": object{"key": "k"}}, 422, "unknown_field", "spark_hire.key"},
			{"with a key that Spark Hire does not accept", object{"spark_hire": object{"organization_key": "nobody's key"}}, 422, "invalid_key", "spark_hire.organization_key"},
		} {
			got := w.post("/connections", body(c.change))
			require.Equal(w, c.status, got.status, "%s: %s", c.title, got.body)
			got.refused(c.status, c.code, c.field)
		}
		require.Len(w, w.get("/connections").ids(), 1, "nothing was made")

		w.patch(w.connection, object{"tenant": "other"}).refused(422, "unknown_field", "tenant")
		w.patch(w.connection, object{"time_zone": nil}).refused(422, "time_zone_required", "time_zone")
		w.patch(w.connection, object{"settings": nil}).refused(422, "invalid_request", "settings")
		w.patch(w.connection, object{"spark_hire": object{"version": "v2"}}).refused(422, "client_required", "spark_hire.client_id")
		w.patch(w.connection, object{"primary_user": "nobody"}).refused(403, "user_not_linked", "primary_user")
		w.patch(w.connection, object{"name": "x", "spark_hire": object{"organization_key": "nobody's"}}).refused(422, "invalid_key", "spark_hire.organization_key")
		var c object
		w.get(w.connection).want(http.StatusOK).into(&c)
		require.Equal(w, "Example Care AB", c["name"], "a refused change changes nothing")
		w.get("/connections/nobody").refused(404, "not_found", "")
		w.patch("/connections/nobody", object{}).refused(404, "not_found", "")
		w.delete("/connections/nobody").refused(404, "not_found", "")
	})
}

func TestADisconnectedConnectionRefusesAndCanBeConnectedAgain(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{}, func(w *world) {
		for range 2 {
			w.delete(w.connection).want(http.StatusNoContent)
		}
		var c object
		w.get(w.connection).want(http.StatusOK).into(&c)
		require.Equal(w, false, c["connected"])
		row, err := w.ledger.GetConnection(w.Context(), c["id"].(string))
		require.NoError(w, err)
		require.Empty(w, row.Users[0].Key)

		w.patch(w.connection, object{"name": "x"}).refused(422, "connection_disconnected", "")
		w.put(w.connection+"/users/asha-lind", object{"api_key": w.asha.Key}).refused(422, "connection_disconnected", "")
		w.get(w.connection+"/spark-hire/jobs?user=asha-lind").refused(422, "connection_disconnected", "")
		w.post(w.connection+"/interviews", w.candidate("Mira"), "Idempotency-Key", "k").refused(422, "connection_disconnected", "")

		var again object
		w.post("/connections", object{"adapter": "memory", "tenant": "care", "time_zone": "Europe/Stockholm"}).want(http.StatusCreated).into(&again)
		require.Equal(w, c["id"], again["id"])
		require.Equal(w, true, again["connected"])
	})
}

func TestConnectionsHavePages(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{nothing: true}, func(w *world) {
		var made []string
		for _, tenant := range []string{"a", "b", "c"} {
			var c struct{ ID string }
			w.post("/connections", object{"adapter": "memory", "tenant": tenant, "time_zone": "Europe/Stockholm"}).want(http.StatusCreated).into(&c)
			made = append(made, c.ID)
		}
		var first struct {
			NextCursor string `json:"next_cursor"`
		}
		page := w.get("/connections?limit=2")
		require.Equal(w, made[:2], page.ids())
		page.into(&first)
		require.Equal(w, made[2:], w.get("/connections?limit=2&cursor="+first.NextCursor).ids())
		w.get("/connections?cursor=nonsense").refused(422, "invalid_request", "cursor")
		w.get("/connections?limit=0").refused(422, "invalid_request", "limit")
		for _, many := range []string{"201", "9999999", "99999999999999999999"} {
			require.Len(w, w.get("/connections?limit="+many).ids(), 3, "the longest page there is")
		}
		w.get("/connections?limit=a+few").refused(422, "invalid_request", "limit")
		w.get("/connections?adaptor=memory").refused(422, "unknown_field", "adaptor")
		w.get("/connections?limit=1&limit=2").refused(422, "invalid_request", "limit")
		w.get("/connections?adapter=a%00b").refused(422, "invalid_request", "adapter")
		w.get("/connections?adapter=%ff").refused(422, "invalid_request", "adapter")
		w.get("/connections?limit=%zz").refused(422, "invalid_request", "")
	})
}
