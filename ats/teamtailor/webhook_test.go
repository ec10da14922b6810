package teamtailor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

func TestTriggerBecomesARequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	mira := w.candidate()
	iv, r := w.accepted(w.runTrigger(mira, oneWay()))

	require.Equal(t, w.tenant(), r.Tenant)
	require.Equal(t, "result:"+w.card(mira).ResultID, r.Key)
	require.Equal(t, ats.OneWay, r.Type)
	require.Equal(t, ats.OriginTrigger, r.Origin)
	require.Equal(t, fmt.Sprint(mira.ID), r.Candidate.ID)
	require.Equal(t, "Mira Falk", r.Candidate.Name())
	require.Equal(t, "mira.falk@mail.example", r.Candidate.Email)
	require.Empty(t, r.Candidate.Phone, "what an invitation does not need is not taken")
	require.Len(t, r.Candidate.CustomFields, 2)
	require.Equal(t, ats.Job{ID: fmt.Sprint(w.job.ID), Title: "Ward nurse"}, r.Job)
	require.Equal(t, "b7e0", r.SparkHireJobID)
	require.Equal(t, "qs-12", r.QuestionSetID)
	require.Equal(t, "asha-lind", r.RequestedFor)
	require.True(t, r.RequestedBy.IsZero())
	require.Equal(t, "2026-04-02 14:30 (Europe/Stockholm)", r.Schedule.String())
	require.Equal(t, time.Date(2026, 4, 2, 12, 30, 0, 0, time.UTC), r.Schedule.At)
	require.Equal(t, "custom fields interview-date + interview-time", r.Schedule.Derivation)
	require.Contains(t, string(r.ReplyTo), "/partner/v1/partner-results/")
	require.NotContains(t, string(r.ReplyTo), "mira")

	card := w.card(mira)
	require.Equal(t, "sending", card.Status)
	require.Equal(t, map[string]any{
		"Recruiter": "Asha Lind", "Interview type": "One-way interview", "Deadline": "2026-04-02 14:30 (Europe/Stockholm)",
	}, card.Details)
	require.Equal(t, ats.StateRequested, iv.State)
	require.Contains(t, w.log.String(), `msg="accept request"`)
	w.discreet()
}

func TestFirstTriggerConnectsTheCompany(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{partner: func(p *teamtailortest.PartnerConfig) { p.RequireCompanyToken = true }})
	_, err := w.inbox.Connection(t.Context(), w.tenant())
	require.ErrorIs(t, err, ats.ErrNotFound)
	w.accepted(w.runTrigger(w.candidate(), oneWay()))

	c := w.connection()
	require.Equal(t, "Example Care AB", c.Name)
	require.True(t, c.Connected)
	require.Len(t, c.Users, 2)
	require.Equal(t, ats.User{ID: "asha-lind", Name: "Asha Lind", Linked: true, KeyHint: "…02"}, c.Users[0])
	token, err := c.Secrets.Get(t.Context(), "company_api_token")
	require.NoError(t, err)
	require.Equal(t, w.company.APIToken(), token.Reveal())

	// Nothing changes as long as the credential does not.
	before := c.UpdatedAt
	w.clock.advance(time.Hour)
	w.accepted(w.runTrigger(w.candidate(), oneWay()))
	require.Equal(t, before, w.connection().UpdatedAt)

	// Saved settings bring another provider key and other users.
	require.NoError(t, w.active.Save(t.Context(), teamtailortest.Values{"apiKeys": "Organization: " + orgKey + "\nBo Ek: " + boKey}))
	w.accepted(w.runTrigger(w.candidate(), with(oneWay(), "recruiter", "bo-ek")))
	require.Len(t, w.connection().Users, 1)
	require.NotEqual(t, c.CredentialDigest, w.connection().CredentialDigest)
	token, err = w.connection().Secrets.Get(t.Context(), "company_api_token")
	require.NoError(t, err)
	require.Equal(t, w.company.APIToken(), token.Reveal())
	w.discreet()
}

func TestCompanyTokenIsKeptUpToDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.accepted(w.runTrigger(w.candidate(), oneWay()))
	for _, token := range []string{"token-one", "token-two", "token-one"} {
		w.accepted(w.runTrigger(w.candidate(), oneWay(), teamtailortest.Header("Teamtailor-Api-Token", token)))
		kept, err := w.connection().Secrets.Get(t.Context(), "company_api_token")
		require.NoError(t, err)
		require.Equal(t, token, kept.Reveal())
	}
	w.accepted(w.runTrigger(w.candidate(), oneWay()))
	kept, err := w.connection().Secrets.Get(t.Context(), "company_api_token")
	require.NoError(t, err)
	require.Equal(t, "token-one", kept.Reveal(), "a call without a token takes none away")
}

func TestTriggerInEveryShape(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]teamtailortest.SendOption{
		"the company inside the event":       teamtailortest.CompanyInside(),
		"ids as strings":                     teamtailortest.StringIDs(),
		"a folded signature":                 teamtailortest.FoldedSignature(),
		"a signature over the body":          teamtailortest.SignedOverBody(),
		"a signature beside a newer one":     teamtailortest.NewerSignature(),
		"a signature from 5 minutes ago":     teamtailortest.SignedAt(startOfTest.Add(-5 * time.Minute)),
		"a signature from a clock ahead":     teamtailortest.SignedAt(startOfTest.Add(5 * time.Minute)),
		"another content type":               teamtailortest.Header("Content-Type", "text/plain"),
		"a body of exactly the largest size": teamtailortest.Oversized(900_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			_, r := w.accepted(w.runTrigger(w.candidate(), oneWay(), opt))
			require.Equal(t, w.tenant(), r.Tenant)
			require.Equal(t, fmt.Sprint(w.job.ID), r.Job.ID)
		})
	}
}

func TestRunsByHandAndInBulk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	_, r := w.accepted(w.runManually(w.applicant(), oneWay()))
	require.Equal(t, ats.OriginManual, r.Origin)
	require.Equal(t, fmt.Sprint(w.job.ID), r.Job.ID)

	deliveries, err := w.active.RunBulk(t.Context(), []*teamtailortest.Candidate{w.candidate(), w.candidate()}, nil, oneWay())
	require.NoError(t, err)
	require.Len(t, deliveries, 2)
	_, r = w.accepted(deliveries[1])
	require.Equal(t, ats.OriginBulk, r.Origin)
	require.Zero(t, r.Job)
	require.Len(t, w.inbox.Interviews(), 3)
}

func TestQuestionSetIsDroppedForLive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{freeForm: true})
	mira := w.applicant()
	_, r := w.accepted(w.runManually(mira, with(live(), "question-set", "qs-12")))
	require.Equal(t, ats.Live, r.Type)
	require.Empty(t, r.QuestionSetID)
	require.Equal(t, "2026-04-02 14:30 (Europe/Stockholm)", w.card(mira).Details["Start"])
}

func TestTheSameEventTwiceIsOneInterview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	d := w.runTrigger(w.candidate(), oneWay())
	w.accepted(d)
	for range 2 {
		again, err := w.tt.Redeliver(t.Context(), d.EventID)
		require.NoError(t, err)
		w.accepted(again)
	}
	// Still so when the first call would be refused by now.
	w.clock.advance(60 * 24 * time.Hour)
	again, err := w.tt.Redeliver(t.Context(), d.EventID)
	require.NoError(t, err)
	w.accepted(again)
	require.Len(t, w.inbox.Interviews(), 1)
}

func TestSecondRequestWhileTheFirstIsOpen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		deployment bool
		settings   string
		want       int
	}{
		"is refused":                         {false, `{}`, http.StatusUnprocessableEntity},
		"is accepted if configured":          {true, `{}`, http.StatusOK},
		"is refused by a stricter setting":   {true, `{"allow_repeat": false}`, http.StatusUnprocessableEntity},
		"is accepted by a setting that says": {true, `{"allow_repeat": true}`, http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{config: func(c2 *teamtailor.Config) { c2.AllowRepeat = c.deployment }})
			mira := w.applicant()
			first := w.runManually(mira, oneWay())
			w.accepted(first)
			w.setSettings(c.settings)
			second := w.runManually(mira, oneWay())
			require.Equal(t, c.want, second.Status, second.Text)
			if c.want != http.StatusOK {
				require.NotEmpty(t, second.Text)
				require.Len(t, w.inbox.Interviews(), 1)
			}
			again, err := w.tt.Redeliver(t.Context(), first.EventID)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, again.Status, "the first one stays accepted")
			_, err = w.inbox.Record(w.inbox.Interviews()[0].ID, ats.EventCompleted, "Done.", func(iv *ats.Interview) { iv.State = ats.StateCompleted })
			require.NoError(t, err)
		})
	}
}

func TestBadInputIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		choices   teamtailortest.Choices
		date      string
		clock     string
		prepare   func(w *world, c *teamtailortest.Candidate)
		wantText  string
		wantAgain string // another part of the text
	}{
		"no date":                     {oneWay(), "", "14:30", nil, `"Interview date" is empty`, "may be private"},
		"no time":                     {oneWay(), "2026-04-02", "", nil, `"Interview time" is empty`, "14:30"},
		"a time of the 12-hour clock": {oneWay(), "2026-04-02", "2:30 PM", nil, `"Interview time" says "2:30 PM"`, "24-hour"},
		"a malformed time":            {oneWay(), "2026-04-02", "half past two", nil, `"Interview time" says "half past two"`, "24-hour"},
		"an impossible time":          {oneWay(), "2026-04-02", "25:00", nil, `"Interview time" says "25:00"`, "24-hour"},
		"a time that the clocks skip": {oneWay(), "2026-03-29", "02:30", nil, "02:30 on 2026-03-29 does not exist in Europe/Stockholm", ""},
		"the past":                    {oneWay(), "2026-03-01", "14:30", nil, "is in the past", "2026-03-01 14:30"},
		"this very moment":            {oneWay(), "2026-03-02", "10:30", nil, "is in the past", ""},
		"an unknown zone":             {with(oneWay(), "timezone", "Mars/Olympus"), "2026-04-02", "14:30", nil, `The time zone "Mars/Olympus" is not known`, ""},
		"no zone":                     {with(oneWay(), "timezone", ""), "2026-04-02", "14:30", nil, "No time zone is chosen", ""},
		"an unknown recruiter":        {with(oneWay(), "recruiter", "eva-ny"), "2026-04-02", "14:30", nil, `The recruiter "eva-ny" is not among the users`, ""},
		"no recruiter":                {with(oneWay(), "recruiter", ""), "2026-04-02", "14:30", nil, "No recruiter", ""},
		"an unknown type":             {with(oneWay(), "interview-type", "phone"), "2026-04-02", "14:30", nil, `The interview type "phone" is not known`, ""},
		"no question set for one-way": {with(oneWay(), "question-set", ""), "2026-04-02", "14:30", nil, "needs a question set", ""},
		"no job":                      {with(oneWay(), "job", ""), "2026-04-02", "14:30", nil, "No Spark Hire job", ""},
		"a candidate without an e-mail address": {oneWay(), "2026-04-02", "14:30", func(_ *world, c *teamtailortest.Candidate) {
			c.Update(func(info *teamtailortest.CandidateConfig) { info.Email = "" })
		}, "no e-mail address", ""},
		"a candidate with half an e-mail address": {oneWay(), "2026-04-02", "14:30", func(_ *world, c *teamtailortest.Candidate) {
			c.Update(func(info *teamtailortest.CandidateConfig) { info.Email = "mira" })
		}, "e-mail address is not a valid one", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{freeForm: true})
			mira := w.candidate()
			w.setFields(mira, c.date, c.clock)
			if c.prepare != nil {
				c.prepare(w, mira)
			}
			text := w.refused(w.runTrigger(mira, c.choices), http.StatusUnprocessableEntity)
			require.Contains(t, text, c.wantText)
			require.Contains(t, text, c.wantAgain)
			require.Equal(t, text, w.card(mira).Error, "the recruiter reads it on the card")
			w.discreet()
		})
	}
}

func TestPrivateFieldsMayBeMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{vendor: []teamtailortest.Option{teamtailortest.WithoutPrivateFields()}, freeForm: true})
	w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: "Tid", APIName: "tid", Private: true})
	w.accepted(w.runTrigger(w.candidate(), oneWay()))
	w.setSettings(`{"time_field": "tid"}`)
	mira := w.candidate()
	require.NoError(t, mira.SetField("tid", "14:30"))
	d := w.runTrigger(mira, oneWay())
	require.Equal(t, http.StatusUnprocessableEntity, d.Status)
	require.Contains(t, d.Text, `"Tid" is empty`)
	require.Contains(t, d.Text, "private")
}

func TestCustomFieldsAreFoundByTheirNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{vendor: []teamtailortest.Option{teamtailortest.WithTimestampDates()}})
	w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: "Datum", APIName: "spark-hire-Datum", Type: teamtailortest.FieldDate})
	w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: "Tid", APIName: "spark-hire-tid"})
	w.accepted(w.runTrigger(w.candidate(), oneWay()))
	w.setSettings(`{"date_field": "spark-hire-datum", "time_field": "spark-hire-tid"}`)
	mira := w.candidate()
	require.NoError(t, mira.SetField("spark-hire-Datum", "2026-05-06"))
	require.NoError(t, mira.SetField("spark-hire-tid", "9.05"))
	_, r := w.accepted(w.runTrigger(mira, oneWay()))
	require.Equal(t, "2026-05-06 09:05 (Europe/Stockholm)", r.Schedule.String(), "the date counts as written")
	require.Equal(t, "custom fields spark-hire-datum + spark-hire-tid", r.Schedule.Derivation)
}

func TestTimeThatHappensTwiceIsTheFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	mira := w.candidate()
	w.setFields(mira, "2026-10-25", "02:30")
	_, r := w.accepted(w.runTrigger(mira, oneWay()))
	require.Equal(t, time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC), r.Schedule.At)
	require.Contains(t, r.Schedule.Note, "happens twice")
}

func TestStrangersAreRefused(t *testing.T) {
	t.Parallel()
	forged := teamtailortest.ProviderKey("another key", map[string]any{"apiKeys": apiKeys})
	for name, opt := range map[string]teamtailortest.SendOption{
		"no signature":                  teamtailortest.NoSignature(),
		"a bad signature":               teamtailortest.BadSignature(),
		"a signature that is too old":   teamtailortest.SignedAt(startOfTest.Add(-5*time.Minute - time.Second)),
		"a signature from the future":   teamtailortest.SignedAt(startOfTest.Add(5*time.Minute + time.Second)),
		"a signature with the API key":  teamtailortest.SignedWith("partner-api-key"),
		"no provider key":               teamtailortest.Bearer(""),
		"a provider key that is forged": teamtailortest.Bearer(forged),
		"an opaque key that is unknown": teamtailortest.Bearer("0d1f7a52-0000-4a53-8f0b-6b1d5c2e7f90"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			w.refused(w.runTrigger(w.candidate(), oneWay(), opt), http.StatusUnauthorized)
			_, err := w.inbox.Connection(t.Context(), w.tenant())
			require.ErrorIs(t, err, ats.ErrNotFound, "nobody is connected either")
			w.discreet()
		})
	}
}

func TestForeignUpdateURLIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	host := strings.TrimPrefix(w.tt.URL, "http://")
	for _, url := range []string{
		"", "https://evil.example/partner/v1/partner-results/1", "https://" + host + "/partner/v1/partner-results/1",
		w.tt.URL + "/partner/v1/partners/1", w.tt.URL + "/partner/v1/partner-results/", w.tt.URL + "/partner/v1/partner-results/1/../../partners",
		w.tt.URL + "/partner/v1/partner-results/1?x=1", "http://user@" + host + "/partner/v1/partner-results/1", "http://" + host + ".evil.example/partner/v1/partner-results/1",
		"https://api.teamtailor.com/partner/v1/partner-results/1",
	} {
		mira := w.candidate()
		body := func(d teamtailortest.Delivery) []byte {
			var message map[string]map[string]any
			require.NoError(t, json.Unmarshal(d.Body, &message))
			message["partner-event"]["partner-result"].(map[string]any)["update-url"] = url
			changed, err := json.Marshal(message)
			require.NoError(t, err)
			return changed
		}
		d := w.runTrigger(mira, oneWay(), teamtailortest.Lost())
		status, text, _ := w.do(http.MethodPost, "/webhook", w.headers(d.EventID), body(d))
		require.Equal(t, http.StatusUnprocessableEntity, status, url)
		require.Contains(t, text, "not one of Teamtailor's")
		require.Less(t, len(text), 150)
	}
	require.Empty(t, w.inbox.Interviews())
}

// headers are those of an authentic call about an event.
func (w *world) headers(eventID string) map[string]string {
	return map[string]string{
		"Authorization":        "bearer  " + w.active.ProviderKey(),
		"Teamtailor-Signature": teamtailortest.EventSignature("webhook-secret", eventID, w.clock.Now()),
	}
}

func TestBodiesAndMethods(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	d := w.runTrigger(w.candidate(), oneWay(), teamtailortest.Lost())
	header := w.headers(d.EventID)

	pad := func(n int) []byte { return append([]byte(strings.Repeat(" ", n-len(d.Body))), d.Body...) }
	status, _, _ := w.do(http.MethodPost, "/webhook", header, pad(1<<20+1))
	require.Equal(t, http.StatusRequestEntityTooLarge, status)
	for _, path := range []string{"/actions/resend", "/actions/cancel", "/events", "/company-webhooks/connection-1"} {
		status, _, _ = w.do(http.MethodPost, path, header, pad(1<<20+1))
		require.Equal(t, http.StatusRequestEntityTooLarge, status, path)
	}
	for _, body := range []string{"", "{", "[]", "null", `"text"`, `{"partner-event":[]}`, string(d.Body[:len(d.Body)/2])} {
		status, text, _ := w.do(http.MethodPost, "/webhook", header, []byte(body))
		require.GreaterOrEqual(t, status, 400, body)
		require.Less(t, status, 500, body)
		require.NotEmpty(t, text)
	}
	status, text, _ := w.do(http.MethodPost, "/webhook", header, []byte("{"))
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, text, "cannot be read")

	for path, allowed := range map[string]string{
		"/webhook": http.MethodPost, "/actions/resend": http.MethodPost, "/actions/cancel": http.MethodPost, "/events": http.MethodPost,
		"/company-webhooks/c1": http.MethodPost, "/config": http.MethodGet, "/activation": http.MethodGet, "/activation/validate": http.MethodGet,
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if method == allowed {
				continue
			}
			status, _, h := w.do(method, path, nil, nil)
			require.Equal(t, http.StatusMethodNotAllowed, status, "%s %s", method, path)
			require.Contains(t, h.Get("Allow"), allowed)
		}
	}
	require.Empty(t, w.inbox.Interviews())

	status, _, _ = w.do(http.MethodPost, "/webhook", header, pad(1<<20))
	require.Equal(t, http.StatusOK, status, "exactly 1 MiB is read")
	require.Len(t, w.inbox.Interviews(), 1)
}

func TestNothingIsAcknowledgedThatIsNotWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.accepted(w.runTrigger(w.candidate(), oneWay()))
	mira := w.applicant()
	w.inbox.FailNext(-1, fmt.Errorf("write ledger: %w", ats.ErrUnavailable))
	d := w.runManuallyWhileDown(mira)
	require.Equal(t, http.StatusServiceUnavailable, d.Status)
	require.Contains(t, d.Text, "try again")
	w.inbox.FailNext(0, nil)
	require.Len(t, w.inbox.Interviews(), 1)
}

// runManuallyWhileDown opens the form before it fails.
func (w *world) runManuallyWhileDown(c *teamtailortest.Candidate) teamtailortest.Delivery {
	w.t.Helper()
	w.inbox.FailNext(0, nil)
	form, err := w.active.OpenForm(w.t.Context(), teamtailortest.OnCandidate(c, w.job, nil))
	require.NoError(w.t, err)
	require.NoError(w.t, form.Choose(w.t.Context(), oneWay()))
	w.inbox.FailNext(-1, fmt.Errorf("write ledger: %w", ats.ErrUnavailable))
	d, err := form.Run(w.t.Context())
	require.NoError(w.t, err)
	return d
}

func TestErrorsCanBeJSONStrings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{config: func(c *teamtailor.Config) { c.JSONErrors = true }})
	mira := w.candidate()
	w.setFields(mira, "", "")
	d := w.runTrigger(mira, oneWay())
	require.Equal(t, http.StatusUnprocessableEntity, d.Status)
	require.Contains(t, d.Text, `"Interview date" is empty`)
	status, body, header := w.do(http.MethodPost, "/webhook", nil, []byte("{}"))
	require.Equal(t, http.StatusUnauthorized, status)
	require.Equal(t, "application/json", header.Get("Content-Type"))
	var text string
	require.NoError(t, json.Unmarshal([]byte(body), &text))
	require.NotEmpty(t, text)
}

func TestInstallationsWithoutAForm(t *testing.T) {
	t.Parallel()
	const key = "0d1f7a52-9a0e-4a53-8f0b-6b1d5c2e7f90"
	connect := func(w *world, digest string) {
		_, err := w.inbox.Connect(t.Context(), ats.Activation{
			Tenant: w.tenant(), Name: "Example Care AB", OrganizationKey: orgKey, CredentialDigest: digest,
			Users: []ats.LinkedUser{{ID: "asha-lind", Name: "Asha Lind", Key: ashaKey}},
		})
		require.NoError(t, err)
	}
	const digest = "4a0a4c27c66c4ca16f9b7ff2c3f45e2aa0b8a0b37ae7e94ae9c4a0a6ea8a6c7d"

	t.Run("an unknown one is told what to do", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, setup{opaque: true, freeForm: true})
		text := w.refused(w.runManually(w.applicant(), oneWay()), http.StatusUnauthorized)
		require.Contains(t, text, "fills in the API keys")
	})
	t.Run("one whose connection was made by hand is served", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, setup{opaque: true, freeForm: true})
		connect(w, "")
		_, r := w.accepted(w.runManually(w.applicant(), oneWay()))
		require.Equal(t, w.tenant(), r.Tenant)
	})
	t.Run("one whose key is in the settings is served", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, setup{opaque: true, freeForm: true})
		connect(w, digest)
		w.setSettings(`{"provider_key_sha256": "` + sha256Hex(key) + `"}`)
		w.accepted(w.runManually(w.applicant(), oneWay()))
	})
	t.Run("one whose key is known by its digest is served", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, setup{opaque: true, freeForm: true})
		connect(w, sha256Hex(key))
		w.accepted(w.runManually(w.applicant(), oneWay()))
	})
	t.Run("a key of another company is refused", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, setup{opaque: true, freeForm: true})
		_, err := w.inbox.Connect(t.Context(), ats.Activation{
			Tenant: ats.TenantRef{Adapter: "teamtailor", Tenant: "another"}, CredentialDigest: sha256Hex(key),
			Users: []ats.LinkedUser{{ID: "asha-lind", Name: "Asha Lind", Key: ashaKey}},
		})
		require.NoError(t, err)
		w.refused(w.runManually(w.applicant(), oneWay()), http.StatusUnauthorized)
	})
	t.Run("another key than the known one is refused", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, setup{opaque: true, freeForm: true})
		connect(w, digest)
		w.refused(w.runManually(w.applicant(), oneWay()), http.StatusUnauthorized)
	})
}

func TestDisconnectedByAnOperatorStaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.accepted(w.runTrigger(w.candidate(), oneWay()))
	require.NoError(t, w.inbox.Disconnect(t.Context(), w.tenant()))
	d := w.runTrigger(w.candidate(), oneWay())
	require.Equal(t, http.StatusUnprocessableEntity, d.Status)
	require.Contains(t, d.Text, "disconnected")
	require.NoError(t, w.adapter.Reconcile(t.Context(), w.inbox))
	require.False(t, w.connection().Connected)
	require.Len(t, w.inbox.Interviews(), 1)
}

func TestBrokenSettingsFormIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{freeForm: true})
	require.NoError(t, w.active.Save(t.Context(), teamtailortest.Values{"apiKeys": "Asha Lind " + ashaKey}))
	text := w.refused(w.runManually(w.applicant(), oneWay()), http.StatusUnprocessableEntity)
	require.Contains(t, text, "cannot be read")
	require.NotContains(t, text, ashaKey)
	w.discreet()
}

func TestCallsThatDoNotNameTheCompany(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	nameless := func() (int, string) {
		d := w.runTrigger(w.candidate(), oneWay(), teamtailortest.Lost())
		var message map[string]any
		require.NoError(t, json.Unmarshal(d.Body, &message))
		delete(message, "company")
		body, err := json.Marshal(message)
		require.NoError(t, err)
		status, text, _ := w.do(http.MethodPost, "/webhook", w.headers(d.EventID), body)
		return status, text
	}
	status, text := nameless()
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, text, "does not name the company")
	w.accepted(w.runTrigger(w.candidate(), oneWay()))
	status, text = nameless()
	require.Equal(t, http.StatusOK, status, text)
	require.Equal(t, w.tenant(), w.inbox.Requests()[1].Tenant, "the provider key tells")
}

func TestSecretsAreReplacedWithoutAGap(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{config: func(c *teamtailor.Config) {
		c.PartnerAPIKeys, c.WebhookSecrets = keys("", "new-api-key"), keys("", "new-secret")
		c.OldPartnerAPIKeys, c.OldWebhookSecrets = []ats.Secret{"partner-api-key"}, []ats.Secret{"webhook-secret"}
	}})
	w.accepted(w.runTrigger(w.candidate(), oneWay()))
	fresh := teamtailortest.ProviderKey("new-api-key", map[string]any{"apiKeys": apiKeys})
	w.accepted(w.runTrigger(w.candidate(), oneWay(), teamtailortest.Bearer(fresh), teamtailortest.SignedWith("new-secret")))
}

// stale is an inbox whose connection has settings that nobody would save today.
type stale struct{ ats.Inbox }

func (i stale) Connection(ctx context.Context, tenant ats.TenantRef) (ats.Connection, error) {
	c, err := i.Inbox.Connection(ctx, tenant)
	c.Settings = json.RawMessage(`{"no_longer_a_setting": true}`)
	return c, err
}

func TestSettingsThatAreWrongByNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	mira := w.candidate()
	iv, _ := w.accepted(w.runTrigger(mira, oneWay()))
	w.swap(http.StripPrefix("/teamtailor", w.adapter.Handler(stale{w.inbox})))
	d := w.runTrigger(w.candidate(), oneWay())
	require.Equal(t, http.StatusUnprocessableEntity, d.Status)
	require.Contains(t, d.Text, "settings for this company are wrong")
	require.Contains(t, w.log.String(), "no_longer_a_setting", "the operator reads which")

	report, err := w.inbox.Report(iv.ID)
	require.NoError(t, err)
	report.Interview.State = ats.StateSent
	c := w.connection()
	c.Settings = json.RawMessage(`{"no_longer_a_setting": true}`)
	require.NoError(t, w.adapter.Publish(t.Context(), c, report), "news are shown all the same")
	require.Equal(t, "sent", w.card(mira).Status)
}
