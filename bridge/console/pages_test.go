package console_test

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func TestAnEmptyService(t *testing.T) {
	t.Parallel()
	inTime(t, setup{nothing: true}, func(w *world) {
		w.get("/console").shows(http.StatusOK, "You act as Ines", "Overview", "There is no connection yet.")
		w.get("/console/deliveries").shows(http.StatusOK, "Every report has arrived")
		w.get("/console/deliveries?state=retrying").shows(http.StatusOK, "There is none.")
	})
	inTime(t, setup{}, func(w *world) {
		list := "/console/connections/" + w.connection + "/interviews"
		w.get(list).shows(http.StatusOK, "No interview has been asked for yet.")
		w.get(list+"?state=failed").shows(http.StatusOK, "No interview of this connection is like that.", "")
		w.get("/console").shows(http.StatusOK, "Example Care AB", "on", "memory", "0", "0", "0", "API v1, organization key, 1 linked user").
			lacks("could not be delivered")
	})
}

func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		for _, path := range []string{"/nowhere", "/interviews", "/connections/", "/assets/nothing.css", "/connections/%00", "/deliveries?state=%FF"} {
			w.get("/console"+path).shows(http.StatusNotFound, "Not Found", "There is nothing at this address.", "Go to the overview")
		}
		for _, path := range []string{"/interviews/unknown", "/connections/unknown", "/connections/unknown/interviews"} {
			w.get("/console"+path).shows(http.StatusNotFound, "There is no such record.", "say this id")
		}
		w.post("/console/interviews/unknown/cancel").shows(http.StatusNotFound)
		w.post("/console/connections/unknown/enable").shows(http.StatusNotFound)
		w.post("/console/deliveries/retry", "interview_id", "unknown").shows(http.StatusNotFound, "There is no such record.")
		w.post("/console/deliveries/retry", "interview_id", "\xff").shows(http.StatusUnprocessableEntity, "characters that none has")
		w.get("/console/connections/"+w.connection+"/interviews?state=lost").shows(http.StatusUnprocessableEntity, "no state of an interview")
		w.get("/console/deliveries?state=lost").shows(http.StatusUnprocessableEntity)
		w.get("/console/deliveries?cursor=x").shows(http.StatusUnprocessableEntity)

		a := w.post("/console").shows(http.StatusMethodNotAllowed, "This address answers GET, HEAD only.")
		require.Equal(w, "GET, HEAD", a.header.Get("Allow"))
		a = w.get("/console/logout").shows(http.StatusMethodNotAllowed)
		require.Equal(w, "POST", a.header.Get("Allow"))
		w.call(http.MethodDelete, "/console/assets/console.css", nil).shows(http.StatusMethodNotAllowed)
		a = w.call(http.MethodHead, "/console", nil)
		require.Equal(w, http.StatusOK, a.status)
		require.Empty(w, a.body)
	})
}

func TestTheAssetsAreThere(t *testing.T) {
	t.Parallel()
	inTime(t, setup{stranger: true, still: true, nothing: true}, func(w *world) {
		page := w.get("/console/login").body
		for _, asset := range []struct{ name, mediaType string }{
			{"console.css", "text/css; charset=utf-8"}, {"console.js", "text/javascript; charset=utf-8"}, {"icon.svg", "image/svg+xml"},
		} {
			address := regexp.MustCompile(`/console/assets/` + asset.name + `\?v=[0-9a-f]+`).FindString(page)
			require.NotEmpty(w, address, asset.name)
			a := w.get(address)
			require.Equal(w, http.StatusOK, a.status)
			require.Equal(w, asset.mediaType, a.header.Get("Content-Type"))
			require.NotEmpty(w, a.body)
			require.Contains(w, a.header.Get("Cache-Control"), "max-age")
		}
	})
}

func TestTheOverviewShowsWhatNeedsAPerson(t *testing.T) {
	t.Parallel()
	inTime(t, setup{wrap: bare}, func(w *world) {
		w.unconfirmed("Mira")
		w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/interviews", Times: 21, Do: sparkhiretest.Respond(http.StatusBadRequest, nil, `{}`)})
		for n := range 21 {
			w.requested(fmt.Sprintf("Ole%d", n))
		}
		w.pass(2 * time.Minute)
		w.spark.StartOutage(sparkhiretest.RefuseConnection())
		w.requested("Siri")
		w.pass(time.Second)
		w.memory.FailNext(1, fmt.Errorf("the card takes no such text: %w", ats.ErrInvalid))
		w.spark.EndOutage()
		w.requested("Tor")
		w.pass(10 * time.Second)

		a := w.get("/console").shows(http.StatusOK, "1 report could not be delivered", "Example Care AB", "on", "1", "20+")
		list := "/console/connections/" + w.connection + "/interviews"
		require.Contains(w, a.body, `href="`+list+`?state=unconfirmed"`)
		require.Contains(w, a.body, `href="`+list+`?state=failed"`)
		w.get("/console/connections/"+w.connection).shows(http.StatusOK, "Unconfirmed 1", "Failed 20+")
		w.get(list+"?state=unconfirmed").shows(http.StatusOK, "Mira Falk", "unconfirmed")
	})
}

func TestWhatWaitsIsCounted(t *testing.T) {
	t.Parallel()
	inTime(t, setup{still: true}, func(w *world) {
		w.requested("Mira")
		w.requested("Ole")
		w.pass(time.Minute)
		require.Contains(w, w.get("/console").body, `?state=requested">2</a>`)
		w.get("/console/connections/"+w.connection).shows(http.StatusOK, "Waiting for Spark Hire 2", "The oldest since", "UTC", "Europe/Stockholm")
	})
}

func TestTheOverviewHasPages(t *testing.T) {
	t.Parallel()
	inTime(t, setup{still: true}, func(w *world) {
		for n := range 20 {
			_, err := w.engine.Connect(w.Context(), ats.Activation{Tenant: ats.TenantRef{Adapter: "memory", Tenant: fmt.Sprintf("tenant-%d", n)}, TimeZone: "UTC"})
			require.NoError(w, err)
			w.pass(time.Second)
		}
		require.NoError(w, w.engine.Disconnect(w.Context(), ats.TenantRef{Adapter: "memory", Tenant: "tenant-19"}))
		a := w.get("/console").shows(http.StatusOK, "Example Care AB", "tenant-18", "no linked user", "Next page").lacks("tenant-19")
		next := regexp.MustCompile(`href="(\?cursor=[^"]+)" rel="next"`).FindStringSubmatch(a.body)
		require.NotNil(w, next, "%s", a.body)
		w.get("/console"+next[1]).shows(http.StatusOK, "tenant-19", "disconnected").lacks("tenant-18", "Next page")
	})
}

func TestTheConnectionPage(t *testing.T) {
	t.Parallel()
	inTime(t, setup{policy: func(p *ats.Policy) { p.PrimaryUser = ats.Required }}, func(w *world) {
		page := "/console/connections/" + w.connection
		w.settings(map[string]any{"hide_score": true, "host_token": "secret-token"})
		w.get(page).shows(http.StatusOK, "Example Care AB", "on", "memory", "care", "Europe/Stockholm", "API v1, organization key, 1 linked user",
			"Switch this connection off", "Sign in at memory", "Asha Lind", "asha-lind", "asha@care.example", "…", "primary user",
			"hide_score", "true").lacks("secret-token", "host_token")

		w.settings(map[string]any{"closed": true})
		w.get(page).shows(http.StatusOK, "not offered", "Video interviews are not enabled for this account.")
		w.get("/console").shows(http.StatusOK, "not offered")
		w.settings(nil)
		require.NoError(w, w.engine.Disconnect(w.Context(), w.account.Tenant()))
		w.get(page).shows(http.StatusOK, "disconnected", "no linked user").lacks("Switch", "Sign in at")
		w.post(page+"/enable").shows(http.StatusUnprocessableEntity, "This connection was disconnected.")
	})
}

func TestSecretsAreToldToBeSetAndNotShown(t *testing.T) {
	t.Parallel()
	inTime(t, setup{still: true}, func(w *world) {
		_, err := w.engine.Connect(w.Context(), ats.Activation{Tenant: w.account.Tenant(), Secrets: map[string]ats.Secret{"host_token": "very-secret", "refresh": "secret-too"}})
		require.NoError(w, err)
		w.get("/console/connections/"+w.connection).shows(http.StatusOK, "host_token", "set, not shown").lacks("very-secret", "secret-too", "refresh")
	})
}

func TestAConnectionToTheNewerAPI(t *testing.T) {
	t.Parallel()
	inTime(t, setup{still: true, config: func(c *bridge.Config) { c.PublicURL = "http://bridge.example" }}, func(w *world) {
		i := w.requested("Mira")
		w.stored(func(c *store.Connection) { c.APIVersion = "v2" })
		require.NoError(w, w.ledger.InTx(w.Context(), func(ctx context.Context, tx store.Tx) error {
			row, err := tx.Interview(ctx, i.ID)
			row.State, row.Announced = ats.StateUnconfirmed, []string{"meet-1", "meet-2"}
			return errors.Join(err, tx.SaveInterview(ctx, row))
		}))
		w.get("/console/connections/"+w.connection).shows(http.StatusOK, "API v2", "Webhook address", "http://bridge.example/sparkhire/v2/"+w.connection)
		w.get("/console/interviews/"+i.ID).shows(http.StatusOK, "Spark Hire has told of meet-1 , meet-2 meanwhile: one of them may be this interview.", "It was sent")
	})
}

func TestNoAdapterTakesTheAddressOfThePages(t *testing.T) {
	t.Parallel()
	_, err := bridge.New(bridge.Config{Store: awayStore{}, Keys: keyring.Generate(), Adapters: []ats.Adapter{memory.New(memory.Options{Name: "console"})}})
	require.ErrorContains(t, err, `name "console" is one of the service's own paths`)
}

func TestInterviewsAreFilteredAndHavePages(t *testing.T) {
	t.Parallel()
	inTime(t, setup{still: true}, func(w *world) {
		mira := w.requested("Mira")
		_, err := w.engine.Cancel(w.Context(), mira.ID, ats.User{ID: "Ines"})
		require.NoError(w, err)
		for n := range 51 {
			w.requested(fmt.Sprintf("Ole%d", n))
		}
		list := "/console/connections/" + w.connection + "/interviews"
		next := func(a *answer) string {
			found := regexp.MustCompile(`href="(\?[^"]+)" rel="next"`).FindStringSubmatch(a.body)
			require.NotNil(w, found)
			return list + html.UnescapeString(found[1])
		}
		a := w.get(list).shows(http.StatusOK, "Interviews", "Ole50 Falk", "Ward nurse", "4711", "Ole1 Falk", "Next page").lacks("Ole0 Falk", "Mira Falk")
		w.get(next(a)).shows(http.StatusOK, "Ole0 Falk", "requested", "Mira Falk", "canceled").lacks("Ole1 Falk", "Next page")
		a = w.get(list+"?job_id=4711&state=requested").shows(http.StatusOK, "Ole50 Falk", "Next page")
		w.get(next(a)).shows(http.StatusOK, "Ole0 Falk").lacks("Mira Falk", "Next page")
		w.get(list+"?state=canceled&candidate_id=&job_id=").shows(http.StatusOK, "Show all", "Mira Falk").lacks("Ole1 Falk")
		w.get(list+"?candidate_id=+"+url.QueryEscape(mira.Candidate.ID)).shows(http.StatusOK, "Mira Falk").lacks("Ole1 Falk")
		w.get(list+"?job_id=1").shows(http.StatusOK, "No interview of this connection is like that.")
		w.get(list + "?cursor=x").shows(http.StatusUnprocessableEntity)
	})
}

func TestTheInterviewPage(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		i := w.completed("Mira")
		page := "/console/interviews/" + i.ID
		a := w.get(page).shows(http.StatusOK, "Example Care AB", "Mira Falk", "completed",
			"Timeline", "requested", "UTC", "Europe/Stockholm", "by Asha Lind (asha-lind)", "sending", "sent", "completed",
			"Mira Falk", "mira.falk@mail.example", i.Candidate.ID, "Ward nurse", "4711", "one way", "Due", "(Europe/Stockholm)",
			"Welcome, Mira", "Asha Lind", "manual",
			i.SparkHire.Status, i.SparkHire.InterviewID, w.nurse.ID, w.set.ID, i.ID)
		require.NotContains(w, a.body, "<title>Mira", "histories and bookmarks hold titles")
		require.Contains(w, a.body, `<time datetime="`+i.CreatedAt.Format(time.RFC3339)+`">`+i.CreatedAt.Format("2006-01-02 15:04:05")+` UTC</time>`)

		require.NoError(w, w.engine.EraseCandidate(w.Context(), w.connection, i.Candidate.ID, ats.User{ID: "Ines"}))
		w.get(page).shows(http.StatusOK, "personal data was erased").lacks("Mira", "recording")
		w.get("/console/connections/"+w.connection+"/interviews").shows(http.StatusOK, "Candidate without a name")
	})
}

func TestAFailureIsShownWithItsReason(t *testing.T) {
	t.Parallel()
	inTime(t, setup{}, func(w *world) {
		w.spark.Inject(sparkhiretest.Fault{Method: http.MethodPost, Path: "/interviews", Do: sparkhiretest.Respond(http.StatusUnauthorized, nil, `{}`)})
		i := w.requested("Mira")
		w.pass(2 * time.Second)
		w.get("/console/interviews/"+i.ID).shows(http.StatusOK, "failed", "Spark Hire does not accept", "Timeline", "failed", "Reason", "invalid_key")
		w.get("/console/connections/"+w.connection+"/interviews?state=failed").shows(http.StatusOK, "Mira Falk", "failed", "Spark Hire does not accept")
	})
}

func TestWhatOthersWroteIsText(t *testing.T) {
	t.Parallel()
	inTime(t, setup{stranger: true}, func(w *world) {
		const evil = `<script>alert(1)</script>`
		w.post("/console/login", "token", token, "name", evil+`"`)
		c := w.account.AddCandidate("4711", ats.Candidate{FirstName: evil, LastName: `"><img src=x onerror=alert(1)>`, Email: "eve@mail.example"})
		i, err := w.engine.Submit(w.Context(), ats.Request{
			Tenant: w.account.Tenant(), Key: "k", Type: ats.OneWay, Origin: ats.OriginManual, Candidate: c, Message: evil,
			Job: ats.Job{ID: "4711", Title: evil}, SparkHireJobID: w.nurse.ID, QuestionSetID: w.set.ID, RequestedFor: "asha-lind", RequestedBy: ats.User{ID: evil, Name: evil},
		})
		require.NoError(w, err)
		for _, path := range []string{"", "/interviews/" + i.ID, "/connections/" + w.connection + "/interviews?job_id=" + url.QueryEscape(`"`+evil), "/connections/" + w.connection + "/interviews"} {
			a := w.get("/console" + path)
			require.Equal(w, http.StatusOK, a.status)
			require.NotContains(w, a.body, evil)
			require.NotContains(w, a.body, "<img")
			a.shows(http.StatusOK, evil)
		}
	})
}

func TestADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	inTime(t, setup{still: true}, func(w *world) {
		broken := w.config
		broken.Store = awayStore{w.ledger}
		engine, err := bridge.New(broken)
		require.NoError(w, err)
		b := browser{w.TB, engine.Handler(), w.cookies}
		b.get("/console").shows(http.StatusServiceUnavailable, "This cannot be done at the moment. Try again.")
		b.get("/console/deliveries").shows(http.StatusInternalServerError, "Something went wrong inside the service.").lacks("disk on fire")
		require.Contains(w, w.log.String(), "disk on fire")
		b.get("/console/interviews/x").shows(http.StatusInternalServerError, "Something went wrong inside the service.")
		require.Contains(w, w.log.String(), "page panicked")
	})
}
