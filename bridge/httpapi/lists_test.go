package httpapi_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

func TestTheATSsJobsAndCandidatesAreListed(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		w.account.AddJob(ats.Job{ID: "9", Title: "Cook"})
		w.account.CloseJob("9")
		var jobs struct{ Items []object }
		w.get(w.connection + "/jobs").want(http.StatusOK).into(&jobs)
		require.Equal(w, []object{{"id": "4711", "title": "Ward nurse", "status": "open", "city": "Lund", "region": "", "country": ""}}, jobs.Items)

		first := w.account.AddCandidate("4711", ats.Candidate{FirstName: "Mira", Email: "mira@mail.example"})
		w.pass(time.Minute)
		later := time.Now()
		second := w.account.AddCandidate("4711", ats.Candidate{FirstName: "Ole", DoNotEmail: true})
		path := w.connection + "/jobs/4711/candidates"
		require.Equal(w, []string{first.ID, second.ID}, w.get(path).ids())
		var since struct{ Items []object }
		w.get(path + "?since=" + url.QueryEscape(later.Format(time.RFC3339))).want(http.StatusOK).into(&since)
		require.Equal(w, []object{{"id": second.ID, "first_name": "Ole", "last_name": "", "email": "", "do_not_email": true}}, since.Items)

		w.get(path+"?since=yesterday").refused(422, "invalid_request", "since")
		w.get(path+"?until=now").refused(422, "unknown_field", "until")
		w.get(w.connection+"/jobs/nothing/candidates").refused(404, "not_found", "")
		w.get("/connections/nobody/jobs").refused(404, "not_found", "")
		for err, want := range map[error]struct {
			status int
			code   string
		}{
			ats.ErrUnavailable:  {503, "unavailable"},
			ats.ErrUnauthorized: {503, "unavailable"},
			ats.ErrForbidden:    {503, "unavailable"},
			ats.ErrUnsupported:  {501, "not_supported"},
			ats.ErrHostCannot:   {501, "host_cannot"},
			&ats.RetryLaterError{At: time.Now().Add(90 * time.Second)}: {429, "rate_limited"},
		} {
			w.memory.FailNext(1, err)
			got := w.get(w.connection+"/jobs").refused(want.status, want.code, "")
			if want.status == 429 {
				require.Equal(w, "90", got.header.Get("Retry-After"))
			}
			w.memory.FailNext(1, err)
			w.get(path).refused(want.status, want.code, "")
		}
	})
}

func TestNobodyWaitsAMinuteForAList(t *testing.T) {
	t.Parallel()
	inTime(t, setup{wrap: func(m *memory.Adapter) ats.Adapter { return slow{m} }}, func(w *world) {
		got := w.get(w.connection+"/jobs").refused(429, "rate_limited", "")
		require.Equal(w, "60", got.header.Get("Retry-After"))
	})
}

func TestWhatAnAdapterCannotIsSaid(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{wrap: bareAdapter}, func(w *world) {
		w.get(w.connection+"/jobs").refused(501, "not_supported", "")
		w.get(w.connection+"/jobs/4711/candidates").refused(501, "not_supported", "")
		w.patch(w.connection, object{"settings": object{"hide_score": true}}).refused(422, "invalid_settings", "settings")
		w.patch(w.connection, object{"settings": object{}}).want(http.StatusOK)
	})
}

func TestJobsAreNotLinkedWhereRequestsNameTheSparkHireJob(t *testing.T) {
	t.Parallel()
	noLinks := setup{policy: func(p *ats.Policy) { p.JobLink = ats.Forbidden }}
	overHTTP(t, noLinks, func(w *world) {
		path := w.connection + "/job-links/4711"
		w.get(path).refused(404, "not_found", "")
		w.put(path, object{"spark_hire_job_id": w.nurse.ID}).refused(422, "job_link_not_allowed", "")
		w.delete(path).refused(422, "job_link_not_allowed", "")
		w.get("/connections/nobody/job-links/1").refused(404, "not_found", "")
	})
}

func TestSecretSettingsAreSealedAndNeverShown(t *testing.T) {
	t.Parallel()
	checked := make(chan ats.Connection, 10)
	hosted := setup{nothing: true, wrap: func(m *memory.Adapter) ats.Adapter { return secretive{m, checked} }}
	overHTTP(t, hosted, func(w *world) {
		created := w.post("/connections", object{
			"adapter": "memory", "tenant": "care", "time_zone": "Europe/Stockholm",
			"settings": object{"host_url": "https://host.example", "host_token": "hush-hush-1"},
		}).want(http.StatusCreated)
		require.Contains(w, string((<-checked).Settings), "hush-hush-1", "the adapter checks it")
		require.NotContains(w, string(created.body), "hush")
		var c object
		created.into(&c)
		require.Equal(w, object{"host_url": "https://host.example"}, c["settings"])
		id := c["id"].(string)
		secret := func() (ats.Secret, error) {
			row, err := w.engine.ConnectionByID(w.Context(), id)
			require.NoError(w, err)
			require.NotContains(w, string(row.Settings), "host_token")
			return w.engine.AdapterView(row).Secrets.Get(w.Context(), "host_token")
		}
		got, err := secret()
		require.NoError(w, err)
		require.Equal(w, "hush-hush-1", got.Reveal())
		require.False(w, w.inFiles("hush-hush"), "sealed")

		path := "/connections/" + id
		w.patch(path, object{"settings": object{"host_url": "https://other.example"}}).want(http.StatusOK)
		got, err = secret()
		require.NoError(w, err)
		require.Equal(w, "hush-hush-1", got.Reveal(), "what is left out stays")
		w.patch(path, object{"settings": object{"host_token": "hush-hush-2"}}).want(http.StatusOK)
		got, err = secret()
		require.NoError(w, err)
		require.Equal(w, "hush-hush-2", got.Reveal())
		w.patch(path, object{"settings": object{"host_token": 5}}).refused(422, "invalid_settings", "settings.host_token")
		w.patch(path, object{"settings": object{"host_token": nil, "host_url": nil}}).want(http.StatusOK).into(&c)
		require.Equal(w, object{}, c["settings"])
		_, err = secret()
		require.ErrorIs(w, err, ats.ErrNotFound)
		require.Contains(w, w.audit(), ": update connection (settings.host_token)")
	})
}
