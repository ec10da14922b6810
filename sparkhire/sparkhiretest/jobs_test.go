package sparkhiretest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestJobs(t *testing.T) {
	t.Parallel()
	cook := object{"title": "Cook", "description": "Nights.", "location": object{"formatted_address": "Oslo, Norway"}}

	t.Run("what is created can be read, changed and deleted", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		made := w.do(201, "POST", "/jobs", cook).object()
		path := "/jobs/" + made["uuid"].(string)
		require.Equal(t, object{
			"uuid": made["uuid"], "title": "Cook", "description": "Nights.", "status": "active",
			"location": object{"formatted_address": "Oslo, Norway"}, "status_updated_at": "2026-03-02T10:00:00+00:00",
			"created_at": "2026-03-02T10:00:00+00:00", "updated_at": "2026-03-02T10:00:00+00:00",
			"created_by": object{
				"uuid": w.ana.ID, "name": "Ana Ruiz", "email": "ana.ruiz@northwind.example", "avatar": nil,
			},
		}, w.do(200, "GET", path, nil).object())

		w.clock.Advance(time.Minute)
		changed := w.do(200, "PUT", path, object{"title": "Chef"}).object()
		require.Equal(t, "Chef", changed["title"])
		require.Equal(t, "Nights.", changed["description"], "PUT merges")
		require.Equal(t, "2026-03-02T10:01:00+00:00", changed["updated_at"])
		require.Equal(t, "2026-03-02T10:00:00+00:00", changed["status_updated_at"])
		w.clock.Advance(time.Minute)
		changed = w.do(200, "PUT", path, object{"status": "inactive"}).object()
		require.Equal(t, "2026-03-02T10:02:00+00:00", changed["status_updated_at"])

		w.do(204, "DELETE", path, nil)
		w.do(404, "GET", path, nil)
		w.do(404, "PUT", path, object{"title": "x"})
		w.do(404, "DELETE", path, nil)
		require.Equal(t, []any{"Ward Nurse"}, w.do(200, "GET", "/jobs", nil).values("title"))
		gone, ok := w.Job(made["uuid"].(string))
		require.True(t, ok)
		require.True(t, gone.Deleted)
	})
	t.Run("a bad body is refused with the field's name", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		for field, values := range map[string][]any{
			"title":    {nil, "", "  ", 7},
			"status":   {"open", "Active", 1},
			"location": {nil, object{}, object{"zip": "1"}, object{"formatted_address": 1}, "Oslo", []any{}},
		} {
			for _, value := range values {
				require.Contains(t, w.do(400, "POST", "/jobs", with(cook, field, value)).reason(), field, "%v", value)
			}
		}
	})
	t.Run("a location can be given in parts, or be optional", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		parts := object{"city": "Austin", "state": "TX", "country": "USA"}
		made := w.do(201, "POST", "/jobs", with(cook, "location", parts)).object()
		require.Equal(t, "Austin, TX, USA", made["location"].(object)["formatted_address"])

		w = newWorld(t, sparkhiretest.WithJobLocationOptional())
		require.Nil(t, w.do(201, "POST", "/jobs", with(cook, "location", nil)).object()["location"])
	})
	t.Run("PUT can replace", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, sparkhiretest.WithPutReplaces())
		path := "/jobs/" + w.job.ID
		require.Contains(t, w.do(400, "PUT", path, object{"title": "Chef"}).reason(), "location")
		changed := w.do(200, "PUT", path, with(cook, "description", nil)).object()
		require.Empty(t, changed["description"])
	})
	t.Run("active jobs use the plan's slots", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.SetPlan(w.Account().ID, sparkhiretest.Plan{ActiveJobs: 1, Users: 9})
		require.Contains(t, w.do(400, "POST", "/jobs", cook).reason(), "active_jobs_limit")
		path := "/jobs/" + w.do(201, "POST", "/jobs", with(cook, "status", "inactive")).object()["uuid"].(string)
		w.do(400, "PUT", path, object{"status": "active"})
		w.do(200, "PUT", "/jobs/"+w.job.ID, object{"title": "Still mine"})
		require.NoError(t, w.SetJobActive(w.job.ID, false))
		w.do(200, "PUT", path, object{"status": "active"})
	})
	t.Run("a job takes its interviews along", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := w.invite()
		require.NoError(t, w.DeleteJob(w.job.ID))
		w.do(404, "GET", "/interviews/"+id, nil)
		require.Equal(t, sparkhiretest.Deleted, w.state(id))
		require.ErrorIs(t, w.DeleteJob(w.job.ID), sparkhiretest.ErrNotFound)
		require.Contains(t, w.do(400, "POST", "/interviews", w.interviewBody()).reason(), "job_uuid")
	})
	t.Run("the Go view agrees", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.do(201, "POST", "/jobs", cook)
		all := w.Jobs()
		require.Equal(t, w.job, all[0])
		require.Equal(t, sparkhiretest.Job{
			ID: all[1].ID, AccountID: w.Account().ID, Title: "Cook", Description: "Nights.", Address: "Oslo, Norway",
			CreatedBy: w.ana.ID,
		}, all[1])
		_, ok := w.Job("none")
		require.False(t, ok)
	})
}

func TestWordsCanBeSpelledDifferently(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sparkhiretest.WithWords(sparkhiretest.Words{Invited: "requested", JobActive: "Active"}))
	require.Equal(t, "Active", w.do(200, "GET", "/jobs/"+w.job.ID, nil).object()["status"])
	id := w.invite()
	require.Equal(t, "requested", w.do(200, "GET", "/interviews/"+id, nil).object()["status"])
	require.NoError(t, w.Accept(id))
	require.Equal(t, "accepted", w.do(200, "GET", "/interviews/"+id, nil).object()["status"], "not set, so as before")
}
