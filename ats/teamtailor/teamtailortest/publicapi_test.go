package teamtailortest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

func TestPublicAPIChecksTheRequestLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	public := w.company.AddAPIToken(teamtailortest.ScopePublic, teamtailortest.ReadWrite)
	readOnly := w.company.AddAPIToken(teamtailortest.ScopeAdmin, teamtailortest.ReadOnly)
	writeOnly := w.company.AddAPIToken(teamtailortest.ScopeAdmin, teamtailortest.WriteOnly)
	revoked := w.company.AddAPIToken(teamtailortest.ScopeAdmin, teamtailortest.ReadWrite)
	w.company.DeleteAPIToken(revoked)
	for name, c := range map[string]struct {
		call   apiCall
		status int
		code   string
	}{
		"the company's token":      {apiCall{}, 200, ""},
		"the token in quotes":      {apiCall{auth: `Token token="` + w.company.APIToken() + `"`}, 200, ""},
		"the Partner API's form":   {apiCall{auth: "Token " + w.company.APIToken()}, 401, ""},
		"the partner's key":        {apiCall{auth: "Token token=" + apiKey}, 401, ""},
		"a deleted token":          {apiCall{auth: "Token token=" + revoked}, 401, ""},
		"a token without scope":    {apiCall{auth: "Token token=" + public}, 403, "403"},
		"enough scope for jobs":    {apiCall{path: "/v1/jobs", auth: "Token token=" + public}, 200, ""},
		"a token that only reads":  {apiCall{method: "POST", body: `{}`, auth: "Token token=" + readOnly}, 403, "403"},
		"a token that only writes": {apiCall{auth: "Token token=" + writeOnly}, 403, "403"},
		"an old version":           {apiCall{header: map[string]string{"X-Api-Version": "20161108"}}, 406, ""},
		"no version":               {apiCall{header: map[string]string{"X-Api-Version": ""}}, 406, ""},
		"an unknown resource":      {apiCall{path: "/v1/webhooks"}, 404, "404"},
		"an unknown candidate":     {apiCall{path: "/v1/candidates/1"}, 404, "404"},
		"an unknown relationship":  {apiCall{path: fmt.Sprintf("/v1/candidates/%d/jobs", w.mira.ID)}, 404, "404"},
		"an unlisted filter":       {apiCall{path: "/v1/candidates?filter[name]=Mira"}, 400, "102"},
		"a filter seen elsewhere":  {apiCall{path: "/v1/stages?filter[job]=1"}, 400, "102"},
		"a bad filter value":       {apiCall{path: "/v1/candidates?filter[created-at][from]=yesterday"}, 400, "107"},
		"a status of no job":       {apiCall{path: "/v1/jobs?filter[status]=open"}, 400, "107"},
		"an unknown include":       {apiCall{path: "/v1/candidates?include=job"}, 400, "112"},
		"an unknown nested one":    {apiCall{path: "/v1/candidates?include=job-applications.user"}, 400, "112"},
		"an unknown field":         {apiCall{path: "/v1/candidates?fields[candidates]=name"}, 400, "104"},
		"fields of nothing":        {apiCall{path: "/v1/candidates?fields[people]=name"}, 400, "101"},
		"an unknown order":         {apiCall{path: "/v1/candidates?sort=-name"}, 400, "114"},
		"a page too large":         {apiCall{path: "/v1/candidates?page[size]=31"}, 400, "118"},
		"an unknown parameter":     {apiCall{path: "/v1/candidates?page[after]=x"}, 400, "105"},
		"a method of no resource":  {apiCall{method: "PUT", body: `{}`}, 405, "405"},
		"deleting a candidate":     {apiCall{method: "DELETE", path: fmt.Sprintf("/v1/candidates/%d", w.mira.ID)}, 405, "405"},
		"writing to a job":         {apiCall{method: "PATCH", path: fmt.Sprintf("/v1/jobs/%d", w.job.ID), body: `{}`}, 405, "405"},
	} {
		if c.call.path == "" {
			c.call.path = "/v1/candidates"
		}
		status, header, body := w.publicAPI(t, c.call)
		require.Equal(t, c.status, status, "%s: %v", name, body)
		switch {
		case status < 300:
			require.Equal(t, "20240904", header.Get("X-Api-Version"), name)
		case status == 401:
			require.Empty(t, body, name)
		case c.code == "":
			require.Contains(t, at(body, "errors", 0, "detail"), "Current version is: 20240904", name)
		default:
			require.Equal(t, c.code, at(body, "errors", 0, "code"), name)
		}
	}
}

func TestAnotherVersionCanBeCurrent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, teamtailortest.WithAPIVersion("20990101"), teamtailortest.WithRateLimit(1, time.Minute))
	status, _, body := w.publicAPI(t, apiCall{path: "/v1/users"})
	require.Equal(t, 406, status)
	require.Contains(t, at(body, "errors", 0, "detail"), "20990101")
	status, _, _ = w.publicAPI(t, apiCall{path: "/v1/users"})
	require.Equal(t, 429, status)
}

func TestRelationshipsHaveDataOnlyWhenIncluded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: "Interview time"})
	require.NoError(t, w.mira.SetField("interview-time", "14:30"))
	_, err := w.tt.MoveCandidate(t.Context(), w.mira, w.stage)
	require.NoError(t, err)
	path := "/v1/candidates/" + strconv.Itoa(w.mira.ID)

	_, _, body := w.publicAPI(t, apiCall{path: path})
	require.Equal(t, strconv.Itoa(w.mira.ID), at(body, "data", "id"), "a string here")
	require.Equal(t, "mira.falk@mail.example", at(body, "data", "attributes", "email"))
	rel := at(body, "data", "relationships", "custom-field-values")
	require.NotContains(t, rel, "data")
	require.Equal(t, w.tt.URL+path+"/custom-field-values", at(rel, "links", "related"))
	require.NotContains(t, body, "included")

	_, _, body = w.publicAPI(t, apiCall{path: path + "?include=custom-field-values,custom-field-values.custom-field,job-applications.stage"})
	require.Len(t, at(body, "data", "relationships", "custom-field-values", "data"), 1)
	byType := map[any]any{}
	included, _ := at(body, "included").([]any)
	for i := range included {
		byType[at(included, i, "type")] = included[i]
	}
	require.Len(t, included, 4)
	require.Equal(t, "14:30", at(byType["custom-field-values"], "attributes", "value"))
	require.Equal(t, "interview-time", at(byType["custom-fields"], "attributes", "api-name"))
	require.Equal(t, "CustomField::Text", at(byType["custom-fields"], "attributes", "field-type"))
	require.Equal(t, at(byType["custom-fields"], "id"), at(byType["custom-field-values"], "relationships", "custom-field", "data", "id"))
	require.NotContains(t, at(byType["custom-field-values"], "relationships", "owner"), "data")
	require.Equal(t, "Video interview", at(byType["stages"], "attributes", "name"))
	require.Equal(t, "In process", at(byType["stages"], "attributes", "legacy-stage-type-name"))

	_, _, body = w.publicAPI(t, apiCall{path: path + "?fields[candidates]=email,job-applications"})
	require.Equal(t, map[string]any{"email": "mira.falk@mail.example"}, at(body, "data", "attributes"))
	require.Len(t, at(body, "data", "relationships"), 1)

	_, _, body = w.publicAPI(t, apiCall{path: path + "/relationships/job-applications"})
	require.Equal(t, "job-applications", at(body, "data", 0, "type"))
	_, _, body = w.publicAPI(t, apiCall{path: path + "/job-applications?include=job"})
	require.Equal(t, "Ward nurse", at(body, "included", 0, "attributes", "title"))
	application, _ := at(body, "data", 0, "id").(string)
	_, _, body = w.publicAPI(t, apiCall{path: "/v1/job-applications/" + application + "/stage"})
	require.Equal(t, "Video interview", at(body, "data", "attributes", "name"))
}

func TestListsAreFilteredSortedAndPaged(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	w := newWorld(t, teamtailortest.WithClock(func() time.Time { return now }), teamtailortest.WithRateLimit(500, time.Second))
	now = now.AddDate(0, 0, 1)
	for i := range 14 {
		w.company.AddCandidate(teamtailortest.CandidateConfig{FirstName: fmt.Sprint("N", i%3), Email: fmt.Sprintf("N%d@mail.example", i)})
	}
	w.company.AddJob(teamtailortest.JobConfig{Title: "Draft", Status: "draft"})
	w.company.AddJob(teamtailortest.JobConfig{Title: "Inside", Internal: true})
	w.company.AddJobTemplate(teamtailortest.JobConfig{Title: "Template"})
	w.company.AddUser(teamtailortest.UserConfig{Name: "Bo Ek", Email: "Bo@care.example", ExternalID: "e-7"})
	count := func(path string) int {
		t.Helper()
		status, _, body := w.publicAPI(t, apiCall{path: path})
		require.Equal(t, 200, status, "%v", body)
		n, _ := at(body, "meta", "record-count").(float64)
		return int(n)
	}
	for path, want := range map[string]int{
		"/v1/candidates": 15,
		"/v1/candidates?filter[email]=n3@mail.example":               1,
		"/v1/candidates?filter[email]=N3@mail.example":               0, // it must be lower case
		"/v1/candidates?filter[created-at][from]=2026-11-03":         14,
		"/v1/candidates?filter[created-at][to]=2026-11-02T09:00:00Z": 1,
		"/v1/candidates?filter[connected]=true":                      0,
		"/v1/jobs":                                                   2,
		"/v1/jobs?filter[status]=draft":                              1,
		"/v1/jobs?filter[status]=all":                                3,
		"/v1/jobs?filter[feed]=internal":                             1,
		"/v1/stages":                                                 9,
		"/v1/users?filter[external-id]=e-7":                          1,
		"/v1/users?filter[email]=bo@care.example":                    1,
	} {
		require.Equal(t, want, count(path), path)
	}
	var names []any
	path := "/v1/candidates?sort=first-name,-created-at&page[size]=6"
	for path != "" {
		_, _, body := w.publicAPI(t, apiCall{path: path})
		data, _ := at(body, "data").([]any)
		for i := range data {
			names = append(names, at(data, i, "attributes", "first-name"))
		}
		path, _ = at(body, "links", "next").(string)
	}
	require.Equal(t, []any{
		"Mira", "N0", "N0", "N0", "N0", "N0", "N1", "N1", "N1", "N1", "N1", "N2", "N2", "N2", "N2",
	}, names)
}

func TestObservedFiltersCanBeSwitchedOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, teamtailortest.WithObservedFilters())
	_, err := w.tt.MoveCandidate(t.Context(), w.mira, w.stage)
	require.NoError(t, err)
	for _, path := range []string{
		fmt.Sprintf("/v1/stages?filter[job]=%d", w.job.ID),
		fmt.Sprintf("/v1/job-applications?filter[candidate]=%d&filter[job]=%d", w.mira.ID, w.job.ID),
		"/v1/job-applications?filter[stage-type]=" + url.QueryEscape("In process"),
	} {
		status, _, body := w.publicAPI(t, apiCall{path: path})
		require.Equal(t, 200, status, path)
		require.NotEmpty(t, at(body, "data"), path)
	}
}

// write sends a document for a collection or record of the public API.
func (w *world) write(t *testing.T, method, path, attributes, relationships string) (int, map[string]any) {
	t.Helper()
	u, err := url.Parse(path)
	require.NoError(t, err)
	typ, id, _ := strings.Cut(strings.TrimPrefix(u.Path, "/v1/"), "/")
	body := `{"data": {"type": "` + typ + `"`
	if id != "" {
		body += `, "id": "` + id + `"`
	}
	if attributes != "" {
		body += `, "attributes": ` + attributes
	}
	if relationships != "" {
		body += `, "relationships": ` + relationships
	}
	status, _, decoded := w.publicAPI(t, apiCall{method: method, path: path, body: body + `}}`})
	return status, decoded
}

func relationship(name, typ string, id any) string {
	return fmt.Sprintf(`{%q: {"data": {"type": %q, "id": "%v"}}}`, name, typ, id)
}

func TestMovingAnApplicationFiresTriggers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.install(t)
	_, err := a.SaveTrigger(t.Context(), w.stage, nil, choices())
	require.NoError(t, err)
	status, body := w.write(t, "POST", "/v1/job-applications", "",
		fmt.Sprintf(`{"candidate": {"data": {"type": "candidates", "id": "%d"}}, "job": {"data": {"type": "jobs", "id": "%d"}}}`, w.mira.ID, w.job.ID))
	require.Equal(t, http.StatusCreated, status, "%v", body)
	id, _ := at(body, "data", "id").(string)
	path := "/v1/job-applications/" + id
	status, _ = w.write(t, "PATCH", path, "", relationship("stage", "stages", w.company.AddJob(teamtailortest.JobConfig{}).Stage("Inbox").ID))
	require.Equal(t, 422, status, "a stage of another job")
	status, body = w.write(t, "PATCH", path+"?include=stage", `{"cover-letter": "Hello"}`, relationship("stage", "stages", w.stage.ID))
	require.Equal(t, 200, status)
	require.Equal(t, "Hello", at(body, "data", "attributes", "cover-letter"))
	require.Equal(t, strconv.Itoa(w.stage.ID), at(body, "data", "relationships", "stage", "data", "id"))
	require.NoError(t, w.tt.Wait(t.Context()))
	event := decodeJSON(t, w.app.last(t, "/tt/webhook").body)
	job := at(event, "partner-event", "candidate", "job")
	require.InDelta(t, w.stage.ID, at(job, "stage-id"), 0)
	require.Contains(t, job, "triggered-by")
	require.Nil(t, at(job, "triggered-by"), "nobody in particular")
	status, _ = w.write(t, "PATCH", path, `{"rejected-at": null}`, "")
	require.Equal(t, 400, status)
	status, _ = w.write(t, "POST", "/v1/job-applications", "",
		fmt.Sprintf(`{"candidate": {"data": {"type": "candidates", "id": "%d"}}, "job": {"data": {"type": "jobs", "id": "%d"}}}`, w.mira.ID, w.job.ID))
	require.Equal(t, 422, status, "already in the job")
	status, _ = w.write(t, "POST", "/v1/job-applications", "", "")
	require.Equal(t, 422, status)
}

func TestCustomFieldValuesAreWrittenOnceAndThenPatched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status, body := w.write(t, "POST", "/v1/custom-fields", `{"name": "Interview date", "field-type": "CustomField::Date"}`, "")
	require.Equal(t, http.StatusCreated, status, "%v", body)
	require.Equal(t, "interview-date", at(body, "data", "attributes", "api-name"))
	field, _ := at(body, "data", "id").(string)
	both := func(owner string, id int) string {
		return fmt.Sprintf(`{"custom-field": {"data": {"type": "custom-fields", "id": %q}}, "owner": {"data": {"type": %q, "id": "%d"}}}`, field, owner, id)
	}
	for name, c := range map[string]struct{ attributes, relationships string }{
		"another format":        {`{"value": "12/01/2026"}`, both("candidates", w.mira.ID)},
		"no value":              {`{}`, both("candidates", w.mira.ID)},
		"an unknown owner":      {`{"value": "2026-12-01"}`, both("candidates", 1)},
		"an owner of a job":     {`{"value": "2026-12-01"}`, both("jobs", w.job.ID)},
		"no field and no owner": {`{"value": "2026-12-01"}`, ""},
	} {
		status, _ = w.write(t, "POST", "/v1/custom-field-values", c.attributes, c.relationships)
		require.Equal(t, 422, status, name)
	}
	status, body = w.write(t, "POST", "/v1/custom-field-values", `{"value": "2026-12-01T10:00:00+01:00"}`, both("candidates", w.mira.ID))
	require.Equal(t, http.StatusCreated, status)
	require.Equal(t, "2026-12-01", at(body, "data", "attributes", "value"))
	id, _ := at(body, "data", "id").(string)
	status, _ = w.write(t, "POST", "/v1/custom-field-values", `{"value": "2026-12-02"}`, both("candidates", w.mira.ID))
	require.Equal(t, 422, status, "there is one already")
	status, body = w.write(t, "PATCH", "/v1/custom-field-values/"+id, `{"value": "2026-12-03"}`, "")
	require.Equal(t, 200, status)
	require.Equal(t, "2026-12-03", at(body, "data", "attributes", "value"))
	require.Equal(t, id, at(body, "data", "id"))
	status, _ = w.write(t, "PATCH", "/v1/custom-field-values/"+id, `{"value": ""}`, "")
	require.Equal(t, 422, status)
	_, _, body = w.publicAPI(t, apiCall{path: "/v1/custom-field-values?filter[field-type]=CustomField::Date&include=owner"})
	require.Equal(t, "candidates", at(body, "included", 0, "type"))

	status, _ = w.write(t, "PATCH", "/v1/custom-fields/"+field, `{"name": "Day"}`, "")
	require.Equal(t, 200, status)
	for name, attributes := range map[string]string{
		"no name": `{"field-type": "CustomField::Text"}`, "no type": `{"name": "x"}`,
		"a select, which has its own endpoint": `{"name": "x", "field-type": "CustomField::Select"}`,
		"an API name that is taken":            `{"name": "x", "api-name": "interview-date", "field-type": "CustomField::Text"}`,
		"an unknown owner":                     `{"name": "x", "field-type": "CustomField::Text", "owner-type": "User"}`,
	} {
		status, _ = w.write(t, "POST", "/v1/custom-fields", attributes, "")
		require.Equal(t, 422, status, name)
	}
	require.Equal(t, []string{"interview-date"}, w.company.CustomFields())
}

func TestSelectValuesAreOptionIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for kind, want := range map[teamtailortest.FieldType]any{
		teamtailortest.FieldSelect: "", teamtailortest.FieldMultiSelect: []any{},
	} {
		w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: string(kind), Type: kind, Options: []string{"Day", "Night"}})
		require.NoError(t, w.mira.SetField(string(kind), []string{"Night"}))
		_, _, body := w.publicAPI(t, apiCall{path: "/v1/custom-field-values?filter[field-type]=" + map[teamtailortest.FieldType]string{
			teamtailortest.FieldSelect: "CustomField::Select", teamtailortest.FieldMultiSelect: "CustomField::MultiSelect",
		}[kind]})
		value := at(body, "data", 0, "attributes", "value")
		require.IsType(t, want, value)
		id, _ := at(body, "data", 0, "id").(string)
		status, _ := w.write(t, "PATCH", "/v1/custom-field-values/"+id, `{"value": "Day"}`, "")
		require.Equal(t, 422, status, "a text is not an id")
	}
}

func TestCandidatesCanBeWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status, body := w.write(t, "POST", "/v1/candidates", `{"first-name": "Ole", "email": "ole@mail.example", "tags": ["x"], "pitch": "Hi"}`, "")
	require.Equal(t, http.StatusCreated, status)
	require.Equal(t, "Hi", at(body, "data", "attributes", "pitch"))
	ole, _ := at(body, "data", "id").(string)
	for name, c := range map[string]struct {
		attributes, title string
		status            int
	}{
		"an address that is taken": {`{"email": "OLE@mail.example"}`, "has already been taken", 422},
		"no address":               {`{"first-name": "Eva"}`, "can't be blank", 422},
		"not an address":           {`{"email": "eva"}`, "is invalid", 422},
		"a name that is a number":  {`{"email": "eva@mail.example", "first-name": 1}`, "is not a string", 422},
		"an unknown attribute":     {`{"email": "eva@mail.example", "name": "Eva"}`, "Param not allowed", 400},
	} {
		status, body = w.write(t, "POST", "/v1/candidates", c.attributes, "")
		require.Equal(t, c.status, status, name)
		require.Equal(t, c.title, at(body, "errors", 0, "title"), name)
	}
	status, _ = w.write(t, "POST", "/v1/candidates", `{"first-name": "Eva", "sourced": true}`, "")
	require.Equal(t, http.StatusCreated, status, "sourced candidates need no address")
	status, body = w.write(t, "POST", "/v1/candidates", `{"email": "ole@mail.example", "phone": "1", "merge": true}`, "")
	require.Equal(t, http.StatusCreated, status)
	require.Equal(t, ole, at(body, "data", "id"))
	status, body = w.write(t, "PATCH", "/v1/candidates/"+ole, `{"last-name": "Berg"}`, "")
	require.Equal(t, 200, status)
	require.Equal(t, "Ole", at(body, "data", "attributes", "first-name"))
	status, _ = w.write(t, "PATCH", "/v1/candidates/"+ole, `{"email": "mira.falk@mail.example"}`, "")
	require.Equal(t, 422, status)
}

func TestNotesNeedACandidateAndAnAuthor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status, body := w.write(t, "POST", "/v1/notes", `{"note": "Sent."}`, relationship("candidate", "candidates", w.mira.ID))
	require.Equal(t, 422, status)
	require.Equal(t, "/data/relationships/user", at(body, "errors", 0, "source", "pointer"))
	status, body = w.write(t, "POST", "/v1/notes", `{"note": "Sent."}`,
		fmt.Sprintf(`{"candidate": {"data": {"type": "candidates", "id": "%d"}}, "user": {"data": {"type": "users", "id": "%d"}}}`, w.mira.ID, w.asha.ID))
	require.Equal(t, http.StatusCreated, status)
	id, _ := at(body, "data", "id").(string)
	status, body = w.write(t, "PATCH", "/v1/notes/"+id, `{"note": "Sent twice."}`, "")
	require.Equal(t, 200, status)
	require.Equal(t, "Sent twice.", at(body, "data", "attributes", "note"))
	status, _, _ = w.publicAPI(t, apiCall{method: "DELETE", path: "/v1/notes/" + id})
	require.Equal(t, 204, status)
	status, _, _ = w.publicAPI(t, apiCall{path: "/v1/notes/" + id})
	require.Equal(t, 404, status)
}

func TestEveryAttributeCanBeSelectedAndSorted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, teamtailortest.WithRateLimit(1000, time.Second))
	w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: "Ward"})
	require.NoError(t, w.mira.SetField("ward", "7B"))
	_, err := w.tt.MoveCandidate(t.Context(), w.mira, w.stage)
	require.NoError(t, err)
	status, _ := w.write(t, "POST", "/v1/notes", `{"note": "Sent."}`, fmt.Sprintf(
		`{"candidate": {"data": {"type": "candidates", "id": "%d"}}, "user": {"data": {"type": "users", "id": "%d"}}}`, w.mira.ID, w.asha.ID))
	require.Equal(t, http.StatusCreated, status)
	for _, typ := range []string{
		"candidates", "job-applications", "jobs", "stages", "users", "custom-fields", "custom-field-values", "notes",
	} {
		_, _, body := w.publicAPI(t, apiCall{path: "/v1/" + typ})
		attributes, _ := at(body, "data", 0, "attributes").(map[string]any)
		require.NotEmpty(t, attributes, typ)
		for name := range attributes {
			status, _, body := w.publicAPI(t, apiCall{path: "/v1/" + typ + "?sort=-" + name + "&fields[" + typ + "]=" + name})
			require.Equal(t, 200, status, "%s of %s: %v", name, typ, body)
			last, _ := at(body, "data").([]any)
			require.Len(t, at(last[0], "attributes"), 1)
			require.Contains(t, at(last[0], "attributes"), name)
		}
		relations, _ := at(body, "data", 0, "relationships").(map[string]any)
		id, _ := at(body, "data", 0, "id").(string)
		for name := range relations {
			for _, path := range []string{"/v1/" + typ + "/" + id + "/" + name, "/v1/" + typ + "/" + id + "?include=" + name} {
				status, _, body := w.publicAPI(t, apiCall{path: path})
				require.Equal(t, 200, status, "%s: %v", path, body)
			}
		}
	}
}

func TestCustomFieldsOfJobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: "Ward", ForJobs: true})
	require.ErrorIs(t, w.mira.SetField("ward", "7B"), teamtailortest.ErrNotFound)
	require.ErrorIs(t, w.job.SetField("missing", "7B"), teamtailortest.ErrNotFound)
	require.NoError(t, w.job.SetField("ward", "7B"))
	_, _, body := w.publicAPI(t, apiCall{path: "/v1/custom-field-values?include=owner"})
	require.Equal(t, "jobs", at(body, "included", 0, "type"))
	id, _ := at(body, "data", 0, "id").(string)
	status, body := w.write(t, "PATCH", "/v1/custom-field-values/"+id, `{"value": "8C"}`, "")
	require.Equal(t, 200, status)
	require.Equal(t, "8C", at(body, "data", "attributes", "value"))
	require.Empty(t, w.company.CustomFields(), "which lists those of candidates")
}
