package teamtailor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

// shape writes the fields of a form the short way: id, a star where required.
func shape(f *teamtailortest.Form) []string {
	var ids []string
	for _, field := range f.Fields() {
		id := field.ID
		if id == "" {
			id = field.Type
		}
		if field.Required {
			id += "*"
		}
		ids = append(ids, id)
	}
	return ids
}

func value(t *testing.T, f *teamtailortest.Form, id string) any {
	t.Helper()
	field, ok := f.Field(id)
	require.True(t, ok, id)
	return field.Value
}

func TestFormInEveryPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	template := w.company.AddJobTemplate(teamtailortest.JobConfig{Title: "Nurse"})
	for name, place := range map[string]teamtailortest.Place{
		"a trigger":    teamtailortest.OnStage(w.stage, nil),
		"a template":   teamtailortest.OnStage(template.Stage("Video interview"), nil),
		"a candidate":  teamtailortest.OnCandidate(w.applicant(), w.job, nil),
		"several ones": teamtailortest.InBulk(nil),
	} {
		form, err := w.active.OpenForm(t.Context(), place)
		require.NoError(t, err, name)
		require.Empty(t, form.Errors())
		require.Equal(t, []string{"infobox", "recruiter*", "interview-type*", "job*", "timezone*", "question-set", "schedule-interview"}, shape(form), name)
		recruiter, _ := form.Field("recruiter")
		require.Equal(t, []teamtailortest.FieldOption{{ID: "asha-lind", Label: "Asha Lind"}, {ID: "bo-ek", Label: "Bo Ek"}}, recruiter.Options)
		require.True(t, recruiter.Refetch)
		job, _ := form.Field("job")
		require.Equal(t, []teamtailortest.FieldOption{{ID: "b7e0", Label: "Ward nurse, Lund"}, {ID: "b7e1", Label: "Night nurse"}}, job.Options)
		zone, _ := form.Field("timezone")
		require.Contains(t, zone.Options, teamtailortest.FieldOption{ID: "America/Argentina/Buenos_Aires", Label: "America/Argentina/Buenos Aires"})
		require.Contains(t, zone.Options, teamtailortest.FieldOption{ID: "UTC", Label: "UTC"})
		for _, option := range zone.Options {
			_, err := time.LoadLocation(option.ID)
			require.NoError(t, err)
		}
		require.Greater(t, len(zone.Options), 400)
	}
}

func TestFormFollowsWhatIsChosen(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]teamtailortest.RefetchMode{
		"as JSON": teamtailortest.RefetchJSON, "in brackets": teamtailortest.RefetchBrackets, "flat": teamtailortest.RefetchFlat,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{vendor: []teamtailortest.Option{teamtailortest.WithRefetch(mode)}})
			w.inbox.AddSparkHireUser(boKey, memory.SparkHireUser{
				Name: "Bo Ek", Jobs: []ats.Option{{ID: "b0b0", Label: "Bo's own job"}}, QuestionSets: []ats.Option{{ID: "qs-99", Label: "Bo's own"}},
			})
			form, err := w.active.OpenForm(t.Context(), teamtailortest.OnStage(w.stage, nil))
			require.NoError(t, err)
			require.NoError(t, form.Choose(t.Context(), teamtailortest.Choices{"recruiter": "bo-ek", "interview-type": "one_way"}))
			require.Equal(t, []string{"infobox", "recruiter*", "interview-type*", "job*", "timezone*", "question-set*", "schedule-interview"}, shape(form))
			require.Equal(t, "bo-ek", value(t, form, "recruiter"))
			require.Equal(t, "one_way", value(t, form, "interview-type"))
			job, _ := form.Field("job")
			require.Equal(t, []teamtailortest.FieldOption{{ID: "b0b0", Label: "Bo's own job"}}, job.Options)

			require.NoError(t, form.Choose(t.Context(), teamtailortest.Choices{"interview-type": "live"}))
			require.Equal(t, []string{"infobox", "recruiter*", "interview-type*", "job*", "timezone*"}, shape(form))
			_, err = form.Save()
			require.Error(t, err, "job and zone are required")
			require.NoError(t, form.Choose(t.Context(), teamtailortest.Choices{"job": "b0b0", "timezone": "Europe/Stockholm"}))
			_, err = form.Save()
			require.NoError(t, err)
		})
	}
}

func TestFormWorksWithoutRefetch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{vendor: []teamtailortest.Option{teamtailortest.WithRefetch(teamtailortest.RefetchNever)}})
	w.accepted(w.runTrigger(w.candidate(), oneWay()))
	_, r := w.accepted(w.runTrigger(w.candidate(), live()))
	require.Equal(t, ats.Live, r.Type)
}

func TestFormReadsEveryWayOfPassingValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for name, query := range map[string]string{
		"JSON":                             "webhook_data=" + url.QueryEscape(`{"recruiter":"bo-ek","interview_type":"live"}`),
		"JSON under a name with a hyphen":  "webhook-data=" + url.QueryEscape(`{"recruiter":"bo-ek","interview-type":"live"}`),
		"JSON with other things":           "webhook_data=" + url.QueryEscape(`{"recruiter":{"id":"bo-ek"},"interview-type":["live"],"x":null}`),
		"brackets":                         "webhook_data[recruiter]=bo-ek&webhook_data[interview-type]=live",
		"brackets with underscores":        "webhook_data[recruiter]=bo-ek&webhook_data[interview_type]=live",
		"flat":                             "recruiter=bo-ek&interview-type=live",
		"flat with underscores and others": "recruiter=bo-ek&interview_type=live&job_id=1&stage_id=2&user_id=x",
		"broken JSON beside flat":          "recruiter=bo-ek&interview-type=live&webhook_data=%7B%22",
	} {
		status, body, _ := w.do(http.MethodGet, "/config?"+query, map[string]string{"Authorization": "Bearer " + w.active.ProviderKey()}, nil)
		require.Equal(t, http.StatusOK, status)
		fields := decodeForm(t, body)
		require.Equal(t, "bo-ek", fields["recruiter"]["value"], name)
		require.Equal(t, "live", fields["interview-type"]["value"], name)
		require.NotContains(t, fields, "question-set", name)
	}
}

// decodeForm returns the fields of a form by id or type.
func decodeForm(t *testing.T, body string) map[string]map[string]any {
	t.Helper()
	var form struct {
		Config struct {
			Fields []map[string]any `json:"fields"`
		} `json:"config"`
	}
	require.NoError(t, json.Unmarshal([]byte(body), &form), body)
	fields := map[string]map[string]any{}
	for _, f := range form.Config.Fields {
		id, ok := f["id"].(string)
		if !ok {
			id = fmt.Sprint(f["type"])
		}
		fields[id] = f
	}
	return fields
}

func TestFormPresets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{partner: func(p *teamtailortest.PartnerConfig) { p.RequireCompanyToken = true }})
	bo := w.company.AddUser(teamtailortest.UserConfig{Name: "Bo  EK", Email: "bo@company.example"})
	form, err := w.active.OpenForm(t.Context(), teamtailortest.OnStage(w.stage, bo))
	require.NoError(t, err)
	require.Equal(t, "bo-ek", value(t, form, "recruiter"), "who opens the form is preset")
	require.Nil(t, value(t, form, "timezone"))

	other := w.company.AddUser(teamtailortest.UserConfig{Name: "Eva Ny"})
	form, err = w.active.OpenForm(t.Context(), teamtailortest.OnStage(w.stage, other))
	require.NoError(t, err)
	require.Nil(t, value(t, form, "recruiter"), "who has no key is not")

	// After the first trigger the connection is known, and its zone.
	w.accepted(w.runTrigger(w.candidate(), oneWay()))
	c := w.connection()
	_, err = w.inbox.Connect(t.Context(), ats.Activation{
		Tenant: c.Tenant, Name: c.Name, TimeZone: "Europe/Lisbon", OrganizationKey: orgKey, CredentialDigest: c.CredentialDigest,
		Users: []ats.LinkedUser{{ID: "asha-lind", Name: "Asha Lind", Key: ashaKey}, {ID: "bo-ek", Name: "Bo Ek", Key: boKey}},
	})
	require.NoError(t, err)
	form, err = w.active.OpenForm(t.Context(), teamtailortest.OnStage(w.stage, nil))
	require.NoError(t, err)
	require.Equal(t, "Europe/Lisbon", value(t, form, "timezone"))
	w.discreet()
}

func TestFormWithOneUserPresetsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{absent: true})
	active, err := w.partner.Install(t.Context(), w.company, teamtailortest.Values{"apiKeys": "Organization: " + orgKey + "; Bo Ek: " + boKey})
	require.NoError(t, err)
	form, err := active.OpenForm(t.Context(), teamtailortest.OnStage(w.stage, nil))
	require.NoError(t, err)
	require.Equal(t, "bo-ek", value(t, form, "recruiter"))
}

func TestFormOffersTheBoxForLiveIfTheSettingsSaySo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.accepted(w.runTrigger(w.candidate(), oneWay()))
	w.setSettings(`{"live_form_time": true, "date_field": "start-datum"}`)
	mira := w.applicant()
	w.setFields(mira, "", "")
	form, err := w.active.OpenForm(t.Context(), teamtailortest.OnCandidate(mira, w.job, nil))
	require.NoError(t, err)
	require.Contains(t, form.Fields()[0].Content, "Start datum")
	require.NoError(t, form.Choose(t.Context(), with(live(), "schedule-interview", "2026-04-07T16:00")))
	d, err := form.Run(t.Context())
	require.NoError(t, err)
	_, r := w.accepted(d)
	require.Equal(t, "2026-04-07 16:00 (Europe/Stockholm)", r.Schedule.String())
}

func TestFormThatCannotBeShownSaysWhy(t *testing.T) {
	t.Parallel()
	none := memory.SparkHireUser{Name: "Nobody"}
	for name, c := range map[string]struct {
		prepare func(w *world)
		query   string
		bearer  string
		want    string
	}{
		"without a provider key":            {nil, "", "-", "could not be verified"},
		"with a forged provider key":        {nil, "", teamtailortest.ProviderKey("x", map[string]any{"apiKeys": apiKeys}), "could not be verified"},
		"with an opaque provider key":       {nil, "", "0d1f7a52-9a0e-4a53-8f0b-6b1d5c2e7f90", "not set up yet"},
		"with an empty form":                {nil, "", teamtailortest.ProviderKey("partner-api-key", map[string]any{}), "not set up yet"},
		"with a form that is wrong":         {nil, "", teamtailortest.ProviderKey("partner-api-key", map[string]any{"apiKeys": "Bo Ek"}), "cannot be read"},
		"with a form without users":         {nil, "", teamtailortest.ProviderKey("partner-api-key", map[string]any{"apiKeys": "Organization: 1"}), "No user has an API key"},
		"with an expired provider key":      {nil, "", teamtailortest.ProviderKey("partner-api-key", map[string]any{"apiKeys": apiKeys, "exp": 1}), "has expired"},
		"when a recruiter's key is refused": {nil, "?recruiter=eva-ny", teamtailortest.ProviderKey("partner-api-key", map[string]any{"apiKeys": apiKeys + "\nEva Ny: user-key-0004"}), "The API key of Eva Ny is no longer accepted"},
		"when the organization's key is refused": {
			nil, "", teamtailortest.ProviderKey("partner-api-key", map[string]any{"apiKeys": "Organization: revoked\nAsha Lind: a\nBo Ek: b"}),
			"The API key of the organization is no longer accepted",
		},
		"when there is no job": {func(w *world) { w.inbox.AddSparkHireUser(ashaKey, none) }, "?recruiter=asha-lind", "", "no active job in Spark Hire for Asha Lind"},
		"when the inbox does not answer": {func(w *world) {
			w.inbox.FailNext(-1, fmt.Errorf("read ledger: %w", ats.ErrUnavailable))
		}, "", "", "cannot show its form right now"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			if c.prepare != nil {
				c.prepare(w)
			}
			header := map[string]string{}
			switch c.bearer {
			case "-":
			case "":
				header["Authorization"] = "Bearer " + w.active.ProviderKey()
			default:
				header["Authorization"] = "Bearer " + c.bearer
			}
			status, body, h := w.do(http.MethodGet, "/config"+c.query, header, nil)
			require.Equal(t, http.StatusOK, status)
			require.Equal(t, "application/json", h.Get("Content-Type"))
			fields := decodeForm(t, body)
			require.Len(t, fields, 1, body)
			require.Equal(t, "true", fields["error"]["required"])
			require.Contains(t, fields["error"]["message"], c.want)
			w.discreet()
		})
	}
}

func TestFormWithoutQuestionSetsOffersLive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.inbox.AddSparkHireUser(ashaKey, memory.SparkHireUser{Name: "Asha Lind", Jobs: []ats.Option{{ID: "b7e0"}, {ID: "b7e0", Label: "Twice"}, {ID: ""}}})
	form, err := w.active.OpenForm(t.Context(), teamtailortest.OnStage(w.stage, nil))
	require.NoError(t, err)
	require.NoError(t, form.Choose(t.Context(), live()))
	job, _ := form.Field("job")
	require.Equal(t, []teamtailortest.FieldOption{{ID: "b7e0", Label: "b7e0"}}, job.Options)
	_, err = form.Save()
	require.NoError(t, err)

	form, err = w.active.OpenForm(t.Context(), teamtailortest.OnStage(w.stage, nil))
	require.NoError(t, err)
	require.NoError(t, form.Choose(t.Context(), teamtailortest.Choices{"recruiter": "asha-lind"}))
	require.Equal(t, []string{"infobox", "recruiter*", "interview-type*", "job*", "timezone*", "infobox", "schedule-interview"}, shape(form))
}

// slowLookup answers when the test ends.
type slowLookup struct {
	ats.Lookup
	done <-chan struct{}
}

func (l slowLookup) Jobs(context.Context, ats.Secret) ([]ats.Option, error) {
	<-l.done
	return nil, nil
}

func (l slowLookup) CheckKey(context.Context, ats.Secret) (string, error) {
	<-l.done
	return "", nil
}

type otherInbox struct {
	ats.Inbox
	lookup ats.Lookup
}

func (i otherInbox) Lookup() ats.Lookup { return i.lookup }

// busyLookup has spent its budget.
type busyLookup struct{ ats.Lookup }

func (busyLookup) Jobs(context.Context, ats.Secret) ([]ats.Option, error) {
	return nil, fmt.Errorf("list jobs: %w", ats.ErrRateLimited)
}

func TestSlowSparkHireDoesNotHoldUpTeamtailor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{config: func(c *teamtailor.Config) {
		c.FormBudget, c.CallBudget = 20*time.Millisecond, 20*time.Millisecond
	}, absent: true})
	handler := w.adapter.Handler(otherInbox{w.inbox, slowLookup{w.inbox.Lookup(), t.Context().Done()}})
	key := teamtailortest.ProviderKey("partner-api-key", map[string]any{"apiKeys": apiKeys})

	fields := decodeForm(t, serve(t, handler, "/config?recruiter=bo-ek", key, http.StatusOK))
	require.Contains(t, fields["error"]["message"], "did not answer in time for Bo Ek")
	require.Contains(t, serve(t, handler, "/activation/validate", key, http.StatusUnprocessableEntity), "did not answer in time")

	handler = w.adapter.Handler(otherInbox{w.inbox, busyLookup{w.inbox.Lookup()}})
	fields = decodeForm(t, serve(t, handler, "/config?recruiter=bo-ek", key, http.StatusOK))
	require.Contains(t, fields["error"]["message"], "asked too often with the API key of Bo Ek")
}
