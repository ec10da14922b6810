package teamtailortest_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

// formOf makes an integration answer /config with these fields.
func formOf(fields string) func(call) response {
	return func(call) response { return jsonResponse(`{"config": {"fields": [` + fields + `]}}`) }
}

func TestFormsSayWhereTheyAreOpened(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, teamtailortest.PartnerConfig{
		ActivationConfig: json.RawMessage(activationForm), RequireCompanyToken: true, AllowBulk: true,
	})
	a := w.install(t)
	template := w.company.AddJobTemplate(teamtailortest.JobConfig{Title: "Nurse", Stages: []string{"Video interview"}})
	user := strconv.Itoa(w.asha.ID)
	for name, c := range map[string]struct {
		at    teamtailortest.Place
		query map[string][]string
	}{
		"a stage of a job": {teamtailortest.OnStage(w.stage, w.asha), map[string][]string{
			"job_id": {strconv.Itoa(w.job.ID)}, "stage_id": {strconv.Itoa(w.stage.ID)}, "user_id": {user},
		}},
		"a stage of a template": {teamtailortest.OnStage(template.Stage("Video interview"), w.asha), map[string][]string{"user_id": {user}}},
		"a candidate":           {teamtailortest.OnCandidate(w.mira, w.job, w.asha), map[string][]string{"user_id": {user}}},
		"several candidates":    {teamtailortest.InBulk(w.asha), map[string][]string{"user_id": {user}}},
		"nobody in particular":  {teamtailortest.InBulk(nil), map[string][]string{}},
	} {
		_, err := a.OpenForm(t.Context(), c.at)
		require.NoError(t, err, name)
		got := w.app.last(t, "/tt/config")
		require.Equal(t, c.query, got.query, name)
		require.Equal(t, a.ProviderKey(), bearer(t, got), name)
		require.Equal(t, w.company.APIToken(), got.header.Get("Teamtailor-Api-Token"), name)
	}
}

func TestFormsOpenOnlyWhereTheyBelong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.install(t)
	other := w.tt.AddCompany(teamtailortest.CompanyConfig{Name: "Other"})
	stranger := other.AddCandidate(teamtailortest.CandidateConfig{FirstName: "Ole"})
	for name, c := range map[string]struct {
		at  teamtailortest.Place
		err error
	}{
		"bulk is not allowed":         {teamtailortest.InBulk(nil), teamtailortest.ErrBulkNotAllowed},
		"no stage":                    {teamtailortest.OnStage(nil, nil), teamtailortest.ErrNotFound},
		"another company's candidate": {teamtailortest.OnCandidate(stranger, nil, nil), teamtailortest.ErrNotFound},
		"another company's job's stage": {
			teamtailortest.OnStage(other.AddJob(teamtailortest.JobConfig{}).Stage("Inbox"), nil), teamtailortest.ErrNotFound,
		},
	} {
		_, err := a.OpenForm(t.Context(), c.at)
		require.ErrorIs(t, err, c.err, name)
	}
	f, err := a.OpenForm(t.Context(), teamtailortest.OnStage(w.stage, nil))
	require.NoError(t, err)
	_, err = f.Run(t.Context())
	require.ErrorIs(t, err, teamtailortest.ErrWrongPlace)
	_, err = f.RunBulk(t.Context(), nil)
	require.ErrorIs(t, err, teamtailortest.ErrWrongPlace)
	f, err = a.OpenForm(t.Context(), teamtailortest.OnCandidate(w.mira, nil, nil))
	require.NoError(t, err)
	_, err = f.Save()
	require.ErrorIs(t, err, teamtailortest.ErrWrongPlace)
}

func TestFormsThatCannotBeRendered(t *testing.T) {
	t.Parallel()
	field := func(f string) response { return jsonResponse(`{"config": {"fields": [` + f + `]}}`) }
	for name, c := range map[string]struct {
		answer  response
		problem string
	}{
		"a refusal":                      {plainResponse(http.StatusUnauthorized, "no"), "not 200"},
		"a redirect":                     {response{http.StatusFound, "application/json", `{}`}, "not 200"},
		"a body without its type":        {plainResponse(http.StatusOK, `{"config": {"fields": []}}`), "not JSON"},
		"an activation member":           {jsonResponse(`{"config": {"fields": [], "customFieldMapping": []}}`), "unknown member"},
		"a type that does not exist":     {field(`{"id": "a", "type": "time", "label": "A"}`), `unknown type "time"`},
		"an id with an underscore":       {field(`{"id": "interview_type", "type": "text"}`), "kebab-case"},
		"an id in camel case":            {field(`{"id": "apiKeys", "type": "text"}`), "kebab-case"},
		"an id that ends in a hyphen":    {field(`{"id": "a-", "type": "text"}`), "kebab-case"},
		"a select without options":       {field(`{"id": "a", "type": "select"}`), "no options"},
		"an option without a label":      {field(`{"id": "a", "type": "select", "options": [{"id": "x"}]}`), "exactly an id and a label"},
		"an option with more":            {field(`{"id": "a", "type": "select", "options": [{"id": "x", "label": "X", "hint": "h"}]}`), "exactly"},
		"two options of one id":          {field(`{"id": "a", "type": "radio", "options": [{"id": 1, "label": "X"}, {"id": "1", "label": "Y"}]}`), "two options"},
		"a label that is a number":       {field(`{"id": "a", "type": "text", "label": 1}`), `"label" is not a string`},
		"required in words":              {field(`{"id": "a", "type": "text", "required": "yes"}`), "not a boolean"},
		"an error without a message":     {field(`{"type": "error"}`), "needs a message"},
		"conditions, which do not exist": {field(`{"id": "a", "type": "text", "depends-on": "b"}`), `unknown member "depends-on"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a := w.install(t)
			w.app.on("GET /tt/config", func(call) response { return c.answer })
			f, err := a.OpenForm(t.Context(), teamtailortest.OnStage(w.stage, nil))
			var bad *teamtailortest.FormError
			require.ErrorAs(t, err, &bad)
			require.Equal(t, c.answer.status, bad.Status)
			require.ErrorContains(t, err, c.problem)
			require.Nil(t, f)
		})
	}
}

func TestFieldTypesCanBeAdded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, teamtailortest.WithFieldTypes("textarea"))
	a := w.install(t)
	w.app.on("GET /tt/config", formOf(`{"id": "note", "type": "textarea", "label": "Note"}`))
	trigger, err := a.SaveTrigger(t.Context(), w.stage, nil, teamtailortest.Choices{"note": "a\nb"})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"note": "a\nb"}, trigger.Data())
}

func TestFormShowsWhatTheIntegrationDeclares(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.install(t)
	w.app.on("GET /tt/config", func(call) response {
		return jsonResponse(`{"config": {"fields": [
			{"id": "job", "type": "select", "label": "Job", "placeholder": "Choose", "required": true, "refetch": true,
				"description": "From Spark Hire", "optgroups": [{"label": "Lund", "options": [{"id": 7, "label": "Nurse"}]}]},
			{"id": "weight", "type": "number", "label": "Weight", "min": 0, "max": "100", "step": 5, "value": 75},
			{"type": "error", "message": "Something is wrong", "required": "true"}],
			"assessment-criteria": [{"id": "empathy", "label": "Empathy"}]}}`)
	})
	f, err := a.OpenForm(t.Context(), teamtailortest.OnStage(w.stage, nil))
	require.NoError(t, err)
	require.Len(t, f.Fields(), 3)
	job, ok := f.Field("job")
	require.True(t, ok)
	require.Equal(t, teamtailortest.Field{
		ID: "job", Type: "select", Label: "Job", Placeholder: "Choose", Required: true, Refetch: true,
		Description: "From Spark Hire", Options: []teamtailortest.FieldOption{{ID: "7", Label: "Nurse"}},
	}, job)
	weight, _ := f.Field("weight")
	require.Equal(t, "100", weight.Max)
	require.Equal(t, json.Number("75"), weight.Value)
	require.Equal(t, []string{"Something is wrong"}, f.Errors())
	require.Equal(t, []teamtailortest.Criterion{{ID: "empathy", Label: "Empathy"}}, f.Criteria())
	_, ok = f.Field("missing")
	require.False(t, ok)
}

func TestErrorFieldsBlockSaving(t *testing.T) {
	t.Parallel()
	for name, fields := range map[string]string{
		"an error field":                   `{"type": "error", "message": "The key is gone.", "required": "true"}`,
		"the older trick: nothing to fill": `{"id": "blocked", "type": "hidden", "required": true, "disabled": true, "label": "The key is gone."}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a := w.install(t)
			w.app.on("GET /tt/config", formOf(fields))
			_, err := a.SaveTrigger(t.Context(), w.stage, nil, nil)
			require.ErrorContains(t, err, "The key is gone.")
			_, err = a.RunManually(t.Context(), w.mira, nil, nil, nil)
			require.ErrorContains(t, err, "The key is gone.")
			require.Empty(t, w.app.to("/tt/webhook"))
		})
	}
}

func TestChoicesMustFitTheirFields(t *testing.T) {
	t.Parallel()
	const fields = `
		{"id": "pick", "type": "select", "options": [{"id": "a", "label": "A"}]},
		{"id": "many", "type": "multiselect", "options": [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}]},
		{"id": "box", "type": "checkbox"}, {"id": "day", "type": "date"}, {"id": "moment", "type": "datetime-local"},
		{"id": "month", "type": "month"}, {"id": "week", "type": "week"}, {"id": "mail", "type": "email"},
		{"id": "link", "type": "url"}, {"id": "score", "type": "number", "min": 1, "max": 9}, {"id": "note", "type": "text"},
		{"type": "infobox", "content": "x"}`
	w := newWorld(t)
	a := w.install(t)
	w.app.on("GET /tt/config", formOf(fields))
	for name, c := range map[string]struct {
		choices teamtailortest.Choices
		ok      bool
	}{
		"an option":                       {teamtailortest.Choices{"pick": "a"}, true},
		"another option":                  {teamtailortest.Choices{"pick": "b"}, false},
		"several options":                 {teamtailortest.Choices{"many": []string{"a", "b"}}, true},
		"an unknown one among several":    {teamtailortest.Choices{"many": []string{"a", "c"}}, false},
		"a checked box":                   {teamtailortest.Choices{"box": true}, true},
		"a box with a text":               {teamtailortest.Choices{"box": "yes"}, false},
		"a date":                          {teamtailortest.Choices{"day": "2026-12-01"}, true},
		"a date that does not exist":      {teamtailortest.Choices{"day": "2026-02-30"}, false},
		"a date and time":                 {teamtailortest.Choices{"moment": "2026-12-01T14:30"}, true},
		"a date and time with a zone":     {teamtailortest.Choices{"moment": "2026-12-01T14:30Z"}, false},
		"a month":                         {teamtailortest.Choices{"month": "2026-12"}, true},
		"a week":                          {teamtailortest.Choices{"week": "2026-W07"}, true},
		"a week that does not exist":      {teamtailortest.Choices{"week": "2026-W54"}, false},
		"an address":                      {teamtailortest.Choices{"mail": "asha@care.example"}, true},
		"not an address":                  {teamtailortest.Choices{"mail": "asha"}, false},
		"a link":                          {teamtailortest.Choices{"link": "https://care.example"}, true},
		"a link without a host":           {teamtailortest.Choices{"link": "care.example"}, false},
		"a number":                        {teamtailortest.Choices{"score": 9}, true},
		"a number out of range":           {teamtailortest.Choices{"score": 10}, false},
		"a list in a text field":          {teamtailortest.Choices{"note": []string{"a"}}, false},
		"a field that is not in the form": {teamtailortest.Choices{"nothing": "x"}, false},
	} {
		f, err := a.OpenForm(t.Context(), teamtailortest.OnStage(w.stage, nil))
		require.NoError(t, err, name)
		err = f.Choose(t.Context(), c.choices)
		if c.ok {
			require.NoError(t, err, name)
			continue
		}
		var bad *teamtailortest.FormError
		require.ErrorAs(t, err, &bad, name)
		require.Zero(t, bad.Status, name)
	}
}

func TestSavedValuesHaveTheShapeOfWebhookData(t *testing.T) {
	t.Parallel()
	const fields = `
		{"id": "pick", "type": "select", "options": [{"id": 12, "label": "A"}]},
		{"id": "many", "type": "multiselect", "options": [{"id": "a", "label": "A"}]},
		{"id": "score", "type": "number"}, {"id": "box", "type": "checkbox"}, {"id": "other-box", "type": "checkbox"},
		{"id": "note", "type": "text"}, {"id": "ctx", "type": "hidden", "value": "v1"},
		{"id": "off", "type": "text", "disabled": true, "value": "x"}, {"id": "brief", "type": "file"}`
	choices := teamtailortest.Choices{"pick": 12, "many": "a", "score": 75, "box": true}
	for name, c := range map[string]struct {
		opts []teamtailortest.Option
		want map[string]any
	}{
		"booleans for boxes": {nil, map[string]any{
			"pick": "12", "many": []string{"a"}, "score": "75", "box": true, "other-box": false, "note": "", "ctx": "v1",
		}},
		"HTML for boxes": {[]teamtailortest.Option{teamtailortest.WithCheckboxValues("on", nil)}, map[string]any{
			"pick": "12", "many": []string{"a"}, "score": "75", "box": "on", "note": "", "ctx": "v1",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.opts...)
			a := w.install(t)
			w.app.on("GET /tt/config", formOf(fields))
			trigger, err := a.SaveTrigger(t.Context(), w.stage, nil, choices)
			require.NoError(t, err)
			require.Equal(t, c.want, trigger.Data())
		})
	}
}

func TestUnderscoresBecomeHyphensWhereTheyAreAllowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, teamtailortest.WithKeyRewriting())
	a := w.install(t)
	w.app.on("GET /tt/config", formOf(`{"id": "test_assessment", "type": "text"}`))
	trigger, err := a.SaveTrigger(t.Context(), w.stage, nil, teamtailortest.Choices{"test_assessment": "x"})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"test-assessment": "x"}, trigger.Data())
}

func TestRequiredFieldsMustBeFilledIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.install(t)
	_, err := a.SaveTrigger(t.Context(), w.stage, nil, teamtailortest.Choices{"recruiter": "asha-lind", "interview-type": ""})
	require.ErrorContains(t, err, `"interview-type" is required`)
	w.app.on("GET /tt/config", formOf(`{"id": "sure", "type": "checkbox", "required": true, "label": "Sure"}`))
	_, err = a.SaveTrigger(t.Context(), w.stage, nil, teamtailortest.Choices{"sure": false})
	require.ErrorContains(t, err, `"sure" is required`)
}

func TestRefetchPassesTheValuesChosenSoFar(t *testing.T) {
	t.Parallel()
	// The second field exists only once a recruiter is known.
	answer := func(chosen bool) response {
		first := `{"id": "recruiter", "type": "select", "required": true, "refetch": true, "options": [{"id": "bo-ek", "label": "Bo Ek"}]}`
		if chosen {
			first += `, {"id": "job", "type": "select", "required": true, "options": [{"id": "b7e0", "label": "Nurse"}]}`
		}
		return jsonResponse(`{"config": {"fields": [` + first + `]}}`)
	}
	for name, c := range map[string]struct {
		mode  teamtailortest.RefetchMode
		param string
		value string
	}{
		"as JSON":         {teamtailortest.RefetchJSON, "webhook_data", `{"recruiter":"bo-ek"}`},
		"in brackets":     {teamtailortest.RefetchBrackets, "webhook_data[recruiter]", "bo-ek"},
		"as plain fields": {teamtailortest.RefetchFlat, "recruiter", "bo-ek"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, teamtailortest.WithRefetch(c.mode))
			a := w.install(t)
			w.app.on("GET /tt/config", func(got call) response { return answer(len(got.query[c.param]) > 0) })
			trigger, err := a.SaveTrigger(t.Context(), w.stage, nil, teamtailortest.Choices{"recruiter": "bo-ek", "job": "b7e0"})
			require.NoError(t, err)
			require.Equal(t, map[string]any{"recruiter": "bo-ek", "job": "b7e0"}, trigger.Data())
			calls := w.app.to("/tt/config")
			require.Len(t, calls, 2)
			require.Equal(t, []string{c.value}, calls[1].query[c.param])
			require.Equal(t, calls[0].query["stage_id"], calls[1].query["stage_id"])
		})
	}
	t.Run("never", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, teamtailortest.WithRefetch(teamtailortest.RefetchNever))
		a := w.install(t)
		w.app.on("GET /tt/config", func(got call) response { return answer(len(got.query["webhook_data"]) > 0) })
		_, err := a.SaveTrigger(t.Context(), w.stage, nil, teamtailortest.Choices{"recruiter": "bo-ek", "job": "b7e0"})
		require.ErrorContains(t, err, `no field "job"`)
		require.Len(t, w.app.to("/tt/config"), 1)
	})
}

func TestRefetchDropsValuesThatNoLongerFit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.install(t)
	form := func(jobs string) response {
		return jsonResponse(`{"config": {"fields": [
			{"id": "job", "type": "select", "options": [` + jobs + `]},
			{"id": "recruiter", "type": "select", "refetch": true, "options": [{"id": "bo-ek", "label": "Bo Ek"}]}]}}`)
	}
	w.app.on("GET /tt/config", func(got call) response {
		if len(got.query["webhook_data"]) > 0 {
			return form(`{"id": "new", "label": "New"}`)
		}
		return form(`{"id": "old", "label": "Old"}`)
	})
	trigger, err := a.SaveTrigger(t.Context(), w.stage, nil, teamtailortest.Choices{"job": "old", "recruiter": "bo-ek"})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"job": "", "recruiter": "bo-ek"}, trigger.Data())
}

func TestStaticTriggerFormReplacesTheCall(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, teamtailortest.PartnerConfig{
		ActivationConfig: json.RawMessage(activationForm), TriggerConfig: json.RawMessage(triggerForm),
	})
	_, err := w.install(t).SaveTrigger(t.Context(), w.stage, nil, choices())
	require.NoError(t, err)
	require.Empty(t, w.app.to("/tt/config"))
}

func TestFormCallsCanBeMadeWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.install(t)
	at := teamtailortest.OnStage(w.stage, nil)
	_, err := a.OpenForm(t.Context(), at, teamtailortest.Bearer("forged"))
	require.NoError(t, err)
	require.Equal(t, "forged", bearer(t, w.app.last(t, "/tt/config")))
	_, err = a.OpenForm(t.Context(), at, teamtailortest.Bearer(""))
	require.NoError(t, err)
	require.Empty(t, w.app.last(t, "/tt/config").header.Get("Authorization"))
	_, err = a.OpenForm(t.Context(), at, teamtailortest.AnswerLost())
	require.ErrorIs(t, err, teamtailortest.ErrNoAnswer)
	require.NotContains(t, err.Error(), "job_id")
}
