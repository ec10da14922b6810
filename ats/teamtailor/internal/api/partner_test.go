package api_test

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
)

const resultCall = "/partner/v1/partner-results/" + resultID

func TestResultUpdateSendsWhatIsNamed(t *testing.T) {
	t.Parallel()
	v := newVendor(
		t, partnerHeader(),
		exchange{call: "PUT " + resultCall, want: "want_result_sent.json", answer: "result.json"},
		exchange{call: "PUT " + resultCall, want: "want_result_completed.json", answer: "any answer to a success will do"},
		exchange{call: "PUT " + resultCall, want: "want_result_sent.json", status: 204},
	)
	results := v.partner(t).Results
	sent := api.ResultUpdate{
		Status:  api.StatusSent,
		Summary: new("One-way interview sent to the candidate, due 2026-12-01 14:30 (Europe/Stockholm)."),
		Details: map[string]any{"Recruiter": "Asha Lind", "Interview type": "One-way", "Question set": "Nurse basics"},
	}
	require.NoError(t, results.Update(t.Context(), resultID, sent))
	require.NoError(t, results.Update(t.Context(), resultID, api.ResultUpdate{
		Status: api.StatusCompleted, JobID: "4711", Summary: new("Interview completed."), URL: new("https://app.example.com/watch/abc"),
		Assessment:  &api.Assessment{Score: new(0.0), Grade: api.GradeTopFit, Duration: 1934*time.Second + 900*time.Millisecond},
		Details:     map[string]any{},
		Attachments: []api.Attachment{{URL: "https://app.example.com/share/abc", Description: "Share the interview"}},
		Actions:     []api.Action{},
		Criteria:    []api.Criterion{{ID: "empathy", Score: new(70.5)}, {ID: "clarity"}},
	}))
	require.NoError(t, results.Update(t.Context(), resultID, sent))
}

func TestResultUpdateRefusesWhatTheVendorWould(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		id   string
		req  api.ResultUpdate
		want string
	}{
		"an unknown status":         {req: api.ResultUpdate{Status: "done"}, want: "status must be"},
		"a job that is no number":   {req: api.ResultUpdate{JobID: "W-7"}, want: "job-id must be a number"},
		"a URL that is no link":     {req: api.ResultUpdate{URL: new("javascript:alert(1)")}, want: "url must be"},
		"a relative URL":            {req: api.ResultUpdate{URL: new("/watch/abc")}, want: "url must be"},
		"details of three levels":   {req: api.ResultUpdate{Details: map[string]any{"a": map[string]any{"b": []string{"c"}}}}, want: "details must be"},
		"details JSON cannot hold":  {req: api.ResultUpdate{Details: map[string]any{"a": math.Inf(1)}}, want: "details must be"},
		"a score above 100":         {req: api.ResultUpdate{Assessment: &api.Assessment{Score: new(100.5)}}, want: "assessment.score must be"},
		"a score below 0":           {req: api.ResultUpdate{Assessment: &api.Assessment{Score: new(-1.0)}}, want: "assessment.score must be"},
		"a score that is no number": {req: api.ResultUpdate{Assessment: &api.Assessment{Score: new(math.NaN())}}, want: "assessment.score must be"},
		"a grade of old":            {req: api.ResultUpdate{Assessment: &api.Assessment{Grade: "excelled"}}, want: "assessment.grade must be"},
		"a negative duration":       {req: api.ResultUpdate{Assessment: &api.Assessment{Duration: -1}}, want: "assessment.duration must"},
		"an attachment's name":      {req: api.ResultUpdate{Attachments: []api.Attachment{{URL: "https://a.example"}}}, want: "attachments[0] must"},
		"an attachment's link":      {req: api.ResultUpdate{Attachments: []api.Attachment{{URL: "x", Description: "x"}}}, want: "attachments[0] must"},
		"a button without a text":   {req: api.ResultUpdate{Actions: []api.Action{{Endpoint: "x"}}}, want: "actions[0] must"},
		"a criterion without an id": {req: api.ResultUpdate{Criteria: []api.Criterion{{ID: "a"}, {}}}, want: "assessment-criteria[1] must"},
		"a path for an id":          {id: "../partners/1", want: "id must be the id of a partner result"},
	}
	results := newVendor(t, partnerHeader()).partner(t).Results
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id := tt.id
			if id == "" {
				id = resultID
			}
			err := results.Update(t.Context(), id, tt.req)
			require.ErrorAs(t, err, new(*api.ArgumentError))
			require.ErrorContains(t, err, tt.want)
			require.False(t, api.OutcomeUnknown(err))
		})
	}
	require.ErrorAs(t, results.Update(t.Context(), "", api.ResultUpdate{}), new(*api.ArgumentError))
}

func TestResultCreateGetDelete(t *testing.T) {
	t.Parallel()
	v := newVendor(
		t, partnerHeader(),
		exchange{call: "POST /partner/v1/partner-results", want: "want_result_create.json", status: 201, answer: "result.json"},
		exchange{call: "GET " + resultCall, answer: "result.json"},
		exchange{call: "DELETE " + resultCall, status: 204},
		exchange{call: "DELETE " + resultCall, status: 404, answer: `{"errors":[{"title":"Record not found","status":"404","code":"404"}]}`},
	)
	results := v.partner(t).Results
	want := &api.Result{
		ID: resultID, Status: api.StatusCompleted, CandidateID: "81234", JobID: "4711",
		Summary: "Interview completed.", URL: "https://app.example.com/watch/abc",
		Assessment:  api.Assessment{Score: new(85.0), Grade: api.GradeTopFit, Duration: 1934 * time.Second},
		Details:     json.RawMessage(`{ "Recruiter": "Asha Lind", "Times": { "sent": "2026-12-01" } }`),
		Attachments: []api.Attachment{{URL: "https://app.example.com/share/abc", Description: "Share the interview"}},
		Criteria:    []api.Criterion{{ID: "empathy", Score: new(70.5)}, {ID: "clarity"}},
		CreatedAt:   time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC),
	}
	got, err := results.Create(t.Context(), api.ResultCreate{CandidateID: "81234", ResultUpdate: api.ResultUpdate{
		Status: api.StatusPending, Actions: []api.Action{{ButtonText: "Resend invitation", Endpoint: "actions/resend"}},
	}})
	require.NoError(t, err)
	require.Equal(t, want, got)
	got, err = results.Get(t.Context(), resultID)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.NoError(t, results.Delete(t.Context(), resultID))

	err = results.Delete(t.Context(), resultID)
	var refusal *api.APIError
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, http.StatusNotFound, refusal.Status)
	require.Equal(t, "/partner/v1/partner-results/{id}", refusal.Path)

	_, err = results.Create(t.Context(), api.ResultCreate{CandidateID: "5b0a", ResultUpdate: api.ResultUpdate{Status: api.StatusSent}})
	require.ErrorContains(t, err, "candidate-id must be a number")
	_, err = results.Create(t.Context(), api.ResultCreate{CandidateID: "5"})
	require.ErrorContains(t, err, "status is required")
}

func TestResultsAreListedPageByPage(t *testing.T) {
	t.Parallel()
	const first, second = "GET /partner/v1/partner-results?page%5Bsize%5D=2", "GET /partner/v1/partner-results?page%5Bnumber%5D=2&page%5Bsize%5D=2"
	v := newVendor(
		t, partnerHeader(),
		exchange{call: "GET /partner/v1/partner-results", answer: "results_page1.json"},
		exchange{call: first, answer: "results_page1.json"},
		exchange{call: second, answer: "results_page2.json"},
		exchange{call: first, answer: "results_page1.json"},
	)
	results := v.partner(t).Results
	page, err := results.List(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, 3, page.RecordCount)
	require.Equal(t, 2, page.PageCount)
	require.Equal(t, v.URL+"/partner/v1/partner-results?page%5Bnumber%5D=2&page%5Bsize%5D=2", page.Next)
	require.Equal(t, []api.Result{
		{ID: resultID, Status: api.StatusSending, CandidateID: "81234", Details: json.RawMessage("{}")},
		{ID: "77aa0c1e-8d7f-4f44-9a39-2f6a1c0e9b77", Status: "rescheduled", CandidateID: "81235"},
	}, page.Items)

	opts := &api.PageOptions{Size: 2}
	all := results.All(t.Context(), opts)
	var ids []string
	for result, err := range all {
		require.NoError(t, err)
		ids = append(ids, result.ID[:2])
	}
	require.Equal(t, []string{"0d", "77", "9c"}, ids)
	require.Equal(t, &api.PageOptions{Size: 2}, opts)
	for range all { // ranging again starts again, and nothing is requested after a break
		break
	}
}

func TestActivations(t *testing.T) {
	t.Parallel()
	v := newVendor(
		t, partnerHeader(),
		exchange{call: "GET /partner/v1/partner-activations", answer: "activations.json"},
		exchange{call: "GET /partner/v1/partner-activations?page%5Bnumber%5D=1&page%5Bsize%5D=2", answer: "activations.json"},
		exchange{call: "GET /partner/v1/partner-activations/12", answer: "activation.json"},
	)
	activations := v.partner(t).Activations
	first := api.Activation{ID: "12", CompanyUUID: "Qw3rTyUi0p", CompanyName: "Example Care AB", ProviderKey: "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..a.b.c"}
	want := []api.Activation{first, {ID: "13", CompanyUUID: "Zx9"}}
	var got []api.Activation
	for activation, err := range activations.All(t.Context(), nil) {
		require.NoError(t, err)
		got = append(got, activation)
	}
	require.Equal(t, want, got)
	page, err := activations.List(t.Context(), &api.PageOptions{Number: 1, Size: 2})
	require.NoError(t, err)
	require.Equal(t, want, page.Items)
	require.Empty(t, page.Next)
	one, err := activations.Get(t.Context(), "12")
	require.NoError(t, err)
	require.Equal(t, &first, one)
	require.NotContains(t, first.LogValue().String(), "eyJ")
}

func TestPartnerSettings(t *testing.T) {
	t.Parallel()
	refused := `{"errors":[{"title":"Invalid field value","code":"103","status":"400","source":{"pointer":"/data/id"}}]}`
	v := newVendor(
		t, partnerHeader(),
		exchange{call: "GET /partner/v1/partners/99", answer: "partner.json"},
		exchange{call: "PUT /partner/v1/partners/99", want: "want_partner.json", answer: "partner.json"},
		exchange{call: "PUT /partner/v1/partners/99", want: "want_partner.json", status: 400, answer: refused},
		exchange{call: "PUT /partner/v1/partners/99", want: "want_partner_numbered.json", answer: "partner.json"},
		exchange{call: "PUT /partner/v1/partners/99", want: "want_partner.json", status: 409, answer: refused},
		exchange{call: "PUT /partner/v1/partners/99", want: "want_partner_numbered.json", status: 500},
		exchange{call: "PUT /partner/v1/partners/99", want: "want_partner.json", status: 422, answer: `{"errors":[{"source":{"pointer":"/data/attributes/base-url"}}]}`},
		exchange{call: "PUT /partner/v1/partners/99", want: "want_partner.json", status: 401},
	)
	partners := v.partner(t, api.WithMaxAttempts(1)).Partners
	settings, err := partners.Get(t.Context(), "99")
	require.NoError(t, err)
	require.Equal(t, "Spark Hire", settings.Name)
	require.Equal(t, "https://bridge.example/teamtailor", settings.BaseURL)
	require.Nil(t, settings.WebhookConfig)
	require.JSONEq(t, `{"config":{"fields":[{"id":"apiKeys","type":"text"}]},"validateEndpoint":"activation/validate"}`, string(settings.ActivationConfig))
	require.True(t, settings.DynamicActivation)

	update := api.PartnerUpdate{
		BaseURL: new("https://bridge.example/teamtailor"), ActivationConfig: json.RawMessage(`{"config":{"fields":[]}}`), DynamicActivation: new(false),
	}
	require.NoError(t, partners.Update(t.Context(), "99", update))
	require.NoError(t, partners.Update(t.Context(), "99", update), "a number after the string was refused")
	for _, status := range []int{409, 422, 401} {
		var refusal *api.APIError
		require.ErrorAs(t, partners.Update(t.Context(), "99", update), &refusal)
		require.Equal(t, status, refusal.Status, "the first refusal is the one that explains")
	}
}

func TestTheOtherWordIsTriedOnceAfter401(t *testing.T) {
	t.Parallel()
	token, bearer := map[string]string{"Authorization": "Token " + partnerKey}, map[string]string{"Authorization": "Bearer " + partnerKey}
	get := func(header map[string]string, status int) exchange {
		return exchange{call: "GET " + resultCall, header: header, status: status, answer: "result.json"}
	}
	v := newVendor(
		t, nil,
		get(token, 401), get(bearer, 200), // learned
		get(bearer, 200),                  // kept
		get(bearer, 401), get(token, 401), // neither: an error, and nothing is learned from it
		get(bearer, 200),
		exchange{call: "PUT " + resultCall, header: bearer, want: "want_result_sent.json", status: 401},
		exchange{call: "PUT " + resultCall, header: token, want: "want_result_sent.json", answer: "result.json"},
	)
	results := v.partner(t).Results
	for _, ok := range []bool{true, true, false, true} {
		_, err := results.Get(t.Context(), resultID)
		if ok {
			require.NoError(t, err)
			continue
		}
		var refusal *api.APIError
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, http.StatusUnauthorized, refusal.Status)
	}
	require.NoError(t, results.Update(t.Context(), resultID, api.ResultUpdate{
		Status:  api.StatusSent,
		Summary: new("One-way interview sent to the candidate, due 2026-12-01 14:30 (Europe/Stockholm)."),
		Details: map[string]any{"Recruiter": "Asha Lind", "Interview type": "One-way", "Question set": "Nurse basics"},
	}))
}

func TestTheFirstWordCanBeChosen(t *testing.T) {
	t.Parallel()
	v := newVendor(t, nil, exchange{call: "GET " + resultCall, header: map[string]string{"Authorization": "Bearer " + partnerKey}, answer: "result.json"})
	_, err := v.partner(t, api.WithScheme("Bearer")).Results.Get(t.Context(), resultID)
	require.NoError(t, err)
}

// Many calls that meet the wrong word at once all end with the right one.
func TestWordsDoNotDisturbOneAnother(t *testing.T) {
	t.Parallel()
	transport := roundTrip(func(req *http.Request) (*http.Response, error) {
		if req.Header.Get("Authorization") != "Bearer "+partnerKey {
			return answer(req, http.StatusUnauthorized, ""), nil
		}
		return answer(req, http.StatusNoContent, ""), nil
	})
	partner, err := api.NewPartner("https://api.teamtailor.com", partnerKey, api.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)
	var group sync.WaitGroup
	errs := make(chan error, 20)
	for range cap(errs) {
		group.Go(func() { errs <- partner.Results.Delete(t.Context(), resultID) })
	}
	group.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
}

func TestConstructorsNameTheArgumentAndKeepTheKey(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		base, key string
		opt       api.Option
		want      string
	}{
		"no key":             {"https://api.teamtailor.com", "", nil, "key: want visible ASCII"},
		"a key with a space": {"https://api.teamtailor.com", "secret key", nil, "key: want visible ASCII"},
		"a key of two lines": {"https://api.teamtailor.com", "secret\r\nX: y", nil, "key: want visible ASCII"},
		"plain http":         {"http://api.teamtailor.com", "secret", nil, "base URL: want https"},
		"a path":             {"https://api.teamtailor.com/v1", "secret", nil, "base URL: want scheme, host and port only"},
		"an odd version":     {"https://api.teamtailor.com", "secret", api.WithVersion("latest"), "API version: want a date"},
		"an odd word":        {"https://api.teamtailor.com", "secret", api.WithScheme("Basic"), "authorization scheme: want Token or Bearer"},
		"no HTTP client":     {"https://api.teamtailor.com", "secret", api.WithHTTPClient(nil), "HTTP client is nil"},
		"no limiter":         {"https://api.teamtailor.com", "secret", api.WithLimiter(nil), "limiter is nil"},
		"no attempts":        {"https://api.teamtailor.com", "secret", api.WithMaxAttempts(0), "attempts: want at least one"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var opts []api.Option
			if tt.opt != nil {
				opts = append(opts, tt.opt)
			}
			_, err := api.NewPartner(tt.base, tt.key, opts...)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "secret")
			_, err = api.NewPublic(tt.base, tt.key, opts...)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "secret")
		})
	}
	partner, err := api.NewPartner("HTTPS://API.Teamtailor.com:443/", partnerKey)
	require.NoError(t, err)
	require.Equal(t, "https://api.teamtailor.com", partner.BaseURL())
}

// roundTrip is a transport in memory.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func answer(req *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(body)), Request: req, ContentLength: int64(len(body)),
	}
}
