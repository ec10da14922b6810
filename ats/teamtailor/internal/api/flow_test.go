package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/keyform"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/sign"
	tt "github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

const (
	webhookSecret = "whs_example_secret"
	pastedKeys    = "Organization: org-key-0001\n\nAsha Lind: user-key-0002"
)

// receiver is the least that an integration does with a call: check everything, take
// it apart with the packages under test, and remember.
type receiver struct {
	bases api.Bases

	mu      sync.Mutex
	users   []string
	digests map[string]bool
	matches []sign.Match
	results []api.ResultRef
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if err := r.receive(w, req); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
	}
}

func (r *receiver) receive(w http.ResponseWriter, req *http.Request) error {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	webhookSecrets, partnerKeys := []sign.Secret{sign.NewSecret("eu", webhookSecret)}, []sign.Secret{sign.NewSecret("eu", partnerKey)}
	window := sign.Window{Now: time.Now()}
	if strings.HasPrefix(req.URL.Path, "/company") {
		match, err := sign.Company(req.Header, body, []sign.Secret{sign.NewSecret("company", "cw_example_key")}, window)
		if errors.Is(err, sign.ErrScheme) {
			match, err = sign.CompanyV1(req.Header, body, []sign.Secret{sign.NewSecret("company", "cw_example_key")})
		}
		r.matches = append(r.matches, match)
		return err
	}
	token, ok := sign.BearerToken(req.Header)
	if !ok {
		return errors.New("no bearer token")
	}
	key, err := sign.ParseProviderKey(token, partnerKeys, window.Now)
	if err != nil {
		return err
	}
	r.digests[key.Digest()] = true
	switch req.URL.Path {
	case "/config":
		w.Header().Set("Content-Type", "application/json")
		_, err := io.WriteString(w, `{"config":{"fields":[{"id":"recruiter","type":"select","options":[{"id":"asha-lind","label":"Asha Lind"}]}]}}`)
		return err
	case "/events":
		match, err := sign.PartnerWebhook(req.Header, body, append(webhookSecrets, partnerKeys...), window)
		r.matches = append(r.matches, match)
		return err
	}
	pasted, _ := key.Field("apiKeys")
	form, err := keyform.Parse(pasted)
	if err != nil {
		return err
	}
	for _, user := range form.Users {
		r.users = append(r.users, user.ID)
	}
	match, err := sign.Trigger(req.Header, body, webhookSecrets, window)
	if err != nil {
		return err
	}
	r.matches = append(r.matches, match)
	var event struct {
		Event struct {
			ID     string `json:"id"`
			Result struct {
				UpdateURL string `json:"update-url"`
			} `json:"partner-result"`
		} `json:"partner-event"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		return err
	}
	if event.Event.ID != match.ID {
		return errors.New("the id that was signed is not the id that was read")
	}
	ref, err := r.bases.Result(event.Event.Result.UpdateURL)
	if err != nil {
		return err
	}
	r.results = append(r.results, ref)
	return nil
}

// world is the vendor's simulator with a company, and the receiver, in memory.
type world struct {
	vendor  *tt.Server
	app     *receiver
	partner *tt.Partner
	company *tt.Company
	job     *tt.Job
	mira    *tt.Candidate
	client  *api.Partner
	public  *api.Public
}

func newWorld(t *testing.T, setup tt.EventSetup, opts ...tt.Option) *world {
	t.Helper()
	w := &world{app: &receiver{bases: stacks(t), digests: map[string]bool{}}}
	w.vendor = tt.NewServer(append([]tt.Option{
		tt.InMemory(), tt.WithPublicURL("https://api.na.teamtailor.com"), tt.WithIntegrationTransport(tt.Transport(w.app)),
	}, opts...)...)
	t.Cleanup(w.vendor.Close)
	w.partner = w.vendor.RegisterPartner(tt.PartnerConfig{
		BaseURL: "https://bridge.example", APIKey: partnerKey, WebhookSecret: webhookSecret, EventSetup: setup,
		ActivationConfig: json.RawMessage(`{"config":{"fields":[{"id":"apiKeys","type":"text","required":true}]}}`),
	})
	w.company = w.vendor.AddCompany(tt.CompanyConfig{APIToken: companyToken})
	w.job = w.company.AddJob(tt.JobConfig{Title: "Ward nurse", Stages: []string{"Video interview"}})
	w.mira = w.company.AddCandidate(tt.CandidateConfig{FirstName: "Mira", LastName: "Falk", Email: "Mira.Falk@mail.example"})
	var err error
	w.client, err = api.NewPartner("https://api.na.teamtailor.com", partnerKey, api.WithHTTPClient(w.vendor.Client()))
	require.NoError(t, err)
	w.public, err = api.NewPublic("https://api.na.teamtailor.com", companyToken, api.WithHTTPClient(w.vendor.Client()))
	require.NoError(t, err)
	return w
}

func (w *world) install(t *testing.T) *tt.Activation {
	t.Helper()
	activation, err := w.partner.Install(t.Context(), w.company, tt.Values{"apiKeys": pastedKeys})
	require.NoError(t, err)
	return activation
}

// trigger runs the integration on the candidate and returns the reference to the result.
func (w *world) trigger(t *testing.T, opts ...tt.SendOption) api.ResultRef {
	t.Helper()
	activation := w.install(t)
	stage := w.job.Stage("Video interview")
	_, err := activation.SaveTrigger(t.Context(), stage, nil, tt.Choices{"recruiter": "asha-lind"})
	require.NoError(t, err)
	deliveries, err := w.vendor.MoveCandidate(t.Context(), w.mira, stage, opts...)
	require.NoError(t, err)
	require.Len(t, deliveries, 1)
	require.Equal(t, http.StatusOK, deliveries[0].Status, deliveries[0].Text)
	require.Len(t, w.app.results, 1)
	return w.app.results[0]
}

func TestATriggerIsReceivedAndItsResultReported(t *testing.T) {
	t.Parallel()
	for name, send := range map[string][]tt.SendOption{
		"as documented":               nil,
		"with a folded signature":     {tt.FoldedSignature()},
		"with a later scheme beside":  {tt.NewerSignature()},
		"signed in the way of before": {tt.SignedOverBody()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.EventSetup{}, tt.WithSchemes("Bearer"))
			ref := w.trigger(t, send...)
			require.Equal(t, "https://api.na.teamtailor.com", ref.BaseURL())
			require.Equal(t, w.client.BaseURL(), ref.BaseURL(), "the key of a client is the way to the right client")
			require.Equal(t, []string{"asha-lind"}, w.app.users)
			match := w.app.matches[0]
			require.Equal(t, "eu", match.Secret)
			require.Equal(t, name == "with a later scheme beside", match.Later != "")
			require.Equal(t, name == "signed in the way of before", match.Message == sign.RawBody)

			require.NoError(t, w.client.Results.Update(t.Context(), ref.ID(), api.ResultUpdate{
				Status: api.StatusSent, Summary: new("Sent."), Details: map[string]any{"Recruiter": "Asha Lind"},
				Actions: []api.Action{{ButtonText: "Resend invitation", Endpoint: "actions/resend"}},
			}))
			require.NoError(t, w.client.Results.Update(t.Context(), ref.ID(), api.ResultUpdate{
				Status: api.StatusCompleted, URL: new("https://app.example.com/watch/abc"),
				Assessment:  &api.Assessment{Score: new(85.0), Grade: api.GradeMightBeFit, Duration: time.Minute},
				Attachments: []api.Attachment{{URL: "https://app.example.com/share/abc", Description: "Share"}},
			}))
			card, ok := w.vendor.Card(w.mira)
			require.True(t, ok)
			require.Equal(t, "completed", card.Status)
			require.Equal(t, "Sent.", card.Summary)
			require.Equal(t, []tt.Attachment{{URL: "https://app.example.com/share/abc", Description: "Share"}}, card.Attachments)
			require.Equal(t, []tt.Button{{Text: "Resend invitation", Endpoint: "actions/resend"}}, card.Buttons)

			result, err := w.client.Results.Get(t.Context(), ref.ID())
			require.NoError(t, err)
			require.Equal(t, api.StatusCompleted, result.Status)
			require.Equal(t, strconv.Itoa(w.mira.ID), result.CandidateID)
			require.Equal(t, strconv.Itoa(w.job.ID), result.JobID)
			require.Equal(t, api.Assessment{Score: new(85.0), Grade: api.GradeMightBeFit, Duration: time.Minute}, result.Assessment)
			require.JSONEq(t, `{"Recruiter":"Asha Lind"}`, string(result.Details))

			w.vendor.RemoveResult(ref.ID())
			var refusal *api.APIError
			require.ErrorAs(t, w.client.Results.Update(t.Context(), ref.ID(), api.ResultUpdate{Status: api.StatusFailed}), &refusal)
			require.Equal(t, http.StatusNotFound, refusal.Status)
		})
	}
}

func TestTriggersThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		send tt.SendOption
		want string
	}{
		"a bad signature":            {tt.BadSignature(), sign.ErrMismatch.Error()},
		"no signature":               {tt.NoSignature(), sign.ErrMissing.Error()},
		"another secret":             {tt.SignedWith(partnerKey), sign.ErrMismatch.Error()},
		"an old signature":           {tt.SignedAt(time.Now().Add(-time.Hour)), sign.ErrStale.Error()},
		"another provider key":       {tt.Bearer(tt.ProviderKey("another key", map[string]any{"apiKeys": pastedKeys})), sign.ErrMismatch.Error()},
		"no provider key":            {tt.Bearer(""), "no bearer token"},
		"an update-url of a spy":     {tt.UpdateURL("https://evil.example/partner/v1/partner-results/1"), api.ErrUpdateURL.Error()},
		"an update-url of our other": {tt.UpdateURL("https://api.na.teamtailor.com/v1/candidates/1"), api.ErrUpdateURL.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.EventSetup{})
			d, err := w.install(t).RunManually(t.Context(), w.mira, nil, nil, tt.Choices{"recruiter": "asha-lind"}, tc.send)
			require.NoError(t, err)
			require.Equal(t, http.StatusUnprocessableEntity, d.Status)
			require.Contains(t, d.Text, tc.want)
			require.Empty(t, w.app.results)
		})
	}
}

func TestActivationsAreDecryptedUnderEachReading(t *testing.T) {
	t.Parallel()
	for _, encryption := range []tt.Encryption{tt.A128GCM, tt.A256GCM, tt.A256GCMDigest} {
		for _, plaintext := range []tt.Plaintext{tt.PlaintextForm, tt.PlaintextProviderKey} {
			t.Run(fmt.Sprint(encryption, plaintext), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, tt.EventSetup{}, tt.WithEncryption(encryption), tt.WithPlaintext(plaintext))
				bearer := w.install(t).ProviderKey()
				old, err := w.partner.InstallOld(w.vendor.AddCompany(tt.CompanyConfig{}), "an old key")
				require.NoError(t, err)
				var keys []sign.ProviderKey
				for activation, err := range w.client.Activations.All(t.Context(), &api.PageOptions{Size: 1}) {
					require.NoError(t, err)
					key, err := sign.DecryptProviderKey(activation.ProviderKey,
						[]sign.Secret{sign.NewSecret("eu", webhookSecret)}, []sign.Secret{sign.NewSecret("eu", partnerKey)}, time.Now())
					require.NoError(t, err)
					keys = append(keys, key)
					one, err := w.client.Activations.Get(t.Context(), activation.ID)
					require.NoError(t, err)
					require.Equal(t, activation.CompanyUUID, one.CompanyUUID)
				}
				require.Len(t, keys, 2)
				pasted, ok := keys[0].Field("apiKeys")
				require.True(t, ok)
				require.Equal(t, pastedKeys, pasted)
				require.Equal(t, plaintext == tt.PlaintextProviderKey, keys[0].Digest() == sign.Digest(bearer))
				require.Equal(t, sign.Opaque, keys[1].Kind())
				require.Equal(t, sign.Digest(old.ProviderKey()), keys[1].Digest())
			})
		}
	}
}

func TestClaimsAreFoundUnderAWrapper(t *testing.T) {
	t.Parallel()
	for _, claim := range []string{"data", "config", "fields"} {
		w := newWorld(t, tt.EventSetup{}, tt.WithClaimsUnder(claim))
		w.trigger(t)
		require.Equal(t, []string{"asha-lind"}, w.app.users)
	}
}

func TestEventWebhooksAreVerified(t *testing.T) {
	t.Parallel()
	for _, withKey := range []bool{false, true} {
		for signs, message := range map[tt.SetupMessage]sign.Message{
			tt.SetupSignsBody: sign.RawBody, tt.SetupSignsID: sign.ResourceID, tt.SetupSignsPayload: sign.Payload,
		} {
			t.Run(fmt.Sprint(message, withKey), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, tt.EventSetup{URL: "https://bridge.example/events", SignWithAPIKey: withKey, Signs: signs})
				w.install(t)
				for _, d := range w.company.Emit(t.Context(), "candidate.destroy", w.mira.ID, nil) {
					require.Equal(t, http.StatusOK, d.Status, d.Text)
				}
				require.Equal(t, message, w.app.matches[0].Message)
				require.Equal(t, strconv.Itoa(w.mira.ID), w.app.matches[0].ID)
			})
		}
	}
	for name, hook := range map[string]tt.CompanyWebhookConfig{
		"v2": {}, "v2 over the payload": {SignatureInside: true}, "v1": {V1: true}, "v1 inside": {V1: true, SignatureInside: true},
	} {
		t.Run("company webhook "+name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.EventSetup{})
			hook.URL, hook.Key = "https://bridge.example/company", "cw_example_key"
			w.company.AddWebhook(hook)
			for _, d := range w.company.Emit(t.Context(), "candidate.update", w.mira.ID, map[string]any{"first_name": "Mira"}) {
				require.Equal(t, http.StatusOK, d.Status, d.Text)
			}
			require.Equal(t, strconv.Itoa(w.mira.ID), w.app.matches[0].ID)
			require.Equal(t, name[:2], w.app.matches[0].Scheme)
			require.Equal(t, name == "v2 over the payload", w.app.matches[0].Message == sign.Payload)
		})
	}
}

func TestResultsAreSweptAndMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tt.EventSetup{})
	w.install(t)
	var made []string
	for i := range 12 {
		result, err := w.client.Results.Create(t.Context(), api.ResultCreate{
			CandidateID:  strconv.Itoa(w.mira.ID),
			ResultUpdate: api.ResultUpdate{Status: api.StatusSending, Summary: new(fmt.Sprint("No. ", i))},
		})
		require.NoError(t, err)
		made = append(made, result.ID)
	}
	var seen []string
	for result, err := range w.client.Results.All(t.Context(), nil) {
		require.NoError(t, err)
		require.Equal(t, api.StatusSending, result.Status)
		seen = append(seen, result.ID)
	}
	require.ElementsMatch(t, made, seen)
	require.NoError(t, w.client.Results.Delete(t.Context(), made[0]))
	require.Len(t, w.vendor.Cards(w.mira), 11)

	id := strconv.Itoa(w.partner.ID)
	require.NoError(t, w.client.Partners.Update(t.Context(), id, api.PartnerUpdate{BaseURL: new("https://other.example"), DynamicActivation: new(true)}))
	settings, err := w.client.Partners.Get(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "https://other.example", settings.BaseURL)
	require.True(t, settings.DynamicActivation)
	require.NotNil(t, settings.ActivationConfig)
}

func TestThePublicAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tt.EventSetup{}, tt.WithObservedFilters(), tt.WithRateLimit(1000, time.Second))
	ctx, p, id := t.Context(), w.public, strconv.Itoa
	w.company.AddCustomField(tt.CustomFieldConfig{Name: "Interview date", Type: tt.FieldDate})
	timeField := w.company.AddCustomField(tt.CustomFieldConfig{Name: "Interview time"})
	require.NoError(t, w.mira.SetField("interview-date", "2026-12-01"))
	asha := w.company.AddUser(tt.UserConfig{Name: "Asha Lind", Email: "asha@example.com"})

	value, err := p.CustomFieldValues.Create(ctx, id(w.mira.ID), id(timeField.ID), "14:30")
	require.NoError(t, err)
	require.NoError(t, p.CustomFieldValues.Update(ctx, value.ID, "15:00"))
	mira, err := p.Candidates.Get(ctx, id(w.mira.ID), &api.CandidateOptions{CustomFields: true})
	require.NoError(t, err)
	got := map[string]string{}
	for _, v := range mira.CustomFields {
		got[v.Field.APIName] = v.Text
	}
	require.Equal(t, map[string]string{"interview-date": "2026-12-01", "interview-time": "15:00"}, got)

	page, err := p.Candidates.List(ctx, &api.CandidateListOptions{Email: "mira.falk@MAIL.example"})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Equal(t, mira.ID, page.Items[0].ID)

	stage := w.job.Stage("Video interview")
	_, err = w.vendor.MoveCandidate(ctx, w.mira, w.job.Stage(tt.StageInbox))
	require.NoError(t, err)
	for range 64 {
		other := w.company.AddCandidate(tt.CandidateConfig{FirstName: "Ole", Sourced: true})
		_, err := w.vendor.MoveCandidate(ctx, other, stage)
		require.NoError(t, err)
	}
	count := 0
	for c, err := range p.Candidates.AllInJob(ctx, id(w.job.ID), &api.CandidateListOptions{CustomFields: true, CreatedSince: time.Now().Add(-time.Hour)}) {
		require.NoError(t, err)
		require.NotNil(t, c.CustomFields)
		count++
	}
	require.Equal(t, 65, count)

	var application api.JobApplication
	for found, err := range p.JobApplications.All(ctx, &api.JobApplicationListOptions{Job: id(w.job.ID), Candidate: mira.ID}) {
		require.NoError(t, err)
		application = found
	}
	require.Equal(t, "Inbox", application.Stage.Name)
	require.Equal(t, "Ward nurse", application.Job.Title)
	require.Equal(t, "Mira", application.Candidate.FirstName)

	var stages []string
	for s, err := range p.Stages.All(ctx, application.Job.ID, nil) {
		require.NoError(t, err)
		stages = append(stages, s.Name)
		if s.Name == stage.Name {
			require.NoError(t, p.JobApplications.Move(ctx, application.ID, s.ID))
		}
	}
	require.Equal(t, []string{"Inbox", "Video interview", "Hired"}, stages)
	moved, err := p.JobApplications.Get(ctx, application.ID)
	require.NoError(t, err)
	require.Equal(t, "Video interview", moved.Stage.Name)
	one, err := p.Stages.Get(ctx, moved.Stage.ID)
	require.NoError(t, err)
	require.Equal(t, moved.Stage, one)

	user, err := p.Users.Get(ctx, id(asha.ID))
	require.NoError(t, err)
	require.Equal(t, "Asha Lind", user.Name)
	users, err := p.Users.List(ctx, &api.UserListOptions{Email: "ASHA@example.com"})
	require.NoError(t, err)
	require.Len(t, users.Items, 1)
	_, err = p.Notes.Create(ctx, api.NoteRequest{CandidateID: mira.ID, UserID: user.ID, Text: "Interview invitation sent."})
	require.NoError(t, err)
	for job, err := range p.Jobs.All(ctx, &api.JobListOptions{Status: "all"}) {
		require.NoError(t, err)
		require.Equal(t, "Ward nurse", job.Title)
		again, err := p.Jobs.Get(ctx, job.ID)
		require.NoError(t, err)
		require.Equal(t, &job, again)
	}
	for field, err := range p.CustomFields.All(ctx, nil) {
		require.NoError(t, err)
		again, err := p.CustomFields.Get(ctx, field.ID)
		require.NoError(t, err)
		require.Equal(t, &field, again)
	}
}

// The vendor counts 50 requests in 10 seconds, in fixed windows or in sliding ones;
// neither sees one too many, and a refusal that comes all the same is waited out.
func TestTheVendorsRateLimitIsNeverMet(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]tt.Option{"fixed windows": nil, "sliding windows": {tt.WithSlidingRateLimit()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, tt.EventSetup{}, opts...)
				for range 130 {
					_, err := w.public.Jobs.Get(t.Context(), strconv.Itoa(w.job.ID))
					require.NoError(t, err)
				}
				for _, req := range w.vendor.Requests() {
					require.Equal(t, http.StatusOK, req.Status)
				}
			})
		})
	}
}

func TestAVersionThatTheVendorNoLongerHas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tt.EventSetup{}, tt.WithAPIVersion("20270101"))
	_, err := w.public.Jobs.Get(t.Context(), "1")
	var refusal *api.APIError
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, http.StatusNotAcceptable, refusal.Status)
	require.Equal(t, "20270101", refusal.CurrentVersion)
}

func TestALostAnswerToAnUpdateIsRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, tt.EventSetup{})
		ref := w.trigger(t)
		for _, fault := range []tt.Fault{
			{Kind: tt.FaultLost, AfterEffect: true},
			{Kind: tt.FaultLost},
			{Kind: tt.FaultStatus, Status: http.StatusServiceUnavailable},
			{Kind: tt.FaultMalformed, AfterEffect: true},
		} {
			in := w.vendor.Inject(fault)
			require.NoError(t, w.client.Results.Update(t.Context(), ref.ID(), api.ResultUpdate{Status: api.StatusSent}))
			require.Equal(t, 1, in.Hits())
			card, _ := w.vendor.CardOf(ref.ID())
			require.Equal(t, "sent", card.Status)
		}
	})
}
