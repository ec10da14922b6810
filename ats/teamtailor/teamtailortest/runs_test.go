package teamtailortest_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

// signed checks a Teamtailor-Signature by hand and returns its time.
func signed(c call, secret, message string) (time.Time, error) {
	parts := map[string]string{}
	for part := range strings.SplitSeq(c.header.Get("Teamtailor-Signature"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = value
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(parts["t"] + "." + message))
	if hex.EncodeToString(mac.Sum(nil)) != parts["v1"] {
		return time.Time{}, fmt.Errorf("signature does not match")
	}
	t, err := strconv.ParseInt(parts["t"], 10, 64)
	return time.Unix(t, 0), err
}

func TestAutomaticRunCarriesTheDocumentedPayload(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	w := newWorld(t, teamtailortest.WithClock(func() time.Time { return now }), teamtailortest.WithSeed(7))
	a := w.install(t)
	require.NoError(t, w.mira.SetField("interview-date", "2026-12-01"))
	require.NoError(t, w.mira.SetField("interview-time", "14:30"))
	trigger, err := a.SaveTrigger(t.Context(), w.stage, w.asha, choices())
	require.NoError(t, err)
	deliveries, err := w.tt.MoveCandidate(t.Context(), w.mira, w.stage, teamtailortest.By(w.asha))
	require.NoError(t, err)
	require.Len(t, deliveries, 1)
	d := deliveries[0]
	require.Equal(t, http.StatusOK, d.Status)

	got := w.app.last(t, "/tt/webhook")
	require.Equal(t, http.MethodPost, got.method)
	require.Equal(t, "application/json", got.header.Get("Content-Type"))
	require.Equal(t, a.ProviderKey(), bearer(t, got))
	at, err := signed(got, webhookSecret, d.EventID)
	require.NoError(t, err)
	require.Equal(t, now, at.UTC())
	require.JSONEq(t, fmt.Sprintf(`{"partner-event": {
		"id": %q,
		"webhook-data": {"recruiter": "asha-lind", "interview-type": "one_way", "schedule-interview": ""},
		"partner-result": {"id": %q, "status": "sending",
			"update-url": "https://teamtailor.test/partner/v1/partner-results/%[2]s"},
		"candidate": {
			"id": %[3]d, "uuid": %[4]q, "first-name": "Mira", "last-name": "Falk", "email": "mira.falk@mail.example",
			"phone": "+46700000001", "picture-url": null, "tags": ["nurse"], "department": "Care", "role": "Nurse",
			"referrals": [], "locations": [{"name": "Lund", "address": "Storgatan 1, Lund"}],
			"job": {"id": %[5]d, "title": "Ward nurse", "stage-id": %[6]d, "stage": "Video interview", "tags": [],
				"trigger-id": %[7]d, "custom-fields": [], "status": {"rejected": false},
				"triggered-by": {"id": %[8]d, "email": "asha@care.example", "name": "Asha Lind"}},
			"recruiter": {"name": "Asha Lind", "email": "asha@care.example", "phone": null},
			"questions": [{"question": "Do you hold a license?", "answer": "yes"}],
			"custom-fields": [
				{"interview-date": {"value": "2026-12-01", "type": "date", "mapped-from": "interview-date"}},
				{"interview-time": {"value": "14:30", "type": "text", "mapped-from": "interview-time"}}]}},
		"company": {"uuid": "Qw3rTyUi0p", "name": "Example Care AB", "url": "https://career.example.com", "logotype": null}}`,
		d.EventID, d.ResultID, w.mira.ID, w.mira.UUID, w.job.ID, w.stage.ID, trigger.ID, w.asha.ID), string(got.body))
}

func TestManualRunCarriesNoTrigger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.install(t)
	_, err := a.RunManually(t.Context(), w.mira, w.job, w.asha, choices())
	require.ErrorIs(t, err, teamtailortest.ErrNotFound, "the candidate is not in the job")
	_, err = w.tt.MoveCandidate(t.Context(), w.mira, w.job.Stage(teamtailortest.StageInbox))
	require.NoError(t, err)
	d, err := a.RunManually(t.Context(), w.mira, w.job, w.asha, choices())
	require.NoError(t, err)
	job := at(decodeJSON(t, d.Body), "partner-event", "candidate", "job")
	require.Equal(t, "Inbox", at(job, "stage"))
	for _, name := range []string{"stage-id", "trigger-id", "triggered-by"} {
		require.NotContains(t, job, name)
	}
}

func TestRunsOutsideAJobCarryNoJobAndNoRecruiter(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, teamtailortest.PartnerConfig{ActivationConfig: json.RawMessage(activationForm), AllowBulk: true})
	a := w.install(t)
	ole := w.company.AddCandidate(teamtailortest.CandidateConfig{FirstName: "Ole", Sourced: true})
	one, err := a.RunManually(t.Context(), w.mira, nil, w.asha, choices())
	require.NoError(t, err)
	several, err := a.RunBulk(t.Context(), []*teamtailortest.Candidate{w.mira, ole}, w.asha, choices())
	require.NoError(t, err)
	require.Len(t, several, 2)
	require.NotEqual(t, several[0].EventID, several[1].EventID)
	for _, d := range append(several, one) {
		candidate := at(decodeJSON(t, d.Body), "partner-event", "candidate")
		require.NotContains(t, candidate, "job")
		require.NotContains(t, candidate, "recruiter")
	}
	sourced := at(decodeJSON(t, several[1].Body), "partner-event", "candidate")
	require.Nil(t, at(sourced, "email"))
	require.Contains(t, sourced, "email", "null, not absent")
}

func TestTriggersFireOnEveryEntry(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts []teamtailortest.Option
		runs int
	}{
		"each time":           {nil, 2},
		"only the first time": {[]teamtailortest.Option{teamtailortest.WithFireOnce()}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.opts...)
			w.triggered(t)
			for _, to := range []*teamtailortest.Stage{w.stage, w.job.Stage(teamtailortest.StageInbox), w.stage} {
				_, err := w.tt.MoveCandidate(t.Context(), w.mira, to)
				require.NoError(t, err)
			}
			require.Len(t, w.app.to("/tt/webhook"), c.runs)
			require.Len(t, w.tt.Cards(w.mira), c.runs)
		})
	}
}

func TestTriggersCanBeRemovedAndSwitchedOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.install(t)
	trigger, err := a.SaveTrigger(t.Context(), w.stage, nil, choices())
	require.NoError(t, err)
	trigger.Remove()
	deliveries, err := w.tt.MoveCandidate(t.Context(), w.mira, w.stage)
	require.NoError(t, err)
	require.Empty(t, deliveries)
	_, err = a.SaveTrigger(t.Context(), w.job.Stage(teamtailortest.StageHired), nil, choices())
	require.NoError(t, err)
	a.Deactivate()
	deliveries, err = w.tt.MoveCandidate(t.Context(), w.mira, w.job.Stage(teamtailortest.StageHired))
	require.NoError(t, err)
	require.Empty(t, deliveries)
}

func TestJobsFromATemplateCarryCopiesOfItsTriggers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.install(t)
	template := w.company.AddJobTemplate(teamtailortest.JobConfig{Title: "Nurse", Stages: []string{"Video"}})
	original, err := a.SaveTrigger(t.Context(), template.Stage("Video"), nil, choices())
	require.NoError(t, err)
	job := w.company.AddJob(teamtailortest.JobConfig{Title: "Night nurse", From: template})
	_, err = w.tt.MoveCandidate(t.Context(), w.mira, template.Stage("Video"))
	require.ErrorIs(t, err, teamtailortest.ErrNotFound)
	deliveries, err := w.tt.MoveCandidate(t.Context(), w.mira, job.Stage("Video"))
	require.NoError(t, err)
	require.Len(t, deliveries, 1)
	body := decodeJSON(t, deliveries[0].Body)
	require.Equal(t, "asha-lind", at(body, "partner-event", "webhook-data", "recruiter"))
	require.InDelta(t, job.ID, at(body, "partner-event", "candidate", "job", "id"), 0)
	require.NotEqual(t, float64(original.ID), at(body, "partner-event", "candidate", "job", "trigger-id"))
}

func TestAnswersSettleThePartnerResult(t *testing.T) {
	t.Parallel()
	attributes := func(a string) response { return jsonResponse(`{"partner_result_attributes": ` + a + `}`) }
	for name, c := range map[string]struct {
		answer       response
		status, text string
		applied      bool
		note         string
	}{
		"an empty body":              {plainResponse(http.StatusNoContent, ""), "sending", "", false, ""},
		"an empty object":            {jsonResponse(`{}`), "sending", "", false, ""},
		"a text":                     {plainResponse(http.StatusOK, "thanks"), "sending", "", false, "not a JSON object"},
		"a plain refusal":            {plainResponse(http.StatusUnprocessableEntity, "No e-mail.\n"), "failed", "No e-mail.", false, ""},
		"a refusal as a JSON string": {response{422, "application/json", `"No e-mail."`}, "failed", "No e-mail.", false, ""},
		"a refusal as an object":     {response{422, "application/json", `{"error": "No e-mail."}`}, "failed", "", false, "not a plain string"},
		"an error page":              {response{502, "text/html", `<html>`}, "failed", "", false, "not a plain string"},
		"a redirect":                 {plainResponse(http.StatusFound, "elsewhere"), "failed", "", false, ""},
		"a status":                   {attributes(`{"status": "pending"}`), "pending", "", true, ""},
		"an unknown status":          {attributes(`{"status": "queued"}`), "sending", "", false, "status - is not included"},
		"one bad attribute of two":   {attributes(`{"status": "pending", "details": 1}`), "sending", "", false, "details - is not an object"},
		"only attributes not read":   {attributes(`{"summary": "x"}`), "sending", "", false, "summary is not read"},
		"not an object":              {attributes(`[]`), "sending", "", false, "not an object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.app.on("POST /tt/webhook", func(call) response { return c.answer })
			d := w.triggered(t)
			require.Equal(t, c.answer.status, d.Status)
			require.Equal(t, c.text, d.Text)
			require.Equal(t, c.applied, d.Applied)
			require.Contains(t, strings.Join(d.Notes, "; "), c.note)
			card, ok := w.tt.Card(w.mira)
			require.True(t, ok)
			require.Equal(t, c.status, card.Status)
			require.Equal(t, c.text, card.Error)
			require.Len(t, w.app.to("/tt/webhook"), 1, "never again")
			require.Equal(t, d, w.tt.Deliveries()[len(w.tt.Deliveries())-1])
		})
	}
}

func TestAnswerAttributesReachTheCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app.on("POST /tt/webhook", func(call) response {
		return jsonResponse(`{"partner_result_attributes": {"status": "sent", "summary": "not read",
			"assessment": {"score": 85, "grade": "not read either"}, "details": {"recruiter": "Asha Lind"},
			"attachments": [{"url": "https://app.example/i/1", "description": "Open"}]}}`)
	})
	d := w.triggered(t)
	require.Equal(t, []string{"partner_result_attributes.summary is not read"}, d.Notes)
	card, _ := w.tt.Card(w.mira)
	require.InDelta(t, 85, *card.Score, 0)
	require.Empty(t, card.Grade)
	require.Empty(t, card.Summary)
	require.Equal(t, map[string]any{"recruiter": "Asha Lind"}, card.Details)
	require.Equal(t, []teamtailortest.Attachment{{URL: "https://app.example/i/1", Description: "Open"}}, card.Attachments)
	require.Equal(t, teamtailortest.ByAnswer, card.History[1].Source)
}

func TestEventsCanBeMadeWrong(t *testing.T) {
	t.Parallel()
	forged := "https://attacker.example/partner/v1/partner-results/1"
	for name, c := range map[string]struct {
		opt   teamtailortest.SendOption
		check func(t *testing.T, c call, eventID string)
	}{
		"a bad signature": {teamtailortest.BadSignature(), func(t *testing.T, c call, id string) {
			t.Helper()
			_, err := signed(c, webhookSecret, id)
			require.Error(t, err)
			require.Regexp(t, `^t=\d+,v1=[0-9a-f]{64},v0=[0-9a-f]{64}$`, c.header.Get("Teamtailor-Signature"))
		}},
		"another key": {teamtailortest.SignedWith(apiKey), func(t *testing.T, c call, id string) {
			t.Helper()
			_, err := signed(c, apiKey, id)
			require.NoError(t, err)
		}},
		"an old signature": {teamtailortest.SignedAt(time.Unix(1781000000, 0)), func(t *testing.T, c call, id string) {
			t.Helper()
			at, err := signed(c, webhookSecret, id)
			require.NoError(t, err)
			require.Equal(t, int64(1781000000), at.Unix())
		}},
		"no signature": {teamtailortest.NoSignature(), func(t *testing.T, c call, _ string) {
			t.Helper()
			require.Empty(t, c.header.Get("Teamtailor-Signature"))
		}},
		"the old rule": {teamtailortest.SignedOverBody(), func(t *testing.T, c call, _ string) {
			t.Helper()
			_, err := signed(c, webhookSecret, string(c.body))
			require.NoError(t, err)
		}},
		"spaces from a fold": {teamtailortest.FoldedSignature(), func(t *testing.T, c call, id string) {
			t.Helper()
			require.Contains(t, c.header.Get("Teamtailor-Signature"), " , v1=")
			_, err := signed(c, webhookSecret, id)
			require.NoError(t, err)
		}},
		"another bearer": {teamtailortest.Bearer("forged"), func(t *testing.T, c call, _ string) {
			t.Helper()
			require.Equal(t, "forged", bearer(t, c))
		}},
		"another scheme": {teamtailortest.Header("Authorization", "bearer x"), func(t *testing.T, c call, _ string) {
			t.Helper()
			require.Equal(t, "bearer x", c.header.Get("Authorization"))
		}},
		"a header less": {teamtailortest.Header("Content-Type", ""), func(t *testing.T, c call, _ string) {
			t.Helper()
			require.NotContains(t, c.header, "Content-Type")
		}},
		"a foreign update-url": {teamtailortest.UpdateURL(forged), func(t *testing.T, c call, _ string) {
			t.Helper()
			require.Equal(t, forged, at(decodeJSON(t, c.body), "partner-event", "partner-result", "update-url"))
		}},
		"a body too large": {teamtailortest.Oversized(2 << 20), func(t *testing.T, c call, id string) {
			t.Helper()
			require.Greater(t, len(c.body), 2<<20)
			require.Equal(t, id, at(decodeJSON(t, c.body), "partner-event", "id"))
		}},
		"half a body": {teamtailortest.CutOff(), func(t *testing.T, c call, _ string) {
			t.Helper()
			require.False(t, json.Valid(c.body))
		}},
		"the company inside": {teamtailortest.CompanyInside(), func(t *testing.T, c call, _ string) {
			t.Helper()
			body := decodeJSON(t, c.body)
			require.NotContains(t, body, "company")
			require.Equal(t, "Qw3rTyUi0p", at(body, "partner-event", "company", "uuid"))
		}},
		"a scheme from the future": {teamtailortest.NewerSignature(), func(t *testing.T, c call, id string) {
			t.Helper()
			require.Regexp(t, `,v2=[0-9a-f]{64}$`, c.header.Get("Teamtailor-Signature"))
			_, err := signed(c, webhookSecret, id)
			require.NoError(t, err)
		}},
		"no values": {teamtailortest.NullData(), func(t *testing.T, c call, _ string) {
			t.Helper()
			event := at(decodeJSON(t, c.body), "partner-event")
			require.Contains(t, event, "webhook-data")
			require.Nil(t, at(event, "webhook-data"))
		}},
		"ids as strings": {teamtailortest.StringIDs(), func(t *testing.T, c call, _ string) {
			t.Helper()
			require.IsType(t, "", at(decodeJSON(t, c.body), "partner-event", "candidate", "id"))
			require.IsType(t, "", at(decodeJSON(t, c.body), "partner-event", "candidate", "job", "trigger-id"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			d := w.triggered(t, c.opt)
			c.check(t, w.app.last(t, "/tt/webhook"), d.EventID)
		})
	}
}

func TestLostDeliveriesLeaveTheResultSending(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.triggered(t, teamtailortest.Lost())
	require.True(t, d.Lost)
	require.Zero(t, d.Status)
	require.NoError(t, d.Err)
	require.Empty(t, w.app.to("/tt/webhook"))
	card, _ := w.tt.Card(w.mira)
	require.Equal(t, "sending", card.Status)
}

func TestLostAnswersLookLikeFailuresToTheVendor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.triggered(t, teamtailortest.AnswerLost())
	require.ErrorIs(t, d.Err, teamtailortest.ErrNoAnswer)
	require.Len(t, w.app.to("/tt/webhook"), 1)
	card, _ := w.tt.Card(w.mira)
	require.Equal(t, "failed", card.Status)
	status, _ := w.put(t, d.ResultID, `{"status": "sent"}`)
	require.Equal(t, http.StatusOK, status)
	card, _ = w.tt.Card(w.mira)
	require.Equal(t, "sent", card.Status)
}

func TestRedeliveryRepeatsTheEventByteForByte(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.triggered(t)
	require.NoError(t, w.mira.SetField("interview-time", "09:05"))
	again, err := w.tt.Redeliver(t.Context(), first.EventID)
	require.NoError(t, err)
	require.Equal(t, string(first.Body), string(again.Body))
	require.Equal(t, first.ResultID, again.ResultID)
	require.Len(t, w.tt.Cards(w.mira), 1)
	_, err = w.tt.Redeliver(t.Context(), "unknown")
	require.ErrorIs(t, err, teamtailortest.ErrNotFound)
}

func TestCustomFieldsInEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	add := func(name string, kind teamtailortest.FieldType, options ...string) {
		w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: name, Type: kind, Options: options})
	}
	add("Último seguimiento", teamtailortest.FieldText)
	add("Has license", teamtailortest.FieldCheckbox)
	add("Years", teamtailortest.FieldNumber)
	add("Shift", teamtailortest.FieldSelect, "Day", "Night")
	add("Wards", teamtailortest.FieldMultiSelect, "A", "B", "C")
	add("Empty", teamtailortest.FieldText)
	w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: "Spark Hire date", Type: teamtailortest.FieldDate})
	w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: "Ward", ForJobs: true})
	require.NoError(t, w.job.SetField("ward", "7B"))
	for name, value := range map[string]any{
		"ltimo-seguimiento": "x", "has-license": true, "years": "3.5", "shift": "Night", "wards": []string{"A", "C"},
		"spark-hire-date": "2026-12-01T10:00:00+01:00", "empty": "soon gone",
	} {
		require.NoError(t, w.mira.SetField(name, value), name)
	}
	require.NoError(t, w.mira.SetField("empty", ""))
	a, err := w.partner.Activate(t.Context(), w.company, values())
	require.NoError(t, err)
	require.NoError(t, a.MapField("interview-date", "spark-hire-date"))
	require.NoError(t, a.FinishInstallation())
	_, err = a.SaveTrigger(t.Context(), w.stage, nil, choices())
	require.NoError(t, err)
	deliveries, err := w.tt.MoveCandidate(t.Context(), w.mira, w.stage)
	require.NoError(t, err)
	candidate := at(decodeJSON(t, deliveries[0].Body), "partner-event", "candidate")
	encoded, err := json.Marshal(at(candidate, "custom-fields"))
	require.NoError(t, err)
	require.JSONEq(t, `[
		{"ltimo-seguimiento": {"value": "x", "type": "text"}},
		{"has-license": {"value": true, "type": "boolean"}},
		{"years": {"value": 3.5, "type": "number"}},
		{"shift": {"value": ["Night"], "type": "select"}},
		{"wards": {"value": ["A", "C"], "type": "multiselect"}},
		{"interview-date": {"value": "2026-12-01", "type": "date", "mapped-from": "spark-hire-date"}}]`, string(encoded))
	require.Equal(t, "7B", at(candidate, "job", "custom-fields", 0, "ward", "value"))
}

func TestCustomFieldsRefuseValuesOfAnotherType(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for kind, bad := range map[teamtailortest.FieldType]any{
		teamtailortest.FieldText: 1, teamtailortest.FieldDate: "12/01/2026", teamtailortest.FieldCheckbox: "yes",
		teamtailortest.FieldNumber: "many", teamtailortest.FieldEmail: "asha", teamtailortest.FieldURL: "care.example",
		teamtailortest.FieldSelect: "Dusk", teamtailortest.FieldMultiSelect: []string{"Day", "Dusk"},
	} {
		w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: string(kind), Type: kind, Options: []string{"Day"}})
		require.Error(t, w.mira.SetField(string(kind), bad), kind)
	}
	require.ErrorIs(t, w.mira.SetField("missing", "x"), teamtailortest.ErrNotFound)
}

func TestAssumptionsAboutCustomFieldsCanBeTurned(t *testing.T) {
	t.Parallel()
	w := newWorld(t, teamtailortest.WithTimestampDates(), teamtailortest.WithoutPrivateFields())
	a := w.install(t)
	w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: "Secret", Private: true})
	require.NoError(t, w.mira.SetField("secret", "x"))
	require.NoError(t, w.mira.SetField("interview-date", "2026-12-01"))
	d, err := a.RunManually(t.Context(), w.mira, nil, nil, choices())
	require.NoError(t, err)
	fields := at(decodeJSON(t, d.Body), "partner-event", "candidate", "custom-fields")
	require.Len(t, fields, 1)
	require.Equal(t, "2026-12-01T00:00:00.000+01:00", at(fields, 0, "interview-date", "value"))
}

func TestExtraMembersAreAddedToTheCandidate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mira.Update(func(c *teamtailortest.CandidateConfig) {
		c.Extra = map[string]json.RawMessage{"resume": json.RawMessage(`{"file-name": "cv.pdf", "url": "https://files.example/1"}`)}
	})
	d := w.triggered(t)
	candidate := at(decodeJSON(t, d.Body), "partner-event", "candidate")
	require.Equal(t, "cv.pdf", at(candidate, "resume", "file-name"))
	require.Equal(t, "Mira", at(candidate, "first-name"))
}

func TestSlowIntegrationsFailTheResult(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		release := make(chan struct{})
		w.app.on("POST /tt/webhook", func(call) response { <-release; return jsonResponse(`{}`) })
		start := time.Now()
		d := w.triggered(t)
		require.ErrorIs(t, d.Err, context.DeadlineExceeded)
		require.Equal(t, 20*time.Second, time.Since(start))
		card, _ := w.tt.Card(w.mira)
		require.Equal(t, "failed", card.Status)
		close(release)
	})
}

func TestActionButtonsSendTheOriginalEventAgain(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, teamtailortest.PartnerConfig{
		ActivationConfig: json.RawMessage(activationForm), RequireCompanyToken: true,
	})
	d := w.triggered(t)
	_, err := w.tt.PressAction(t.Context(), d.ResultID, "actions/resend")
	require.ErrorIs(t, err, teamtailortest.ErrNotFound, "the card has no button yet")
	status, _ := w.put(t, d.ResultID, `{"actions": [{"buttonText": "Resend invitation", "endpoint": "actions/resend"}]}`)
	require.Equal(t, http.StatusOK, status)
	card, _ := w.tt.Card(w.mira)
	require.Equal(t, []teamtailortest.Button{{Text: "Resend invitation", Endpoint: "actions/resend"}}, card.Buttons)

	w.app.on("POST /tt/actions/resend", func(call) response {
		return jsonResponse(`{"partner_result_attributes": {"status": "sent"}}`)
	})
	require.NoError(t, w.mira.SetField("interview-time", "09:05"))
	pressed, err := w.tt.PressAction(t.Context(), d.ResultID, "actions/resend")
	require.NoError(t, err)
	require.True(t, pressed.Applied)
	require.Equal(t, teamtailortest.CallAction, pressed.Kind)
	got := w.app.last(t, "/tt/actions/resend")
	require.Equal(t, string(d.Body), string(got.body), "the same event, stale values and all")
	_, err = signed(got, webhookSecret, d.EventID)
	require.NoError(t, err)
	require.NotEmpty(t, bearer(t, got))
	require.NotEmpty(t, w.app.last(t, "/tt/webhook").header.Get("Teamtailor-Api-Token"))
	require.Empty(t, got.header.Get("Teamtailor-Api-Token"), "not listed for actions")
}

func TestRefusedActions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts   []teamtailortest.Option
		status string
	}{
		"turn the result to failed":      {nil, "failed"},
		"only show the text, on request": {[]teamtailortest.Option{teamtailortest.WithGentleActions()}, "completed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.opts...)
			d := w.triggered(t)
			w.put(t, d.ResultID, `{"status": "completed", "actions": [{"buttonText": "Cancel", "endpoint": "actions/cancel"}]}`)
			w.app.on("POST /tt/actions/cancel", func(call) response { return plainResponse(http.StatusConflict, "Too late.") })
			pressed, err := w.tt.PressAction(t.Context(), d.ResultID, "actions/cancel")
			require.NoError(t, err)
			require.Equal(t, "Too late.", pressed.Text)
			card, _ := w.tt.Card(w.mira)
			require.Equal(t, c.status, card.Status)
		})
	}
}
