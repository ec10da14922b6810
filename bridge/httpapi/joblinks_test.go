package httpapi_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// recruiting is a product with administrators, a primary user, linked jobs and own
// keys.
var recruiting = setup{policy: func(p *ats.Policy) {
	p.Types = []ats.InterviewType{ats.OneWay}
	p.QuestionSet = map[ats.InterviewType]ats.Need{ats.OneWay: ats.Required}
	p.JobLink, p.ActorKey, p.PrimaryUser = ats.Required, ats.KeyOwn, ats.Required
	p.WhilePending, p.AfterCompleted = ats.Decline, ats.Decline
	p.Scope = ats.ScopeCandidate
	p.Settings = ats.SettingsByAdministrator
	p.Deadline = ats.DeadlineRule{Given: ats.Optional, Time: ats.Forbidden, DefaultDays: 7, Midnight: ats.EndOfDay, Ends: true}
}}

func asAdmin(id string) []string { return append(as(id), "Sparkbridge-Actor-Admin", "true") }

// recruit connects a tenant of a product like [recruiting], with the linked users
// asha-lind, the primary one, and bo.
func (w *world) recruit() (bo sparkhiretest.User) {
	w.Helper()
	var c struct{ ID string }
	w.post("/connections", object{"adapter": "memory", "tenant": "care", "name": "Example Care AB", "time_zone": "Europe/Stockholm"}).
		want(http.StatusCreated).into(&c)
	w.connection = "/connections/" + c.ID
	bo = w.spark.AddUser(sparkhiretest.User{Name: "Bo Ek", Email: "bo@care.example"})
	for id, key := range map[string]string{"asha-lind": w.asha.Key, "bo": bo.Key} {
		w.account.AddUser(ats.User{ID: id})
		w.put(w.connection+"/users/"+id, object{"name": id, "api_key": key}, asAdmin("ines")...).want(http.StatusOK)
	}
	w.account.AddUser(ats.User{ID: "ines", Admin: true})
	w.patch(w.connection, object{"primary_user": "asha-lind", "enabled": true}, asAdmin("ines")...).want(http.StatusOK)
	return bo
}

func nobodyYet(s setup) setup {
	s.nothing = true
	return s
}

type linkShown struct {
	JobID     string `json:"job_id"`
	SparkHire string `json:"spark_hire_job_id"`
	Set       string `json:"question_set_id"`
	URL       string
}

func (w *world) jobsMade() int { return len(w.spark.RequestsTo(http.MethodPost, "/jobs")) }

func TestR10AJobIsLinkedOnce(t *testing.T) {
	t.Parallel()
	overHTTP(t, nobodyYet(recruiting), func(w *world) {
		w.recruit()
		path := w.connection + "/job-links/4711"
		create := object{"create": object{"title": "Ward nurse II", "city": "Lund", "region": "Skåne", "country": "Sweden", "description": "Night shifts."}, "question_set_id": w.set.ID}
		w.get(path).refused(404, "not_found", "")
		w.put(path, create).refused(422, "actor_required", "Sparkbridge-Actor-Id")
		w.put(path, create, as("stranger")...).refused(403, "user_not_linked", "") // R9
		var first, again linkShown
		w.put(path, create, as("bo")...).want(http.StatusOK).into(&first)
		require.Equal(w, "4711", first.JobID)
		require.Equal(w, w.set.ID, first.Set)
		require.Equal(w, "https://app.sparkhire.com/company/jobs/"+first.SparkHire, first.URL) // R11

		for _, who := range [][]string{as("bo"), as("asha-lind"), asAdmin("asha-lind")} {
			w.put(path, create, who...).want(http.StatusOK).into(&again)
			require.Equal(w, first, again)
		}
		w.get(path).want(http.StatusOK).into(&again)
		require.Equal(w, first, again)
		require.Equal(w, 1, w.jobsMade())
	})
}

func TestWhatALinkNamesMustExistAtSparkHire(t *testing.T) {
	t.Parallel()
	overHTTP(t, nobodyYet(recruiting), func(w *world) {
		w.recruit()
		path := w.connection + "/job-links/4711"
		put := func(body object, who ...string) *answer { return w.put(path, body, append(who, as("bo")...)...) }
		put(object{}).refused(422, "invalid_job_link", "spark_hire_job_id")
		put(object{"create": object{"title": " "}}).refused(422, "invalid_job_link", "create.title")
		put(object{"create": object{"title": "x"}, "spark_hire_job_id": w.nurse.ID}).refused(422, "invalid_job_link", "create")
		put(object{"question_set_id": w.set.ID}).refused(422, "job_not_linked", "spark_hire_job_id")
		put(object{"spark_hire_job_id": "nothing"}).refused(422, "unknown_spark_hire_job", "spark_hire_job_id")
		put(object{"spark_hire_job_id": w.nurse.ID, "question_set_id": "nothing"}).refused(422, "unknown_question_set", "question_set_id")
		w.get(path).refused(404, "not_found", "")

		var l linkShown
		put(object{"spark_hire_job_id": w.nurse.ID}).want(http.StatusOK).into(&l)
		require.Equal(w, linkShown{"4711", w.nurse.ID, "", "https://app.sparkhire.com/company/jobs/" + w.nurse.ID}, l)
		later := w.spark.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Made a moment ago"}) // R12
		put(object{"question_set_id": later.ID}).want(http.StatusOK).into(&l)
		require.Equal(w, later.ID, l.Set)
		put(object{"question_set_id": ""}).want(http.StatusOK).into(&l)
		require.Equal(w, linkShown{"4711", w.nurse.ID, "", l.URL}, l)

		other := w.spark.AddJob(sparkhiretest.Job{Title: "Porter", Address: "Lund, Sweden"})
		put(object{"spark_hire_job_id": other.ID}).refused(403, "not_admin", "spark_hire_job_id")
		w.put(path, object{"spark_hire_job_id": other.ID}, asAdmin("bo")...).want(http.StatusOK).into(&l)
		require.Equal(w, other.ID, l.SparkHire)
		require.Zero(w, w.jobsMade())

		w.delete(path, as("stranger")...).refused(403, "user_not_linked", "")
		for range 2 {
			w.delete(path, as("bo")...).want(http.StatusNoContent)
		}
		w.get(path).refused(404, "not_found", "")
	})
}

func TestAJobWhoseAnswerWasLostIsFoundAgain(t *testing.T) {
	t.Parallel()
	create := object{"create": object{"title": "Porter", "city": "Lund", "country": "Sweden"}}
	for name, tc := range map[string]struct {
		do   sparkhiretest.Action
		when sparkhiretest.Phase
		made int // calls to Spark Hire
	}{
		"the job was made":                 {sparkhiretest.LoseConnection(), sparkhiretest.AfterEffect, 1},
		"the job was made, with an error":  {sparkhiretest.Respond(500, nil, `{}`), sparkhiretest.AfterEffect, 1},
		"the job was not made":             {sparkhiretest.LoseConnection(), sparkhiretest.BeforeEffect, 2},
		"an answer that cannot be read":    {sparkhiretest.MalformedJSON(), sparkhiretest.AfterEffect, 1},
		"an answer that never comes":       {sparkhiretest.Hold(), sparkhiretest.AfterEffect, 1},
		"an answer that breaks off midway": {sparkhiretest.TruncateBody(10), sparkhiretest.AfterEffect, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inTime(t, nobodyYet(recruiting), func(w *world) {
				w.recruit()
				w.spark.AddJob(sparkhiretest.Job{Title: "Porter", Description: "Somebody else's.", Address: "Lund, Sweden"})
				path := w.connection + "/job-links/4711"
				w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/jobs", Do: tc.do, When: tc.when})
				w.put(path, create, as("bo")...).refused(503, "unavailable", "")
				w.get(path).refused(404, "not_found", "")
				soon := w.put(path, create, as("asha-lind")...).refused(503, "unavailable", "")
				require.NotEmpty(w, soon.header.Get("Retry-After"))
				require.Equal(w, 1, w.jobsMade())

				w.pass(time.Minute)
				var l linkShown
				w.put(path, create, as("asha-lind")...).want(http.StatusOK).into(&l)
				w.put(path, create, as("asha-lind")...).want(http.StatusOK)
				require.Equal(w, tc.made, w.jobsMade())
				made := 0
				for _, j := range w.spark.Jobs() {
					if j.Title == "Porter" {
						made++
					}
				}
				require.Equal(w, 2, made, "one, beside somebody else's")
			})
		})
	}
}

func TestAJobThatCannotBeToldFromOthersNeedsAPerson(t *testing.T) {
	t.Parallel()
	inTime(t, nobodyYet(recruiting), func(w *world) {
		bo := w.recruit()
		path := w.connection + "/job-links/4711"
		create := object{"create": object{"title": "Porter", "city": "Lund", "country": "Sweden"}}
		w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/jobs", Do: sparkhiretest.LoseConnection(), When: sparkhiretest.AfterEffect})
		w.put(path, create, as("bo")...).refused(503, "unavailable", "")
		w.pass(time.Minute)
		require.NoError(w, w.spark.SetUserDisabled(bo.ID, true)) // the key that asked sees nothing any more
		w.put(path, create, as("asha-lind")...).refused(409, "spark_hire_job_unconfirmed", "spark_hire_job_id")
		require.Equal(w, 1, w.jobsMade())
		w.put(path, object{"spark_hire_job_id": w.nurse.ID}, as("asha-lind")...).want(http.StatusOK)
		w.put(path, create, as("asha-lind")...).want(http.StatusOK)
		require.Equal(w, 1, w.jobsMade())
	})
}

func TestAJobThatSparkHireRefusesLeavesNoTrace(t *testing.T) {
	t.Parallel()
	overHTTP(t, nobodyYet(recruiting), func(w *world) {
		w.recruit()
		path := w.connection + "/job-links/4711"
		create := object{"create": object{"title": "Porter"}} // no address
		w.put(path, create, as("bo")...).refused(422, "spark_hire_refused", "create")
		w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/jobs", Do: sparkhiretest.TooManyRequests(17)})
		w.put(path, create, as("bo")...).refused(429, "rate_limited", "")
		create["create"].(object)["city"] = "Lund"
		w.put(path, create, as("bo")...).want(http.StatusOK)
	})
}

func TestPeopleWhoLinkAJobAtTheSameTimeMakeOne(t *testing.T) {
	t.Parallel()
	overHTTP(t, nobodyYet(recruiting), func(w *world) {
		w.recruit()
		path := w.connection + "/job-links/4711"
		create := object{"create": object{"title": "Porter", "city": "Lund"}}
		var wg sync.WaitGroup
		statuses := make([]int, 8)
		for n := range statuses {
			wg.Go(func() {
				req, err := http.NewRequestWithContext(w.Context(), http.MethodPut, w.url+"/api/v1"+path, jsonBody(create))
				if err != nil {
					return
				}
				req.Header.Set("Authorization", "Bearer "+token)
				req.Header.Set("Sparkbridge-Actor-Id", "bo")
				resp, err := w.client.Do(req)
				if err != nil {
					return
				}
				defer resp.Body.Close()
				statuses[n] = resp.StatusCode
			})
		}
		wg.Wait()
		require.Contains(w, statuses, http.StatusOK)
		for _, status := range statuses {
			require.Contains(w, []int{http.StatusOK, http.StatusServiceUnavailable}, status)
		}
		require.Equal(w, 1, w.jobsMade())
		w.put(path, create, as("bo")...).want(http.StatusOK)
		require.Equal(w, 1, w.jobsMade())
	})
}
