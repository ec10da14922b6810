package sparkhiretest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// FuzzRequests sends arbitrary targets and bodies: the server never panics, never fails, always explains a refusal,
// and what it says about an interview it accepted survives being read back.
func FuzzRequests(f *testing.F) {
	f.Add("POST", "/interviews", `{"type":"one_way","job_uuid":"JOB","question_set_uuid":"SET","candidate_first_name":"L",`+
		`"candidate_last_name":"F","candidate_email":"l@f.example","scheduled_at":"2026-03-09T17:00:00Z"}`)
	f.Add("GET", "/interviews?range=1-5&orderby=updated_desc&status[]=x&job[uuid]=a,b", "")
	f.Add("POST", "/jobs", `{"title":"x","location":{"city":"Oslo"},"status":"inactive"}`)
	f.Add("POST", "/question_sets", `{"name":"x","questions":[{"text":"?","think_time":5}]}`)
	f.Add("POST", "/webhooks", `{"url":"https://a.example","event":"JobCreated","jobs":[]}`)
	f.Add("POST", "/share_links", `{"reviewers":[{"email":"a@b.example"}]}`)
	f.Add("PUT", "/users/x", `null`)
	f.Add("GET", "/webhooks/replay/%2F", "")
	f.Fuzz(func(t *testing.T, method, target, body string) {
		sim := sparkhiretest.NewUnstartedServer(sparkhiretest.WithDeterministicIDs(), sparkhiretest.WithManualDelivery(),
			sparkhiretest.WithClock(func() time.Time { return monday }))
		defer sim.Close()
		sim.AddUser(sparkhiretest.User{Name: "Ana Ruiz", Email: "a@northwind.example", Role: sparkhiretest.Admin, Key: "k"})
		job := sim.AddJob(sparkhiretest.Job{Title: "Ward Nurse"})
		set := sim.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Screen"})
		ask := func(method, target, body string) *httptest.ResponseRecorder {
			req, err := http.NewRequest(method, sim.V1URL()+target, strings.NewReader(body))
			if err != nil {
				return nil // no client can send it
			}
			req.SetBasicAuth("k", "")
			req.Header.Set("Content-Type", "application/json")
			rec := httptest.NewRecorder()
			sim.Handler().ServeHTTP(rec, req)
			return rec
		}
		rec := ask(method, target, strings.NewReplacer("JOB", job.ID, "SET", set.ID).Replace(body))
		if rec == nil {
			return
		}
		if rec.Code >= 500 {
			t.Fatalf("%s %s: %d %s", method, target, rec.Code, rec.Body)
		}
		if rec.Code >= 400 {
			var refusal struct{ Reason string }
			if err := json.Unmarshal(rec.Body.Bytes(), &refusal); err != nil || refusal.Reason == "" {
				t.Fatalf("%s %s: %d without a reason: %s", method, target, rec.Code, rec.Body)
			}
		}
		for _, i := range sim.Interviews() {
			if back := ask(http.MethodGet, "/interviews/"+i.ID, ""); back.Body.String() != rec.Body.String() {
				t.Fatalf("created %s, read %s", rec.Body, back.Body)
			}
		}
	})
}
