package httpapi_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func (w *world) link(question string) {
	w.Helper()
	w.put(w.connection+"/job-links/4711", object{"spark_hire_job_id": w.nurse.ID, "question_set_id": question}, as("asha-lind")...).want(http.StatusOK)
}

// ask asks for an interview of a candidate under the job's link.
func (w *world) ask(body object, key string, who ...string) *answer {
	w.Helper()
	for _, name := range []string{"requested_for", "spark_hire_job_id", "question_set_id"} {
		delete(body, name)
	}
	return w.post(w.connection+"/interviews", body, append(who, "Idempotency-Key", key)...)
}

func TestR1NothingIsOfferedUntilSupportHasEnabledIt(t *testing.T) {
	t.Parallel()
	overHTTP(t, nobodyYet(recruiting), func(w *world) {
		w.recruit()
		w.link(w.set.ID)
		var i shown
		w.ask(w.candidate("Mira"), "k", as("bo")...).want(http.StatusAccepted).into(&i)
		w.patch(w.connection, object{"settings": object{"closed": true}}, asAdmin("ines")...).want(http.StatusOK)
		admin := asAdmin("ines")
		for name, a := range map[string]*answer{
			"users":         w.get(w.connection+"/users", admin...),
			"put user":      w.put(w.connection+"/users/bo", object{"name": "Bo"}, admin...),
			"delete user":   w.delete(w.connection+"/users/bo", admin...),
			"jobs":          w.get(w.connection+"/spark-hire/jobs", as("bo")...),
			"question sets": w.get(w.connection+"/spark-hire/question-sets", as("bo")...),
			"link":          w.put(w.connection+"/job-links/4711", object{"question_set_id": ""}, as("bo")...),
			"see link":      w.get(w.connection+"/job-links/4711", as("bo")...),
			"unlink":        w.delete(w.connection+"/job-links/4711", as("bo")...),
			"send":          w.ask(w.candidate("Ole"), "k2", as("bo")...),
			"cancel":        w.post("/interviews/"+i.ID+"/cancel", nil, as("bo")...),
			"watch":         w.get("/interviews/"+i.ID+"/recording", as("bo")...),
		} {
			require.Equal(w, 403, a.status, "%s: %s", name, a.body)
			a.refused(403, "feature_not_enabled", "")
		}
		require.Empty(w, w.read(i.ID, as("bo")...).Actions)
		w.patch(w.connection, object{"enabled": false}, admin...).want(http.StatusOK)
		w.patch(w.connection, object{"enabled": true}, admin...).refused(403, "feature_not_enabled", "")
		w.patch(w.connection, object{"enabled": true, "settings": object{"closed": nil}}, admin...).want(http.StatusOK)
		w.get(w.connection+"/users", admin...).want(http.StatusOK)
	})
}

func TestR2ANewCompanyStartsSwitchedOff(t *testing.T) {
	t.Parallel()
	overHTTP(t, nobodyYet(recruiting), func(w *world) {
		var c struct {
			ID      string
			Enabled bool
		}
		create := object{"adapter": "memory", "tenant": "care", "time_zone": "Europe/Stockholm"}
		w.post("/connections", create).want(http.StatusCreated).into(&c)
		require.False(w, c.Enabled)
		w.connection = "/connections/" + c.ID
		w.put(w.connection+"/users/asha-lind", object{"api_key": w.asha.Key}, asAdmin("ines")...).want(http.StatusOK)
		w.account.AddUser(ats.User{ID: "asha-lind"})
		w.ask(w.candidate("Mira"), "k", as("asha-lind")...).refused(403, "integration_off", "")
		w.put(w.connection+"/job-links/4711", object{"spark_hire_job_id": w.nurse.ID}, as("asha-lind")...).refused(403, "integration_off", "")

		w.patch(w.connection, object{"enabled": true}, asAdmin("ines")...).refused(409, "primary_user_required", "primary_user") // R7
		w.patch(w.connection, object{"enabled": true, "primary_user": "asha-lind"}, asAdmin("ines")...).want(http.StatusOK)
		w.put(w.connection+"/users/asha-lind", object{"api_key": ""}, asAdmin("ines")...).refused(409, "primary_user_required", "")
		w.delete(w.connection+"/users/asha-lind", asAdmin("ines")...).refused(409, "primary_user_required", "")
	})
	overHTTP(t, nobodyYet(setup{}), func(w *world) {
		var c struct{ Enabled bool }
		w.post("/connections", object{"adapter": "memory", "tenant": "care", "time_zone": "Europe/Stockholm"}).want(http.StatusCreated).into(&c)
		require.True(w, c.Enabled)
	})
}

func TestWhileItIsSwitchedOffNothingIsSentOrCanceled(t *testing.T) {
	t.Parallel()
	overHTTP(t, nobodyYet(recruiting), func(w *world) {
		w.recruit()
		w.link(w.set.ID)
		var i shown
		mira := w.candidate("Mira")
		w.ask(mira, "k", as("bo")...).want(http.StatusAccepted).into(&i)
		require.Equal(w, []string{"cancel"}, i.Actions)
		w.ask(w.candidate("Ole"), "k2", as("stranger")...).refused(403, "user_not_linked", "requested_for") // R14
		w.patch(w.connection, object{"enabled": false}, asAdmin("ines")...).want(http.StatusOK)
		w.post("/interviews/"+i.ID+"/cancel", nil, as("bo")...).refused(403, "integration_off", "")
		w.ask(w.candidate("Ole"), "k2", as("bo")...).refused(403, "integration_off", "")
		w.delete(w.connection+"/job-links/4711", as("bo")...).refused(403, "integration_off", "")
		require.Empty(w, w.read(i.ID, as("bo")...).Actions)
		w.ask(mira, "k", as("bo")...).want(http.StatusAccepted) // a repeated one is the first
	})
}

func TestR3SettingsAreTheAdministrators(t *testing.T) {
	t.Parallel()
	overHTTP(t, nobodyYet(recruiting), func(w *world) {
		w.recruit()
		for _, call := range []func(who ...string) *answer{
			func(who ...string) *answer { return w.get(w.connection+"/users", who...) },
			func(who ...string) *answer { return w.put(w.connection+"/users/bo", object{"name": "Bo"}, who...) },
			func(who ...string) *answer { return w.patch(w.connection, object{"name": "Care"}, who...) },
		} {
			call().refused(422, "actor_required", "Sparkbridge-Actor-Id")
			call(as("bo")...).refused(403, "not_admin", "")
			call(asAdmin("ines")...).want(http.StatusOK)
		}
		w.delete(w.connection+"/users/bo").refused(422, "actor_required", "Sparkbridge-Actor-Id")
		w.delete(w.connection+"/users/bo", as("bo")...).refused(403, "not_admin", "")
		w.delete(w.connection, as("bo")...).refused(403, "not_admin", "")
		w.delete(w.connection+"/users/bo", asAdmin("ines")...).want(http.StatusNoContent)
	})
}

func TestT6EverybodySetsTheOwnKey(t *testing.T) {
	t.Parallel()
	agency := nobodyYet(setup{policy: func(p *ats.Policy) { p.Settings = ats.SettingsByOwner }})
	overHTTP(t, agency, func(w *world) {
		var c struct {
			ID      string
			Enabled bool
		}
		w.post("/connections", object{"adapter": "memory", "tenant": "care", "time_zone": "Europe/Stockholm"}).want(http.StatusCreated).into(&c)
		require.True(w, c.Enabled)
		path := "/connections/" + c.ID
		w.put(path+"/users/asha-lind", object{"api_key": w.asha.Key}).refused(422, "actor_required", "Sparkbridge-Actor-Id")
		w.put(path+"/users/asha-lind", object{"api_key": w.asha.Key}, as("bo")...).refused(403, "not_permitted", "")
		w.put(path+"/users/asha-lind", object{"api_key": w.asha.Key}, asAdmin("bo")...).refused(403, "not_permitted", "")
		w.put(path+"/users/asha-lind", object{"api_key": "wrong"}, as("asha-lind")...).refused(422, "invalid_key", "api_key") // T3
		var u struct{ Linked bool }
		w.put(path+"/users/asha-lind", object{"api_key": w.asha.Key}, as("asha-lind")...).want(http.StatusOK).into(&u)
		require.True(w, u.Linked)
		w.put(path+"/users/asha-lind", object{"api_key": ""}, as("asha-lind")...).want(http.StatusOK).into(&u) // T4
		require.False(w, u.Linked)
		w.delete(path+"/users/asha-lind", as("bo")...).refused(403, "not_permitted", "")
		w.delete(path+"/users/asha-lind", as("asha-lind")...).want(http.StatusNoContent)
		w.patch(path, object{"name": "Agency"}).want(http.StatusOK)
	})
}

func TestR13ARequestTakesWhatItsJobIsLinkedTo(t *testing.T) {
	t.Parallel()
	overHTTP(t, nobodyYet(recruiting), func(w *world) {
		w.recruit()
		w.ask(w.candidate("Mira"), "k1", as("bo")...).refused(422, "job_not_linked", "job.id")
		w.link("")
		w.ask(w.candidate("Mira"), "k1", as("bo")...).refused(422, "question_set_required", "question_set_id")
		w.link(w.set.ID)
		read := func(a *answer) (i struct {
			SparkHire struct {
				JobID string `json:"job_id"`
				SetID string `json:"question_set_id"`
			} `json:"spark_hire"`
			RequestedBy struct{ ID string } `json:"requested_by"`
		},
		) {
			a.want(http.StatusAccepted).into(&i)
			return i
		}
		i := read(w.ask(w.candidate("Mira"), "k1", as("bo")...))
		require.Equal(w, w.nurse.ID, i.SparkHire.JobID)
		require.Equal(w, w.set.ID, i.SparkHire.SetID)

		other := w.spark.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Other"})
		own := w.candidate("Ole")
		delete(own, "requested_for")
		own["question_set_id"] = other.ID
		i = read(w.post(w.connection+"/interviews", own, append(as("bo"), "Idempotency-Key", "k2")...))
		require.Equal(w, other.ID, i.SparkHire.SetID, "the request's own wins")
		elsewhere := w.candidate("Ana")
		delete(elsewhere, "requested_for")
		elsewhere["spark_hire_job_id"] = "another"
		w.post(w.connection+"/interviews", elsewhere, append(as("bo"), "Idempotency-Key", "k3")...).refused(422, "job_link_not_allowed", "spark_hire_job_id")
		require.NoError(w, w.setPrimary(""))
		w.ask(w.candidate("Eva"), "k4", as("bo")...).refused(409, "primary_user_required", "")
	})
}

// setPrimary makes the primary user another one, past the rules.
func (w *world) setPrimary(id string) error {
	c, err := w.ledger.GetConnection(w.Context(), w.connection[len("/connections/"):])
	if err != nil {
		return err
	}
	c.PrimaryUser = id
	if err := saveConnection(w, c); err != nil {
		return err
	}
	_, err = w.engine.UpdateConnection(w.Context(), c.ID, ats.User{ID: "ines", Admin: true}, bridge.Access{}, renamed)
	return err
}

// asking is an adapter that notes about whom it is asked.
type asking struct {
	*memory.Adapter

	asked chan ats.CandidateRef
}

func (a asking) MayView(ctx context.Context, c ats.Connection, u ats.User, ref ats.CandidateRef) (bool, error) {
	a.asked <- ref
	return a.Adapter.MayView(ctx, c, u, ref)
}

func TestR38AccessIsThatToACandidateInTheCourseOfAJob(t *testing.T) {
	t.Parallel()
	asked := make(chan ats.CandidateRef, 100)
	noting := setup{wrap: func(m *memory.Adapter) ats.Adapter { return asking{m, asked} }}
	overHTTP(t, noting, func(w *world) {
		w.account.AddUser(ats.User{ID: "bo"})
		i := w.requested("Mira")
		want := ats.CandidateRef{Tenant: w.account.Tenant(), ID: i.Candidate.ID, JobID: w.job.ID}
		for name, call := range map[string]func(){
			"read":   func() { w.get("/interviews/"+i.ID, as("bo")...) },
			"events": func() { w.get("/interviews/"+i.ID+"/events", as("bo")...) },
			"watch":  func() { w.get("/interviews/"+i.ID+"/recording", as("bo")...) },
			"list":   func() { w.get(w.connection+"/interviews", as("bo")...) },
			"of one": func() {
				w.get(w.connection+"/interviews?candidate_id="+i.Candidate.ID+"&job_id="+w.job.ID, as("bo")...)
			},
			"cancel": func() { w.post("/interviews/"+i.ID+"/cancel", nil, as("bo")...) },
		} {
			call()
			require.NotEmpty(w, asked, name)
			for len(asked) > 0 {
				require.Equal(w, want, <-asked, name)
			}
		}
		// Who may not see the candidate is told the same whether there is a request or not.
		w.account.Restrict(i.Candidate.ID, "asha-lind")
		other := w.candidate("Ole")["candidate"].(object)["id"].(string)
		w.account.Restrict(other, "asha-lind")
		var answers []string
		for _, id := range []string{i.Candidate.ID, other} {
			a := w.get(w.connection+"/interviews?candidate_id="+id, as("bo")...).refused(403, "not_permitted", "")
			var p struct{ Detail string }
			a.into(&p)
			answers = append(answers, p.Detail)
		}
		require.Equal(w, answers[0], answers[1])
	})
}

func TestT26ASecondRequestIsToldOfTheFirst(t *testing.T) {
	t.Parallel()
	agency := setup{policy: func(p *ats.Policy) { p.WhilePending, p.AfterCompleted = ats.AllowWithNotice, ats.AllowWithNotice }}
	inTime(t, agency, func(w *world) {
		notice := func(a *answer) string {
			var i struct{ Notice *struct{ Code string } }
			a.want(http.StatusAccepted).into(&i)
			if i.Notice == nil {
				return ""
			}
			return i.Notice.Code
		}
		body := w.candidate("Mira")
		send := func(key string) *answer {
			return w.post(w.connection+"/interviews", body, "Idempotency-Key", key)
		}
		var first shown
		a := send("k1")
		require.Empty(w, notice(a))
		a.into(&first)
		require.Equal(w, "request_pending", notice(send("k2")))
		require.Equal(w, "request_pending", notice(send("k2")), "also when it is repeated")
		w.pass(2 * time.Second)
		for _, made := range w.spark.InterviewsFor("mira.falk@mail.example") {
			require.NoError(w, w.spark.Accept(made.ID))
			require.NoError(w, w.spark.Complete(made.ID))
		}
		w.pass(20 * time.Minute)
		require.Equal(w, "already_completed", notice(send("k3")))
	})
}

func TestT22EachRowBeyondTheLimitIsRefused(t *testing.T) {
	t.Parallel()
	overHTTP(t, setup{policy: func(p *ats.Policy) { p.Rows = 3 }}, func(w *world) {
		var rows []any
		for _, first := range []string{"Ana", "Bea", "Cia", "Dea", "Eva"} {
			row := w.candidate(first)
			row["key"] = first
			rows = append(rows, row)
		}
		lines := linesOf(w, w.post(w.connection+"/interviews/bulk", ndjson(w, rows...)).want(http.StatusOK).body)
		require.Len(w, lines, 5)
		for n, l := range lines {
			require.Equal(w, rows[n].(object)["key"], l.Key)
			if n < 3 {
				require.Nil(w, l.Error)
				continue
			}
			require.Equal(w, "too_many_rows", l.Error.Code)
			require.Equal(w, 422, l.Error.Status)
		}
	})
}

func TestAProductHasItsOwnNamesForRefusals(t *testing.T) {
	t.Parallel()
	agency := setup{policy: func(p *ats.Policy) {
		p.JobLink = ats.Required
		p.Codes = map[ats.Code]ats.Code{
			ats.CodeUserNotLinked: "not_connected", ats.CodeJobNotLinked: "job_not_sent", ats.CodeExpirationInPast: "due_in_past",
			ats.CodeTimeZoneUnknown: "zone_unknown", ats.CodeRequestPending: "busy",
		}
	}}
	overHTTP(t, agency, func(w *world) {
		path := w.connection + "/job-links/4711"
		w.put(path, object{"spark_hire_job_id": w.nurse.ID}, as("bo")...).refused(403, "not_connected", "")
		w.put(path, object{"question_set_id": w.set.ID}, as("asha-lind")...).refused(422, "job_not_sent", "spark_hire_job_id")
		w.post(w.connection+"/interviews", w.candidate("Mira"), "Idempotency-Key", "k").refused(422, "job_not_sent", "job.id")
		w.link(w.set.ID)
		past := w.candidate("Mira")
		past["due"] = object{"date": "2001-01-01", "time": "10:00"}
		w.post(w.connection+"/interviews", past, "Idempotency-Key", "k").refused(422, "due_in_past", "due")
		past["due"] = object{"date": "2001-01-01", "time": "10:00", "time_zone": "Nowhere"}
		w.post(w.connection+"/interviews", past, "Idempotency-Key", "k").refused(422, "zone_unknown", "due.time_zone")
		past["key"] = "k"
		lines := linesOf(w, w.post(w.connection+"/interviews/bulk", ndjson(w, past)).want(http.StatusOK).body)
		require.Equal(w, "zone_unknown", lines[0].Error.Code)
		delete(past, "key")
		delete(past, "due")
		w.post(w.connection+"/interviews", past, "Idempotency-Key", "k").want(http.StatusAccepted)
		w.post(w.connection+"/interviews", past, "Idempotency-Key", "k2").refused(409, "busy", "candidate.id")
	})
}
