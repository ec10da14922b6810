package teamtailortest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// overSockets plays one round between a server and an integration that both listen.
func overSockets(
	t *testing.T, serve func(http.Handler) *httptest.Server, opts ...teamtailortest.Option,
) *teamtailortest.Server {
	t.Helper()
	app := newIntegration()
	listening := serve(app)
	t.Cleanup(listening.Close)
	tt := teamtailortest.NewServer(append(opts, teamtailortest.WithIntegrationTransport(listening.Client().Transport))...)
	t.Cleanup(tt.Close)
	w := &world{tt: tt, app: app}
	w.partner = tt.RegisterPartner(teamtailortest.PartnerConfig{
		APIKey: apiKey, WebhookSecret: webhookSecret, ActivationConfig: json.RawMessage(activationForm),
	})
	w.partner.SetBaseURL(listening.URL + "/tt")
	w.company = tt.AddCompany(teamtailortest.CompanyConfig{})
	w.job = w.company.AddJob(teamtailortest.JobConfig{})
	w.stage = w.job.Stage("Video interview")
	w.mira = w.company.AddCandidate(teamtailortest.CandidateConfig{FirstName: "Mira"})
	app.on("POST /tt/webhook", func(c call) response {
		var event struct {
			Event struct {
				Result struct {
					UpdateURL string `json:"update-url"`
				} `json:"partner-result"`
			} `json:"partner-event"`
		}
		if err := json.Unmarshal(c.body, &event); err != nil || !strings.HasPrefix(event.Event.Result.UpdateURL, tt.URL) {
			return plainResponse(http.StatusBadRequest, "a foreign update-url")
		}
		return jsonResponse(`{}`)
	})
	d := w.triggered(t)
	require.Equal(t, 200, d.Status)
	status, _ := w.put(t, d.ResultID, `{"status": "sent"}`)
	require.Equal(t, 200, status)
	require.Equal(t, "sent", w.status(t))
	return tt
}

func TestServesPlainHTTP(t *testing.T) {
	t.Parallel()
	tt := overSockets(t, httptest.NewServer)
	require.True(t, strings.HasPrefix(tt.URL, "http://127.0.0.1:"))
	require.Nil(t, tt.Certificate())
}

func TestServesTLS(t *testing.T) {
	t.Parallel()
	tt := overSockets(t, httptest.NewTLSServer, teamtailortest.WithTLS())
	require.True(t, strings.HasPrefix(tt.URL, "https://127.0.0.1:"))
	require.NotNil(t, tt.Certificate())
}

func TestServesOnAGivenListener(t *testing.T) {
	t.Parallel()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	tt := overSockets(t, httptest.NewServer, teamtailortest.WithListener(l))
	require.Equal(t, "http://"+l.Addr().String(), tt.URL)
}

func TestInMemoryTransportReachesOnlyTheServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, teamtailortest.WithPublicURL(teamtailortest.StackAP.URL()+"/"))
	require.Equal(t, "https://api.au.teamtailor.com", w.tt.URL)
	get := func(url string) error {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		require.NoError(t, err)
		resp, err := w.tt.Client().Do(req)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
	require.NoError(t, get(w.tt.URL+"/v1/jobs"))
	require.ErrorIs(t, get("https://attacker.example/partner/v1/partner-results/1"), teamtailortest.ErrNoRoute)
	w.tt.Close()
	require.ErrorIs(t, get(w.tt.URL+"/v1/jobs"), teamtailortest.ErrNoRoute)
	w.tt.Close()
	require.Nil(t, w.tt.Certificate())
}

func TestTransportTurnsPanicsIntoLostConnections(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]any{"an abort": http.ErrAbortHandler, "a bug": "oops"} {
		rt := teamtailortest.Transport(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(p) }))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://app.example/x?y=z", strings.NewReader("body"))
		require.NoError(t, err)
		resp, err := rt.RoundTrip(req)
		if err == nil {
			require.NoError(t, resp.Body.Close())
		}
		require.ErrorIs(t, err, teamtailortest.ErrConnectionLost, name)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://app.example", nil)
	require.NoError(t, err)
	resp, err := teamtailortest.Transport(http.NotFoundHandler()).RoundTrip(req)
	if err == nil {
		require.NoError(t, resp.Body.Close())
	}
	require.ErrorIs(t, err, context.Canceled)
}

type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, errors.New("broken") }
func (brokenBody) Close() error             { return nil }

func TestTransportReportsBodiesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://app.example", brokenBody{})
	require.NoError(t, err)
	resp, err := teamtailortest.Transport(http.NotFoundHandler()).RoundTrip(req)
	if err == nil {
		require.NoError(t, resp.Body.Close())
	}
	require.ErrorContains(t, err, "broken")
}

func TestSameSeedSameWorld(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Unix(1781000000, 0) }
	play := func(seed uint64) string {
		w := newWorld(t, teamtailortest.WithSeed(seed), teamtailortest.WithClock(now))
		d := w.triggered(t)
		return string(d.Body) + w.app.last(t, "/tt/config").header.Get("Teamtailor-Signature")
	}
	first, again, other := play(1), play(1), play(2)
	require.Equal(t, first, again)
	require.NotEqual(t, first, other)
}

func TestOptionsThatMakeNoSensePanic(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]teamtailortest.Option{
		"memory with TLS":      {teamtailortest.InMemory(), teamtailortest.WithTLS()},
		"an unknown stack":     {teamtailortest.WithStack("us")},
		"no clock":             {teamtailortest.WithClock(nil)},
		"no time":              {teamtailortest.WithIntegrationTimeout(0)},
		"no rate":              {teamtailortest.WithRateLimit(0, time.Second)},
		"no scheme":            {teamtailortest.WithSchemes()},
		"a public URL of none": {teamtailortest.WithPublicURL("api.teamtailor.com")},
	} {
		require.Panics(t, func() { teamtailortest.NewServer(opts...) }, name)
	}
	w := newWorld(t)
	for name, f := range map[string]func(){
		"a key that is taken":     func() { w.tt.RegisterPartner(teamtailortest.PartnerConfig{APIKey: apiKey}) },
		"one secret for both":     func() { w.tt.RegisterPartner(teamtailortest.PartnerConfig{APIKey: "a", WebhookSecret: "a"}) },
		"a company that exists":   func() { w.tt.AddCompany(teamtailortest.CompanyConfig{UUID: w.company.UUID}) },
		"a token that is taken":   func() { w.tt.AddCompany(teamtailortest.CompanyConfig{APIToken: w.company.APIToken()}) },
		"an unknown field type":   func() { w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: "x", Type: "color"}) },
		"a webhook without a URL": func() { w.company.AddWebhook(teamtailortest.CompanyWebhookConfig{}) },
		"an API name that is taken": func() {
			for range 2 {
				w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: "Interview time"})
			}
		},
	} {
		require.Panics(t, f, name)
	}
}

func TestStacks(t *testing.T) {
	t.Parallel()
	for stack, url := range map[teamtailortest.Stack]string{
		teamtailortest.StackEU: "https://api.teamtailor.com", teamtailortest.StackNA: "https://api.na.teamtailor.com",
		teamtailortest.StackAP: "https://api.au.teamtailor.com",
	} {
		require.Equal(t, url, stack.URL())
		tt := teamtailortest.NewServer(teamtailortest.InMemory(), teamtailortest.WithStack(stack))
		require.Equal(t, stack, tt.Stack())
		tt.Close()
	}
}

func TestNothingPersonalOrSecretReachesLogs(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, teamtailortest.PartnerConfig{
		ActivationConfig: json.RawMessage(activationForm), RequireCompanyToken: true,
	})
	hook := w.company.AddWebhook(teamtailortest.CompanyWebhookConfig{URL: "https://app.example/none", Key: "hook-key-0003"})
	d := w.triggered(t)
	_, _, _ = w.publicAPI(t, apiCall{path: "/v1/candidates?filter[email]=mira.falk@mail.example&page[size]=5"})
	_, _, _ = w.partnerAPI(t, apiCall{path: results})
	require.NoError(t, w.tt.Wait(t.Context()))
	card, _ := w.tt.Card(w.mira)
	a, err := w.partner.Activate(t.Context(), w.tt.AddCompany(teamtailortest.CompanyConfig{Name: "Other"}), values())
	require.NoError(t, err)
	require.NoError(t, a.FinishInstallation())
	other := a.Company.AddJob(teamtailortest.JobConfig{}).Stage(teamtailortest.StageInbox)
	form, err := a.OpenForm(t.Context(), teamtailortest.OnStage(other, nil))
	require.NoError(t, err)
	require.NoError(t, form.Choose(t.Context(), choices()))
	trigger, err := form.Save()
	require.NoError(t, err)
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	for _, v := range []any{
		w.partner, w.company, w.asha, w.mira, hook, a, d, card, w.tt.Requests(),
		teamtailortest.PartnerConfig{APIKey: apiKey, WebhookSecret: webhookSecret},
		teamtailortest.CompanyConfig{APIToken: w.company.APIToken()},
		teamtailortest.CompanyWebhookConfig{Key: "hook-key-0003"},
		teamtailortest.CandidateConfig{Email: "mira.falk@mail.example"},
		w.tt, form, trigger, values(),
		teamtailortest.Choices{"note": "asha"},
		card.CardState, card.History[0],
		teamtailortest.UserConfig{Name: "Asha"},
	} {
		log.Info("seen", "value", v)
	}
	require.Contains(t, out.String(), "redacted")
	require.Contains(t, out.String(), "page%5Bsize%5D=5")
	for _, secret := range []string{
		apiKey, webhookSecret, w.company.APIToken(), "hook-key-0003", "org-key", "mira", "Mira", "Falk", "Asha", "asha", "eyJ",
	} {
		require.NotContains(t, out.String(), secret)
	}
}

func TestAwaitCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.triggered(t)
	found := make(chan teamtailortest.Card)
	go func() {
		card, err := w.tt.AwaitCard(t.Context(), w.mira, func(c teamtailortest.Card) bool { return c.Status == "completed" })
		if err != nil {
			card.Status = err.Error()
		}
		found <- card
	}()
	w.put(t, d.ResultID, `{"status": "sent"}`)
	w.put(t, d.ResultID, `{"status": "completed"}`)
	require.Equal(t, "completed", (<-found).Status)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.tt.AwaitCard(ctx, w.mira, func(teamtailortest.Card) bool { return false })
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "completed")
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	w.app.on("POST /tt/hook", func(call) response { close(arrived); <-release; return jsonResponse(`{}`) })
	w.company.AddWebhook(teamtailortest.CompanyWebhookConfig{URL: "https://app.example/tt/hook", Events: []string{"job.create"}})
	w.company.AddJob(teamtailortest.JobConfig{})
	<-arrived
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, w.tt.Wait(ctx), context.Canceled)
	close(release)
	require.NoError(t, w.tt.Wait(t.Context()))
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, teamtailortest.WithRateLimit(10_000, time.Second))
	w.app.on("POST /tt/hook", func(call) response { return jsonResponse(`{}`) })
	w.company.AddWebhook(teamtailortest.CompanyWebhookConfig{URL: "https://app.example/tt/hook"})
	a := w.install(t)
	_, err := a.SaveTrigger(t.Context(), w.stage, w.asha, choices())
	require.NoError(t, err)
	var all sync.WaitGroup
	errs := make(chan error, 100)
	for i := range 20 {
		all.Go(func() {
			c := w.company.AddCandidate(teamtailortest.CandidateConfig{FirstName: strconv.Itoa(i)})
			deliveries, err := w.tt.MoveCandidate(t.Context(), c, w.stage, teamtailortest.By(w.asha))
			if err != nil || len(deliveries) != 1 {
				errs <- fmt.Errorf("%d deliveries: %w", len(deliveries), err)
				return
			}
			for _, status := range []string{"sent", "pending", "completed"} {
				if code, body, err := w.update(t.Context(), deliveries[0].ResultID, status); err != nil || code != 200 {
					errs <- fmt.Errorf("status %d: %s: %w", code, body, err)
				}
			}
			if card, ok := w.tt.Card(c); !ok || card.Status != "completed" || len(card.History) != 4 {
				errs <- fmt.Errorf("card of %d is %q", c.ID, card.Status)
			}
			_ = a.Save(t.Context(), values())
			w.tt.Requests()
			c.Destroy()
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	require.NoError(t, w.tt.Wait(t.Context()))
	require.Len(t, w.app.to("/tt/webhook"), 20)
}

func TestOversizedRequestsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status, _, _ := w.partnerAPI(t, apiCall{method: http.MethodPost, path: results, body: strings.Repeat("x", 1<<20+1)})
	require.Equal(t, http.StatusRequestEntityTooLarge, status)
	status, _, body := w.partnerAPI(t, apiCall{path: "/elsewhere"})
	require.Equal(t, 404, status)
	require.Equal(t, "404", at(body, "errors", 0, "code"))
}

// FuzzUpdate sends any body as an update: the answer is always one that the vendor could give, and what is accepted reads
// back as valid.
func FuzzUpdate(f *testing.F) {
	for _, seed := range []string{
		`{"status": "sent"}`, `{"summary": "x", "url": "https://a.example"}`, `{"details": {"a": {"b": 1}}}`,
		`{"assessment": {"score": 85, "duration": "0:32:14", "grade": null}}`, `{"attachments": [{"url": "https://a.example", "description": "x"}]}`,
		`{"actions": [{"buttonText": "x", "endpoint": "y"}]}`, `{"job-id": 1e400}`, `[`, `{"assessment-criteria": [{"id": "x", "score": 1}]}`,
	} {
		f.Add(seed)
	}
	app := newIntegration()
	tt := teamtailortest.NewServer(teamtailortest.InMemory(), teamtailortest.WithRateLimit(1<<30, time.Second),
		teamtailortest.WithIntegrationTransport(teamtailortest.Transport(app)))
	f.Cleanup(tt.Close)
	partner := tt.RegisterPartner(teamtailortest.PartnerConfig{APIKey: apiKey, BaseURL: "https://app.example/tt"})
	company := tt.AddCompany(teamtailortest.CompanyConfig{})
	mira := company.AddCandidate(teamtailortest.CandidateConfig{})
	a, err := partner.Install(f.Context(), company, nil)
	require.NoError(f, err)
	d, err := a.RunManually(f.Context(), mira, nil, nil, choices())
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, attributes string) {
		body := `{"data": {"type": "partner-results", "id": "` + d.ResultID + `", "attributes": ` + attributes + `}}`
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, tt.URL+results+"/"+d.ResultID, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Token "+apiKey)
		req.Header.Set("X-Api-Version", "20180828")
		req.Header.Set("Content-Type", "application/vnd.api+json")
		resp, err := tt.Client().Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Contains(t, []int{200, 400, 413, 422}, resp.StatusCode)
		require.True(t, json.Valid(answer))
		card, ok := tt.Card(mira)
		require.True(t, ok)
		require.Contains(t, []string{"sending", "sent", "pending", "completed", "failed"}, card.Status)
		require.LessOrEqual(t, len([]rune(card.Summary)), 150)
	})
}

// FuzzForm reads any trigger form: it never panics, and a form that opens has only fields that a recruiter could see.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{triggerForm, activationForm, `{"config": {"fields": [{"id": "a", "type": "week", "value": [1]}]}}`, `{`, `null`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, form string) {
		tt := teamtailortest.NewServer(teamtailortest.InMemory(),
			teamtailortest.WithIntegrationTransport(teamtailortest.Transport(http.NotFoundHandler())))
		defer tt.Close()
		partner := tt.RegisterPartner(teamtailortest.PartnerConfig{TriggerConfig: json.RawMessage(form), BaseURL: "https://app.example"})
		company := tt.AddCompany(teamtailortest.CompanyConfig{})
		a, err := partner.Install(t.Context(), company, nil)
		require.NoError(t, err)
		opened, err := a.OpenForm(t.Context(), teamtailortest.OnStage(company.AddJob(teamtailortest.JobConfig{}).Stage("Inbox"), nil))
		if err != nil {
			return
		}
		for _, field := range opened.Fields() {
			require.NotEmpty(t, field.Type)
			require.NotEqual(t, "textarea", field.Type)
		}
		_, _ = opened.Save()
	})
}
