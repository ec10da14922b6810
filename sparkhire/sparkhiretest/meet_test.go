package sparkhiretest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

const items = "/partners/candidate_assessment_items"

// meetWorld is a world with credentials for version 2.0.
type meetWorld struct {
	*world

	creds sparkhiretest.Credentials
	token string
}

func newMeetWorld(t *testing.T, opts ...sparkhiretest.Option) *meetWorld {
	t.Helper()
	w := &meetWorld{world: newWorld(t, opts...)}
	w.creds = w.AddCredentials(sparkhiretest.Credentials{ClientID: "id", ClientSecret: "t0p"})
	w.token = w.newToken()
	return w
}

// ask sends a request of version 2.0; header is pairs of names and values.
func (w *meetWorld) ask(method, path string, body any, header ...string) reply {
	w.t.Helper()
	req := w.request("", method, path, body)
	req.URL.Path = strings.Replace(req.URL.Path, "/v1.0", "/v2.0", 1)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := w.client.Do(req)
	require.NoError(w.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	return reply{w.t, resp.StatusCode, resp.Header, raw}
}

// as sends one with a token on behalf of a user.
func (w *meetWorld) as(requester, method, path string, body any) reply {
	w.t.Helper()
	return w.ask(method, path, body, "Authorization", "Bearer "+w.token, "requester", requester)
}

// do sends one as Ana and wants a status.
func (w *meetWorld) do(status int, method, path string, body any) reply {
	w.t.Helper()
	r := w.as(w.ana.Email, method, path, body)
	require.Equal(w.t, status, r.Status, "%s %s: %s", method, path, r.Raw)
	return r
}

func (w *meetWorld) tokenBody() object {
	return object{"grant_type": "client_credentials", "client_id": "id", "client_secret": "t0p", "scope": "*"}
}

func (w *meetWorld) newToken() string {
	w.t.Helper()
	r := w.ask("POST", "/partners/oauth/token", w.tokenBody())
	require.Equal(w.t, 200, r.Status, "%s", r.Raw)
	return r.object()["access_token"].(string)
}

func (w *meetWorld) itemBody() object {
	return object{
		"type": "one_way", "job_uuid": w.job.ID, "question_set_uuid": w.set.ID, "due_at": deadline,
		"candidates": []object{{"name": "Lena Fox", "email": "lena.fox@mail.example"}},
	}
}

func (w *meetWorld) inviteItem() string {
	w.t.Helper()
	return w.do(201, "POST", items, w.itemBody()).list()[0]["uuid"].(string)
}

func TestMeetTokens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		changes []any
		status  int
		code    any
	}{
		{"an unknown client", []any{"client_id", "x"}, 401, "invalid_client"},
		{"a wrong secret", []any{"client_secret", "x"}, 401, "invalid_client"},
		{"no secret", []any{"client_secret", nil}, 401, "invalid_client"},
		{"another grant", []any{"grant_type", "password"}, 400, "unsupported_grant_type"},
		{"another scope", []any{"scope", "jobs"}, 400, "invalid_scope"},
		{"a secret that is a number", []any{"client_secret", 7}, 422, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newMeetWorld(t)
			r := w.ask("POST", "/partners/oauth/token", with(w.tokenBody(), c.changes...))
			require.Equal(t, c.status, r.Status)
			require.Equal(t, c.code, r.object()["error"])
			require.NotEmpty(t, r.object()["message"])
			require.Equal(t, 1, w.TokensIssued())
		})
	}
	t.Run("a form is refused", func(t *testing.T) {
		t.Parallel()
		w := newMeetWorld(t)
		require.Equal(t, 415, w.ask("POST", "/partners/oauth/token", "grant_type=client_credentials",
			"Content-Type", "application/x-www-form-urlencoded").Status)
		require.Equal(t, 405, w.ask("GET", "/partners/oauth/token", nil).Status)
		require.Equal(t, 400, w.ask("POST", "/partners/oauth/token", "[]").Status)
	})
	t.Run("it says how long a token is good for, and the token dies then", func(t *testing.T) {
		t.Parallel()
		w := newMeetWorld(t, sparkhiretest.WithTokenLifetime(time.Hour))
		r := w.ask("POST", "/partners/oauth/token", w.tokenBody()).object()
		require.InDelta(t, 3600, r["expires_in"], 0)
		w.clock.Advance(time.Hour - time.Second)
		w.do(200, "GET", "/partners/jobs", nil)
		w.clock.Advance(time.Second)
		require.Equal(t, "Unauthenticated.", w.do(401, "GET", "/partners/jobs", nil).object()["message"])
	})
	t.Run("it may not say it", func(t *testing.T) {
		t.Parallel()
		w := newMeetWorld(t, sparkhiretest.WithoutExpiresIn())
		require.NotContains(t, w.ask("POST", "/partners/oauth/token", w.tokenBody()).object(), "expires_in")
	})
	t.Run("tokens and credentials can be revoked", func(t *testing.T) {
		t.Parallel()
		w := newMeetWorld(t)
		require.Equal(t, 1, w.RevokeTokens())
		require.Zero(t, w.RevokeTokens())
		w.do(401, "GET", "/partners/jobs", nil)
		w.token = w.newToken()
		w.do(200, "GET", "/partners/jobs", nil)
		require.NoError(t, w.RevokeCredentials("id"))
		require.ErrorIs(t, w.RevokeCredentials("id"), sparkhiretest.ErrNotFound)
		w.do(401, "GET", "/partners/jobs", nil)
		require.Equal(t, 401, w.ask("POST", "/partners/oauth/token", w.tokenBody()).Status)
	})
	t.Run("the log keeps no secret and no token", func(t *testing.T) {
		t.Parallel()
		w := newMeetWorld(t)
		w.do(200, "GET", "/partners/jobs", nil)
		log := w.Requests()
		require.JSONEq(t, `{"grant_type":"client_credentials","client_id":"id","scope":"*"}`, string(log[0].Body))
		require.Equal(t, w.ana.ID, log[1].UserID)
		shown, err := json.Marshal(log)
		require.NoError(t, err)
		require.NotContains(t, string(shown), w.token)
		require.NotContains(t, w.creds.String()+w.creds.LogValue().String(), "t0p")
	})
	t.Run("mistakes of the program panic", func(t *testing.T) {
		t.Parallel()
		w := newMeetWorld(t)
		require.Panics(t, func() { w.AddCredentials(sparkhiretest.Credentials{ClientID: "id"}) })
		require.Panics(t, func() { w.AddCredentials(sparkhiretest.Credentials{AccountID: "x"}) })
		require.Panics(t, func() { w.AddMeetWebhook("hooks", "s") })
		require.Panics(t, func() { w.AddMeetWebhook("https://hooks.example", "") })
	})
}

func TestMeetRequesters(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 403, 422} {
		w := newMeetWorld(t, sparkhiretest.WithRequesterStatus(status))
		idle := w.AddUser(sparkhiretest.User{Name: "Udo Kern", Email: "udo.kern@northwind.example", Disabled: true})
		reader := w.AddUser(sparkhiretest.User{Name: "Eva Lund", Email: "eva.lund@northwind.example", Role: sparkhiretest.Evaluator})
		other := w.AddAccount(sparkhiretest.Account{Name: "Southwind"})
		stranger := w.AddUser(sparkhiretest.User{Name: "Tom Berg", Email: "tom.berg@southwind.example", AccountID: other.ID})
		for _, who := range []string{"", "nobody@northwind.example", idle.Email, stranger.Email} {
			require.Equal(t, status, w.as(who, "GET", "/partners/jobs", nil).Status, who)
		}
		require.Equal(t, 200, w.as(reader.Email, "GET", "/partners/jobs", nil).Status)
		require.Equal(t, status, w.as(reader.Email, "POST", items, w.itemBody()).Status)
		require.Equal(t, 200, w.as("ANA.Ruiz@northwind.example", "GET", "/partners/jobs", nil).Status)
		require.Empty(t, w.Interviews())
	}
}

func TestMeetLists(t *testing.T) {
	t.Parallel()
	w := newMeetWorld(t)
	require.Equal(t, []map[string]any{{"uuid": w.job.ID, "title": "Ward Nurse"}}, w.do(200, "GET", "/partners/jobs", nil).list())
	sets := "/partners/library/question_sets/all"
	want := []map[string]any{{"uuid": w.set.ID, "name": "Nursing screen"}}
	require.Equal(t, want, w.do(200, "GET", sets, nil).list())
	require.Equal(t, want, w.do(200, "GET", sets+"?type%5B0%5D=one_way", nil).list())
	require.Equal(t, want, w.do(200, "GET", sets+"?type[]=one_way&type[]=live", nil).list())
	require.Empty(t, w.do(200, "GET", sets+"?type[0]=live", nil).list())
	require.Equal(t, 422, w.do(422, "GET", sets+"?type[0]=quiz", nil).Status)
	for _, query := range []string{"?type=one_way", "?type[x]=one_way", "?load[0]=x", "?type[0]=one_way&type[0]=live", "?type[0", "?%zz"} {
		req := w.request("", "GET", sets, nil)
		req.URL.Path, req.URL.RawQuery = "/v2.0"+sets, query[1:]
		req.Header.Set("Authorization", "Bearer "+w.token)
		req.Header.Set("Requester", w.ana.Email)
		resp, err := w.client.Do(req)
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, 400, resp.StatusCode, query)
	}
	require.NoError(t, w.RestrictJob(w.job.ID))
	require.Empty(t, w.do(200, "GET", "/partners/jobs", nil).list())
	require.Equal(t, 400, w.do(400, "GET", "/partners/jobs?type[0]=one_way", nil).Status)
	w.do(404, "GET", "/partners/users", nil)
	require.Equal(t, "POST", w.do(405, "GET", items, nil).Header.Get("Allow"), "there is no list of items")
}

func TestMeetInvitation(t *testing.T) {
	t.Parallel()
	w := newMeetWorld(t)
	body := with(w.itemBody(), "candidates", []object{
		{"name": "Lena Fox", "email": "lena.fox@mail.example"}, {"name": "Pele", "email": "pele@mail.example"},
	})
	got := w.do(201, "POST", items, body).list()
	require.Len(t, got, 2)
	require.Equal(t, object{"name": "Lena Fox", "email": "lena.fox@mail.example", "avatar": nil}, got[0]["candidate"])
	require.Equal(t, object{"uuid": w.job.ID, "title": "Ward Nurse"}, got[0]["job"])
	require.Equal(t, []any{"one_way", "pending", deadline, nil, false}, []any{
		got[0]["type"], got[0]["status"], got[0]["due_at"], got[0]["completed_at"], got[0]["completed"],
	})
	require.Equal(t, map[string]int{"lena.fox@mail.example": 1, "pele@mail.example": 1}, w.Invitations())
	id := got[0]["uuid"].(string)
	require.Equal(t, got[0], w.do(200, "GET", items+"/"+id, nil).object())
	interview, ok := w.Interview(id)
	require.True(t, ok)
	require.Equal(t, []string{w.ana.ID, "Lena", "Fox"}, []string{interview.CreatedBy, interview.Candidate.FirstName, interview.Candidate.LastName})
}

func TestMeetInvitationsThatAreRefused(t *testing.T) {
	t.Parallel()
	lena := object{"name": "Lena Fox", "email": "lena.fox@mail.example"}
	for field, changes := range map[string][][]any{
		"type":               {{"type", nil}, {"type", "live"}, {"type", 1}},
		"job_uuid":           {{"job_uuid", nil}, {"job_uuid", "x"}},
		"question_set_uuid":  {{"question_set_uuid", nil}, {"question_set_uuid", "x"}},
		"due_at":             {{"due_at", nil}, {"due_at", "2026-03-09T17:00:00Z"}, {"due_at", "2026-03-09"}, {"due_at", "2026-03-01T17:00:00+00:00"}, {"due_at", "2026-03-09T17:00:00.5+00:00"}},
		"candidates":         {{"candidates", nil}, {"candidates", []object{}}, {"candidates", lena}, {"candidates", make([]object, 101)}},
		"candidates.0":       {{"candidates", []string{"Lena Fox"}}},
		"candidates.0.name":  {{"candidates", []object{with(lena, "name", nil)}}, {"candidates", []object{with(lena, "name", " ")}}},
		"candidates.1.email": {{"candidates", []object{lena, with(lena, "email", "fox")}}, {"candidates", []object{lena, with(lena, "email", nil)}}},
	} {
		for _, change := range changes {
			w := newMeetWorld(t)
			r := w.do(422, "POST", items, with(w.itemBody(), change...)).object()
			require.Equal(t, "The given data was invalid.", r["message"])
			require.Contains(t, r["errors"], field, "%v", change)
			require.Empty(t, w.Invitations())
		}
	}
	w := newMeetWorld(t, sparkhiretest.WithMeetRefusalStatus(400), sparkhiretest.WithDuplicatesRefused(), sparkhiretest.WithUnknownFieldsRefused())
	require.Contains(t, w.do(400, "POST", items, with(w.itemBody(), "phone", "1")).object()["errors"], "phone")
	w.inviteItem()
	require.Contains(t, w.do(400, "POST", items, w.itemBody()).object()["errors"], "candidates.0.email")
	require.Equal(t, 415, w.ask("POST", items, "{}", "Authorization", "Bearer "+w.token, "requester", w.ana.Email, "Content-Type", "text/plain").Status)
}

func TestMeetItemThroughItsLife(t *testing.T) {
	t.Parallel()
	w := newMeetWorld(t)
	id := w.inviteItem()
	get := func(query string) object { return w.do(200, "GET", items+"/"+id+query, nil).object() }
	all := "?load[0]=ai_review&load[1]=ai_summary"
	require.NotContains(t, get(all), "summary", "nothing to summarize yet")
	require.NoError(t, w.Accept(id))
	require.Equal(t, "accepted", get("")["status"])
	require.NoError(t, w.Complete(id))
	require.NoError(t, w.Rate(id, 4.2))
	got := get(all)
	require.Equal(t, []any{"completed", true, 4.2, "2026-03-02T10:00:00+00:00"}, []any{got["status"], got["completed"], got["avg_rating"], got["completed_at"]})
	require.Len(t, got["summary"].(object)["items"], 1)
	require.Equal(t, object{"overall": "moderate"}, got["ai_review"])
	require.NotContains(t, get(""), "summary")
	w.do(422, "GET", items+"/"+id+"?load[0]=video", nil)

	require.NoError(t, w.Delete(id))
	w.do(404, "GET", items+"/"+id, nil)
	require.NoError(t, w.Restore(id))
	require.Equal(t, "completed", get("")["status"])
	require.ErrorIs(t, w.Restore(id), sparkhiretest.ErrState)
	require.ErrorIs(t, w.Restore("x"), sparkhiretest.ErrNotFound)

	fresh := w.inviteItem()
	require.NoError(t, w.Delete(fresh))
	w.clock.Advance(8 * 24 * time.Hour)
	require.NoError(t, w.Restore(fresh))
	require.Equal(t, sparkhiretest.Expired, w.state(fresh), "its deadline has passed")
	w.token = w.newToken()
	require.Equal(t, "expired", w.do(200, "GET", items+"/"+fresh, nil).object()["status"])
	require.NoError(t, w.DeleteJob(w.job.ID))
	require.ErrorIs(t, w.Restore(fresh), sparkhiretest.ErrState)

	gone := newMeetWorld(t, sparkhiretest.WithExpiredItemsGone())
	id = gone.inviteItem()
	require.NoError(t, gone.Expire(id))
	gone.do(410, "GET", items+"/"+id, nil)
}

// signedReceiver notes deliveries whose signature is right.
type signedReceiver struct {
	mu     sync.Mutex
	secret string
	got    []http.Header
	bodies []string
}

func (r *signedReceiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	mac := hmac.New(sha256.New, []byte(r.secret))
	mac.Write(body)
	if err != nil || req.Header.Get("X-SparkHire-Signature") != hex.EncodeToString(mac.Sum(nil)) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	r.got, r.bodies = append(r.got, req.Header), append(r.bodies, string(body))
}

func (r *signedReceiver) events() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]string, 0, len(r.got))
	for _, h := range r.got {
		out = append(out, h.Get("X-SparkHire-Event"))
	}
	return out
}

func TestMeetWebhooks(t *testing.T) {
	t.Parallel()
	in := &signedReceiver{secret: "s1"}
	w := newMeetWorld(t, sparkhiretest.WithManualDelivery(),
		sparkhiretest.WithWebhookClient(&http.Client{Transport: sparkhiretest.HandlerTransport(in)}))
	hook := w.AddMeetWebhook("https://hooks.bridge.example/v2", "s1")
	other := w.AddAccount(sparkhiretest.Account{Name: "Southwind"})
	w.AddMeetWebhookTo(other.ID, "https://hooks.southwind.example/v2", "s2")

	id := w.inviteItem()
	require.NoError(t, w.Accept(id))
	require.NoError(t, w.Complete(id))
	require.NoError(t, w.Rate(id, 4))
	require.NoError(t, w.Delete(id))
	require.NoError(t, w.Restore(id))
	require.NoError(t, w.SetJobActive(w.job.ID, false), "which has no event here")
	require.NoError(t, w.Flush(t.Context()))
	require.Equal(t, []string{
		sparkhiretest.ItemCreated, sparkhiretest.ItemUpdated, sparkhiretest.ItemCompleted,
		sparkhiretest.ItemEvaluated, sparkhiretest.ItemDeleted, sparkhiretest.ItemRestored,
	}, in.events())
	require.Equal(t, "2026-03-02T10:00:00+00:00", in.got[0].Get("X-SparkHire-Event-Time"))
	ids := map[string]bool{}
	for i, h := range in.got {
		ids[h.Get("X-SparkHire-Request-UUID")] = true
		var item object
		require.NoError(t, json.Unmarshal([]byte(in.bodies[i]), &item))
		require.Equal(t, id, item["uuid"])
	}
	require.Len(t, ids, 6)
	require.JSONEq(t, string(w.do(200, "GET", items+"/"+id, nil).Raw), in.bodies[5], "the body is the item")

	require.NoError(t, w.SetMeetWebhookSecret(hook.ID, "s2"))
	require.NoError(t, w.Reset(id, monday.AddDate(0, 0, 9)))
	require.NoError(t, w.Flush(t.Context()))
	last := w.Deliveries()[6]
	require.Equal(t, []any{sparkhiretest.DeliveryFailed, 401, hook.ID}, []any{last.State, last.Status, last.WebhookID}, "signed with the new secret")
	require.NotContains(t, hook.String()+hook.LogValue().String()+last.String(), "bridge.example")

	require.NoError(t, w.RemoveMeetWebhook(hook.ID))
	require.ErrorIs(t, w.RemoveMeetWebhook(hook.ID), sparkhiretest.ErrNotFound)
	require.NoError(t, w.Expire(id))
	require.Len(t, w.Deliveries(), 7)
}

func TestMeetWebhooksAreDisturbedLikeOthers(t *testing.T) {
	t.Parallel()
	in := &signedReceiver{secret: "s1"}
	w := newMeetWorld(t, sparkhiretest.WithManualDelivery(),
		sparkhiretest.WithWebhookClient(&http.Client{Transport: sparkhiretest.HandlerTransport(in)}))
	w.AddMeetWebhook("https://hooks.bridge.example/v2", "s1")
	w.DisturbDeliveries(sparkhiretest.DeliveryRule{Event: sparkhiretest.ItemCreated, Copies: 1})
	w.DisturbDeliveries(sparkhiretest.DeliveryRule{Event: sparkhiretest.ItemUpdated, Drop: true})
	require.NoError(t, w.Accept(w.inviteItem()))
	require.NoError(t, w.Flush(t.Context()))
	require.Equal(t, []string{sparkhiretest.ItemCreated, sparkhiretest.ItemCreated}, in.events())
	require.Equal(t, in.got[0].Get("X-SparkHire-Request-UUID"), in.got[1].Get("X-SparkHire-Request-UUID"), "a copy is the same delivery")
	require.NoError(t, w.Deliver(t.Context(), 3))
	require.Equal(t, sparkhiretest.ItemUpdated, in.events()[2])
}

func TestMeetBudgetAndFaults(t *testing.T) {
	t.Parallel()
	w := newMeetWorld(t, sparkhiretest.WithRateLimit(2, time.Minute))
	w.do(200, "GET", "/partners/jobs", nil)
	require.Equal(t, "60", w.do(429, "GET", "/partners/jobs", nil).Header.Get("X-Rate-Limit-Try-Again-Seconds"))
	require.Equal(t, 429, w.ask("POST", "/partners/oauth/token", w.tokenBody()).Status, "tokens cost too")
	require.Equal(t, 200, w.as2v1().Status, "a key has a budget of its own")
	w.clock.Advance(time.Minute)

	w.Inject(sparkhiretest.Fault{Method: "POST", Path: items, When: sparkhiretest.AfterEffect, Do: sparkhiretest.Respond(502, nil, "")})
	w.do(502, "POST", items, w.itemBody())
	require.Len(t, w.InvitationsTo("lena.fox@mail.example"), 1)
}

// as2v1 asks version 1.0.
func (w *meetWorld) as2v1() reply { return w.world.as(w.ana.Key, "GET", "/me", nil) }

// FuzzMeetRequests sends arbitrary targets and bodies: the server never panics, never fails, always explains a refusal.
func FuzzMeetRequests(f *testing.F) {
	f.Add("POST", items, `{"type":"one_way","job_uuid":"JOB","question_set_uuid":"SET","due_at":"2026-03-09T17:00:00+00:00",`+
		`"candidates":[{"name":"L F","email":"l@f.example"}]}`)
	f.Add("GET", "/partners/library/question_sets/all?type[0]=one_way", "")
	f.Add("GET", items+"/x?load[]=ai_review", "")
	f.Add("POST", "/partners/oauth/token", `{"grant_type":null}`)
	f.Fuzz(func(t *testing.T, method, target, body string) {
		sim := sparkhiretest.NewUnstartedServer(sparkhiretest.WithDeterministicIDs(), sparkhiretest.WithManualDelivery(),
			sparkhiretest.WithClock(func() time.Time { return monday }))
		defer sim.Close()
		sim.AddUser(sparkhiretest.User{Name: "Ana Ruiz", Email: "a@northwind.example"})
		sim.AddCredentials(sparkhiretest.Credentials{ClientID: "id", ClientSecret: "t0p"})
		sim.AddMeetWebhook("https://hooks.bridge.example/v2", "s1")
		job := sim.AddJob(sparkhiretest.Job{Title: "Ward Nurse"})
		set := sim.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Screen"})
		token := ""
		ask := func(method, target, body string) *httptest.ResponseRecorder {
			req, err := http.NewRequest(method, sim.V2URL()+target, strings.NewReader(body))
			if err != nil {
				return nil // no client can send it
			}
			req.Header.Set("Authorization", "Bearer "+token)
			req.Header.Set("Requester", "a@northwind.example")
			req.Header.Set("Content-Type", "application/json")
			rec := httptest.NewRecorder()
			sim.Handler().ServeHTTP(rec, req)
			return rec
		}
		rec := ask("POST", "/partners/oauth/token", `{"grant_type":"client_credentials","client_id":"id","client_secret":"t0p","scope":"*"}`)
		var got map[string]any
		if json.Unmarshal(rec.Body.Bytes(), &got) != nil {
			t.Fatalf("no token: %s", rec.Body)
		}
		token = got["access_token"].(string)
		rec = ask(method, target, strings.NewReplacer("JOB", job.ID, "SET", set.ID).Replace(body))
		if rec == nil {
			return
		}
		if rec.Code >= 500 {
			t.Fatalf("%s %s: %d %s", method, target, rec.Code, rec.Body)
		}
		if rec.Code >= 400 {
			var refusal struct{ Message, Reason string }
			if err := json.Unmarshal(rec.Body.Bytes(), &refusal); err != nil || refusal.Message+refusal.Reason == "" {
				t.Fatalf("%s %s: %d without a message: %s", method, target, rec.Code, rec.Body)
			}
		}
		if rec.Code == 201 && len(sim.Deliveries()) != len(sim.Interviews()) {
			t.Fatalf("%d interviews, %d deliveries", len(sim.Interviews()), len(sim.Deliveries()))
		}
	})
}
