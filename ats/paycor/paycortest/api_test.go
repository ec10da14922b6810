package paycortest_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
)

// Both headers are demanded, each with its own 401.
func TestBothHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := w.URL + w.root() + "/accounts"
	bearer, key := "Bearer "+w.tokens.Access, w.app.SubscriptionKey()

	noKey := send(t, w.Client(), http.MethodGet, address, "", map[string]string{"Authorization": bearer})
	require.Equal(t, http.StatusUnauthorized, noKey.status)
	require.Contains(t, noKey.body, "Access denied due to missing subscription key")

	for name, authorization := range map[string]string{"none": "", "unknown": "Bearer x", "another word": "Token " + w.tokens.Access} {
		header := map[string]string{"Ocp-Apim-Subscription-Key": key}
		if authorization != "" {
			header["Authorization"] = authorization
		}
		noToken := send(t, w.Client(), http.MethodGet, address, "", header)
		require.Equal(t, http.StatusUnauthorized, noToken.status, name)
		require.Empty(t, noToken.body, name)
	}
	// The key may travel in the address [documented].
	inAddress := send(t, w.Client(), http.MethodGet, address+"?subscription-key="+key, "", map[string]string{"Authorization": bearer})
	require.Equal(t, http.StatusOK, inAddress.status)

	// A token of another application does not fit the key.
	other := w.RegisterApplication(paycortest.ApplicationConfig{}).Activate()
	foreign := send(t, w.Client(), http.MethodGet, address, "", map[string]string{"Ocp-Apim-Subscription-Key": key, "Authorization": "Bearer " + other.Access})
	require.Equal(t, http.StatusUnauthorized, foreign.status)
	for _, r := range w.Requests() {
		require.NotContains(t, r.Query, key)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	closed := w.AddLegalEntity(paycortest.LegalEntityConfig{ID: 7, WithoutRecruiting: true})
	w.tokens = w.app.Activate()
	picked := w.AddLegalEntity(paycortest.LegalEntityConfig{ID: 8}) // after the activation
	for path, want := range map[string]int{
		"/v1/legalentities/501200/ats/accounts":                       http.StatusNotFound, // another spelling
		"/v1/legalEntities/x/ats/accounts":                            http.StatusBadRequest,
		"/v1/legalEntities/501200/ats/none/jobs":                      http.StatusNotFound,
		fmt.Sprintf("/v1/legalEntities/%d/ats/accounts", closed.ID()): http.StatusNotFound,
		fmt.Sprintf("/v1/legalEntities/%d/ats/accounts", picked.ID()): http.StatusNotFound,
		w.jobs() + "/none":                                  http.StatusNotFound,
		w.jobs() + "/none/candidates":                       http.StatusNotFound,
		w.candidates() + "/none":                            http.StatusNotFound,
		w.candidates() + "/a/b":                             http.StatusNotFound,
		w.jobs() + "?limit=10":                              http.StatusBadRequest,
		w.jobs() + "?status=OPEN":                           http.StatusBadRequest,
		w.jobs() + "?postedToCareers=yes":                   http.StatusBadRequest,
		w.jobs() + "?include=Everybody":                     http.StatusBadRequest,
		w.jobs() + "?status=ACTIVE&status=DRAFT":            http.StatusBadRequest,
		w.jobs() + "?continuationToken=x":                   http.StatusBadRequest,
		w.jobs() + "?continuationTokenId=x":                 http.StatusBadRequest,
		w.candidates() + "?createdOrModifiedStartDate=soon": http.StatusBadRequest,
		w.candidates() + "?createdOrModifiedEndDate=soon":   http.StatusBadRequest,
		"/v1/nothing":                                       http.StatusNotFound,
	} {
		got := w.get(t, path)
		require.Equal(t, want, got.status, path)
		doc := got.doc(t)
		require.Regexp(t, "^[0-9a-f-]{36}$", doc["correlationId"], path)
		require.NotEmpty(t, doc["title"], path)
	}
	require.Equal(t, http.StatusMethodNotAllowed, w.call(t, http.MethodPut, w.root()+"/accounts", "{}").status)

	w.app.SetDataAccess(paycortest.ViewJobs)
	require.Equal(t, http.StatusForbidden, w.get(t, w.root()+"/accounts").status)
	require.Equal(t, http.StatusOK, w.get(t, w.jobs()).status)
}

func TestPagesHaveAHundredRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	empty := w.get(t, w.candidates()).doc(t)
	require.Contains(t, empty, "records")
	require.Nil(t, empty["records"])
	for i := range 200 {
		w.job.AddCandidate(paycortest.CandidateConfig{ID: fmt.Sprintf("c%d", i)})
	}
	first := w.get(t, w.candidates()).doc(t)
	require.Len(t, first["records"], 100)
	require.Equal(t, true, first["hasMoreResults"])
	token := first["continuationToken"].(string)
	require.Equal(t, w.candidates()+"?continuationToken="+token, first["additionalResultsUrl"])
	second := w.get(t, w.candidates()+"?continuationToken="+token).doc(t)
	require.Len(t, second["records"], 100)
	require.Equal(t, false, second["hasMoreResults"])
	require.Nil(t, second["continuationToken"])

	// A token is good for the same request only.
	require.Equal(t, http.StatusBadRequest, w.get(t, w.jobs()+"?continuationToken="+token).status)
	require.Equal(t, http.StatusBadRequest, w.get(t, w.candidates()+"?createdOrModifiedStartDate=2020-01-01&continuationToken="+token).status)

	w.SetQuirks(paycortest.Quirks{AddressesOnly: true})
	first = w.get(t, w.candidates()).doc(t)
	require.Nil(t, first["continuationToken"])
	require.Contains(t, first["additionalResultsUrl"], "continuationTokenId=")
	require.Len(t, w.get(t, first["additionalResultsUrl"].(string)).doc(t)["records"], 100)
}

func TestRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	created := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	w.job.AddCandidate(paycortest.CandidateConfig{ID: "plain", PostalCode: "55802", Created: created})
	w.job.AddCandidate(paycortest.CandidateConfig{
		ID: "numbers", Email: "lee.park@mail.example", PostalCode: "55802", MobilePhone: "2185550142", NumericTexts: true,
		Created: created, DateLayout: time.DateOnly,
	})
	plain := w.get(t, w.candidates()+"/plain").doc(t)
	require.Nil(t, plain["email"])
	require.Equal(t, "55802", plain["postalCode"])
	require.Equal(t, "03/04/2026", plain["createdDate"])
	numbers := w.get(t, w.candidates()+"/numbers").doc(t)
	require.EqualValues(t, 55802, numbers["postalCode"])
	require.EqualValues(t, 2185550142, numbers["mobilePhone"])
	require.Equal(t, "2026-03-04", numbers["modifiedDate"])
	require.NotEmpty(t, numbers["resumeText"])

	w.SetQuirks(paycortest.Quirks{PascalCase: true})
	capitals := w.get(t, w.candidates()+"/plain").doc(t)
	require.Equal(t, w.account.ID(), capitals["ATSAccountId"])
	require.Equal(t, "plain", capitals["Id"])
	require.Contains(t, w.get(t, w.candidates()+"/none").doc(t), "Detail")

	w.SetQuirks(paycortest.Quirks{BareAccount: true})
	require.Equal(t, w.account.ID(), w.get(t, w.root()+"/accounts").doc(t)["id"])
	w.SetQuirks(paycortest.Quirks{BareAccounts: true})
	require.Equal(t, byte('['), w.get(t, w.root()+"/accounts").body[0])
}

func TestJobsShowPeopleOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tove := paycortest.User{ID: 910233, Email: "t.lindqvist@harborlane.example"}
	job := w.account.AddJob(paycortest.JobConfig{Recruiters: []paycortest.User{tove}, Number: "103", NumericTexts: true, City: "Duluth", Status: "DRAFT"})
	require.Nil(t, w.get(t, w.jobs()+"/"+job.ID()).doc(t)["recruiters"])
	shown := w.get(t, w.jobs()+"/"+job.ID()+"?include=Recruiters&include=Executives").doc(t)
	require.Len(t, shown["recruiters"], 1)
	require.Nil(t, shown["executives"])
	require.EqualValues(t, 103, shown["number"])
	require.Len(t, w.get(t, w.jobs()+"?include=All&status=DRAFT").doc(t)["records"], 1)
	job.Update(func(c *paycortest.JobConfig) { c.Status = "CLOSED" })
	require.Nil(t, w.get(t, w.jobs()+"?status=DRAFT").doc(t)["records"])
	job.Remove()
	require.Equal(t, http.StatusNotFound, w.get(t, w.jobs()+"/"+job.ID()).status)
}

func TestCandidateFilters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		maya := w.job.AddCandidate(paycortest.CandidateConfig{Created: time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC)})
		list := func(q string) any { return w.get(t, w.candidates()+"?"+q).doc(t)["records"] }
		require.Len(t, list("createdOrModifiedStartDate=1999-12-01"), 1)
		require.Len(t, list("createdOrModifiedEndDate=1999-12-01"), 1)
		require.Nil(t, list("createdOrModifiedStartDate=1999-12-02"))
		require.Nil(t, list("createdOrModifiedEndDate=1999-11-30"))
		maya.Update(func(c *paycortest.CandidateConfig) { c.Stage = 7 }) // the bubble's clock begins on 2000-01-01
		require.Len(t, list("createdOrModifiedStartDate=2000-01-01"), 1)

		w.SetQuirks(paycortest.Quirks{DateFilter: paycortest.DateFilterUS})
		require.Len(t, list("createdOrModifiedStartDate=01/01/2000"), 1)
		require.Equal(t, http.StatusBadRequest, w.get(t, w.candidates()+"?createdOrModifiedStartDate=2000-01-01").status)
		w.SetQuirks(paycortest.Quirks{DateFilter: paycortest.DateFilterNone})
		require.Equal(t, http.StatusBadRequest, w.get(t, w.candidates()+"?createdOrModifiedStartDate=01/01/2000").status)

		w.SetQuirks(paycortest.Quirks{EmptyAs400: true})
		maya.Remove()
		empty := w.get(t, w.candidates())
		require.Equal(t, http.StatusBadRequest, empty.status)
		require.Contains(t, empty.body, "is invalid or has no")
	})
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, paycortest.WithRateLimit(2, time.Minute))
		for range 2 {
			require.Equal(t, http.StatusOK, w.get(t, w.root()+"/accounts").status)
		}
		<-time.After(20 * time.Second)
		refused := w.get(t, w.root()+"/accounts")
		require.Equal(t, http.StatusTooManyRequests, refused.status)
		require.JSONEq(t, `{"message":"Rate limit is exceeded. Try again in 40 seconds."}`, refused.body)
		require.Empty(t, refused.header.Get("Retry-After"))
		w.SetQuirks(paycortest.Quirks{RetryAfter: true})
		require.Equal(t, "40", w.get(t, w.root()+"/accounts").header.Get("Retry-After"))
		<-time.After(40 * time.Second)
		require.Equal(t, http.StatusOK, w.get(t, w.root()+"/accounts").status)
	})
}

// A POST that is answered with 500 after its effect is caught when it is repeated.
func TestCreateAfterEffect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := fmt.Sprintf(`{"jobId":%q,"atsAccountId":%q,"email":"lee.park@mail.example","firstName":"Lee","lastName":"Park","stage":1,"status":5,"source":"Partner"}`,
		w.job.ID(), w.account.ID())
	path := w.root() + "/candidates"
	require.Equal(t, http.StatusForbidden, w.call(t, http.MethodPost, path, body).status)
	w.app.SetDataAccess(paycortest.CreateCandidate, paycortest.ViewCandidates)
	require.Equal(t, http.StatusBadRequest, w.call(t, http.MethodPost, path, `{}`).status)
	w.Inject(paycortest.Fault{Kind: paycortest.FaultStatus, Status: http.StatusInternalServerError, AfterEffect: true})
	require.Equal(t, http.StatusInternalServerError, w.call(t, http.MethodPost, path, body).status)
	require.Len(t, w.get(t, w.candidates()).doc(t)["records"], 1)
	made := w.call(t, http.MethodPost, path, body)
	require.Equal(t, http.StatusCreated, made.status)
	require.Contains(t, made.body, "resourceUrl")
	require.Len(t, w.get(t, w.candidates()).doc(t)["records"], 2, "the repeated POST is a second candidate")
	require.Equal(t, 4, w.CreateCalls())
}

func TestTenants(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.get(t, "/v1/legalentities/ActivatedLegalEntityTenantList")
	require.JSONEq(t, `{"userLegalEntities":[{"legalEntityId":501200,"tenantId":678000}]}`, got.body)
}
