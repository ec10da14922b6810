package teamtailortest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

// integration is a hand-written integration: it answers what the test tells it to and remembers what it was asked.
type integration struct {
	mu      sync.Mutex
	calls   []call
	answers map[string]func(call) response
}

type call struct {
	method, path string
	query        map[string][]string
	header       http.Header
	body         []byte
}

type response struct {
	status      int
	contentType string
	body        string
}

func jsonResponse(body string) response { return response{http.StatusOK, "application/json", body} }

func plainResponse(status int, body string) response {
	return response{status, "text/plain; charset=utf-8", body}
}

// on sets the answer to calls such as "GET /config".
func (i *integration) on(what string, answer func(call) response) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answers[what] = answer
}

func (i *integration) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "cannot read the body", http.StatusBadRequest)
		return
	}
	c := call{r.Method, r.URL.Path, r.URL.Query(), r.Header.Clone(), body}
	i.mu.Lock()
	i.calls = append(i.calls, c)
	answer := i.answers[r.Method+" "+r.URL.Path]
	i.mu.Unlock()
	if answer == nil {
		http.Error(w, "nothing here", http.StatusNotFound)
		return
	}
	resp := answer(c)
	if resp.contentType != "" {
		w.Header().Set("Content-Type", resp.contentType)
	}
	w.WriteHeader(resp.status)
	_, _ = io.WriteString(w, resp.body)
}

// to returns the calls to a path, in order.
func (i *integration) to(path string) []call {
	i.mu.Lock()
	defer i.mu.Unlock()
	var calls []call
	for _, c := range i.calls {
		if c.path == path {
			calls = append(calls, c)
		}
	}
	return calls
}

// last returns the newest call to a path.
func (i *integration) last(t *testing.T, path string) call {
	t.Helper()
	calls := i.to(path)
	require.NotEmpty(t, calls, "no call to %s", path)
	return calls[len(calls)-1]
}

const (
	apiKey        = "partner_api_key_example"
	webhookSecret = "whs_example_secret"

	activationForm = `{"config": {
		"fields": [{"id": "apiKeys", "type": "text", "label": "Spark Hire API keys", "required": true}],
		"customFieldMapping": [
			{"name": "Interview date", "type": "date", "apiName": "interview-date"},
			{"name": "Interview time", "type": "text", "apiName": "interview-time"}]},
		"validateEndpoint": "activation/validate"}`

	triggerForm = `{"config": {"fields": [
		{"type": "infobox", "icon": "info", "content": "Date and time come from custom fields."},
		{"id": "recruiter", "label": "Recruiter", "type": "select", "required": true,
			"options": [{"id": "asha-lind", "label": "Asha Lind"}, {"id": "bo-ek", "label": "Bo Ek"}]},
		{"id": "interview-type", "label": "Type", "type": "select", "required": true,
			"options": [{"id": "one_way", "label": "One-way"}, {"id": "live", "label": "Live"}]},
		{"id": "schedule-interview", "label": "Schedule interview", "type": "datetime-local"}]}}`

	keys = "Organization: org-key-0001\nAsha Lind: user-key-0002"
)

func values() teamtailortest.Values { return teamtailortest.Values{"apiKeys": keys} }

func choices() teamtailortest.Choices {
	return teamtailortest.Choices{"recruiter": "asha-lind", "interview-type": "one_way"}
}

// world is a company with a job, a candidate and an integration, all in memory.
type world struct {
	tt      *teamtailortest.Server
	app     *integration
	partner *teamtailortest.Partner
	company *teamtailortest.Company
	asha    *teamtailortest.User
	job     *teamtailortest.Job
	stage   *teamtailortest.Stage
	mira    *teamtailortest.Candidate
}

func newIntegration() *integration {
	app := &integration{answers: map[string]func(call) response{}}
	app.on("GET /tt/config", func(call) response { return jsonResponse(triggerForm) })
	app.on("GET /tt/activation", func(call) response { return jsonResponse(activationForm) })
	app.on("GET /tt/activation/validate", func(call) response { return jsonResponse(`{}`) })
	app.on("POST /tt/webhook", func(call) response { return jsonResponse(`{}`) })
	return app
}

func newWorld(t *testing.T, opts ...teamtailortest.Option) *world {
	t.Helper()
	return newWorldFor(t, teamtailortest.PartnerConfig{ActivationConfig: json.RawMessage(activationForm)}, opts...)
}

// newWorldFor is newWorld with a partner of another configuration; name, keys and base URL are filled in.
func newWorldFor(t *testing.T, cfg teamtailortest.PartnerConfig, opts ...teamtailortest.Option) *world {
	t.Helper()
	w := &world{app: newIntegration()}
	w.tt = teamtailortest.NewServer(append([]teamtailortest.Option{
		teamtailortest.InMemory(),
		teamtailortest.WithIntegrationTransport(teamtailortest.Transport(w.app)),
	}, opts...)...)
	t.Cleanup(w.tt.Close)
	cfg.BaseURL, cfg.APIKey, cfg.WebhookSecret = "https://app.example/tt/", apiKey, webhookSecret
	w.partner = w.tt.RegisterPartner(cfg)
	w.company = w.tt.AddCompany(teamtailortest.CompanyConfig{UUID: "Qw3rTyUi0p"})
	w.asha = w.company.AddUser(teamtailortest.UserConfig{Name: "Asha Lind", Email: "asha@care.example"})
	w.job = w.company.AddJob(teamtailortest.JobConfig{Title: "Ward nurse", Recruiter: w.asha})
	w.stage = w.job.Stage("Video interview")
	w.mira = w.company.AddCandidate(teamtailortest.CandidateConfig{
		FirstName: "Mira", LastName: "Falk", Email: "mira.falk@mail.example", Phone: "+46700000001", Tags: []string{"nurse"},
		Department: "Care", Role: "Nurse",
		Locations: []teamtailortest.Location{{Name: "Lund", Address: "Storgatan 1, Lund"}},
		Questions: []teamtailortest.Question{{Question: "Do you hold a license?", Answer: "yes"}},
	})
	return w
}

// install activates the integration for the company.
func (w *world) install(t *testing.T) *teamtailortest.Activation {
	t.Helper()
	a, err := w.partner.Install(t.Context(), w.company, values())
	require.NoError(t, err)
	return a
}

// triggered installs, saves a trigger, and moves the candidate to its stage.
func (w *world) triggered(t *testing.T, opts ...teamtailortest.SendOption) teamtailortest.Delivery {
	t.Helper()
	_, err := w.install(t).SaveTrigger(t.Context(), w.stage, w.asha, choices())
	require.NoError(t, err)
	deliveries, err := w.tt.MoveCandidate(t.Context(), w.mira, w.stage, opts...)
	require.NoError(t, err)
	require.Len(t, deliveries, 1)
	return deliveries[0]
}

// apiCall is a request to one of the APIs; zero fields take what a correct client would send.
type apiCall struct {
	method, path, body string
	auth               string
	header             map[string]string // "" removes
}

// partnerAPI sends a request as the partner.
func (w *world) partnerAPI(t *testing.T, c apiCall) (int, http.Header, map[string]any) {
	t.Helper()
	if c.auth == "" {
		c.auth = "Token " + apiKey
	}
	return w.send(t, c, "20180828")
}

// publicAPI sends a request with the company's token.
func (w *world) publicAPI(t *testing.T, c apiCall) (int, http.Header, map[string]any) {
	t.Helper()
	if c.auth == "" {
		c.auth = "Token token=" + w.company.APIToken()
	}
	return w.send(t, c, "20240904")
}

func (w *world) send(t *testing.T, c apiCall, version string) (int, http.Header, map[string]any) {
	t.Helper()
	if c.method == "" {
		c.method = http.MethodGet
	}
	if strings.HasPrefix(c.path, "/") {
		c.path = w.tt.URL + c.path
	}
	req, err := http.NewRequestWithContext(t.Context(), c.method, c.path, bytes.NewReader([]byte(c.body)))
	require.NoError(t, err)
	req.Header.Set("Authorization", c.auth)
	req.Header.Set("X-Api-Version", version)
	req.Header.Set("Accept", "application/vnd.api+json")
	if c.body != "" {
		req.Header.Set("Content-Type", "application/vnd.api+json")
	}
	for name, v := range c.header {
		if v == "" {
			req.Header.Del(name)
		} else {
			req.Header.Set(name, v)
		}
	}
	resp, err := w.tt.Client().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	var decoded map[string]any
	if len(body) > 0 {
		require.NoError(t, json.Unmarshal(body, &decoded), "%s", body)
	}
	return resp.StatusCode, resp.Header, decoded
}

// put updates a partner result with attributes.
func (w *world) put(t *testing.T, resultID, attributes string) (int, map[string]any) {
	t.Helper()
	status, _, body := w.partnerAPI(t, apiCall{
		method: http.MethodPut, path: "/partner/v1/partner-results/" + resultID,
		body: `{"data": {"type": "partner-results", "id": "` + resultID + `", "attributes": ` + attributes + `}}`,
	})
	return status, body
}

// at walks into decoded JSON by names and indices; nil where the path ends.
func at(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

func decodeJSON(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal(raw, &m), "%s", raw)
	return m
}
