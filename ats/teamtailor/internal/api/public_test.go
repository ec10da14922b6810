package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/api"
)

func TestCandidateWithCustomFields(t *testing.T) {
	t.Parallel()
	v := newVendor(
		t, publicHeader(),
		exchange{call: "GET /v1/candidates/81234?include=custom-field-values%2Ccustom-field-values.custom-field", answer: "candidate.json"},
		exchange{call: "GET /v1/candidates/81234", answer: `{"data":{"id":"81234","type":"candidates","attributes":{},"relationships":{"custom-field-values":{"links":{}}}}}`},
	)
	candidates := v.public(t).Candidates
	got, err := candidates.Get(t.Context(), "81234", &api.CandidateOptions{CustomFields: true})
	require.NoError(t, err)
	require.Equal(t, &api.Candidate{
		ID: "81234", FirstName: "Mira", LastName: "Falk", Email: "mira.falk@example.org", Phone: "+46700000001",
		CreatedAt: time.Date(2026, 2, 3, 8, 30, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC),
		CustomFields: []api.CustomFieldValue{
			{ID: "501", Text: "2026-12-01", Field: api.CustomField{ID: "1458", Name: "Interview date", APIName: "interview-date", Type: api.FieldDate, Owner: "Candidate"}},
			{ID: "502", Text: "true", Field: api.CustomField{ID: "1459", Name: "Has license", APIName: "has-license", Type: api.FieldCheckbox, Owner: "Candidate", Private: true}},
			{ID: "503", List: []string{"21", "22"}, Field: api.CustomField{ID: "7777", Type: api.FieldMultiSelect}},
			{ID: "504", Text: "7.5", Field: api.CustomField{Type: api.FieldNumber}},
		},
	}, got)
	require.Equal(t, "candidate 81234", got.LogValue().String())
	require.NotContains(t, got.CustomFields[0].LogValue().String(), "2026")

	got, err = candidates.Get(t.Context(), "81234", nil)
	require.NoError(t, err)
	require.Equal(t, &api.Candidate{ID: "81234"}, got)
}

func TestCandidateLists(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 1, 10, 0, 0, 0, time.FixedZone("", 3600))
	v := newVendor(
		t, publicHeader(),
		exchange{call: "GET /v1/candidates?filter%5Bemail%5D=mira.falk%2Bwork%40example.org", answer: "candidates_page2.json"},
		exchange{
			call:   "GET /v1/candidates?filter%5Bcreated-at%5D%5Bfrom%5D=2026-03-01T09%3A00%3A00Z&filter%5Bupdated-at%5D%5Bfrom%5D=2026-03-01T09%3A00%3A00Z&include=custom-field-values%2Ccustom-field-values.custom-field&page%5Bsize%5D=30&sort=-updated-at",
			answer: "candidates_page1.json",
		},
		exchange{call: "GET /v1/candidates?page%5Bafter%5D=abc&page%5Bsize%5D=30", answer: "candidates_page2.json"},
		exchange{call: "GET /v1/jobs/4711/candidates?page%5Bsize%5D=5", answer: "candidates_page2.json"},
	)
	candidates := v.public(t).Candidates
	opts := &api.CandidateListOptions{Email: " Mira.Falk+work@Example.org "}
	page, err := candidates.List(t.Context(), opts)
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Equal(t, " Mira.Falk+work@Example.org ", opts.Email, "the caller's options are the caller's")

	var got []api.Candidate
	for c, err := range candidates.All(t.Context(), &api.CandidateListOptions{CreatedSince: since, UpdatedSince: since, Sort: "-updated-at", CustomFields: true}) {
		require.NoError(t, err)
		got = append(got, c)
	}
	require.Equal(t, []api.Candidate{
		{ID: "1", FirstName: "Mira", LastName: "Falk", Email: "mira.falk@example.org"},
		{ID: "2", FirstName: "Ole", LastName: "Berg", Sourced: true},
		{ID: "3", FirstName: "Lý", LastName: "“O'Brien” 👋", Email: "ly@example.org"},
	}, got)

	for c, err := range candidates.AllInJob(t.Context(), "4711", &api.CandidateListOptions{PageOptions: api.PageOptions{Size: 5}}) {
		require.NoError(t, err)
		require.Equal(t, "3", c.ID)
	}
}

func TestJobs(t *testing.T) {
	t.Parallel()
	v := newVendor(
		t, publicHeader(),
		exchange{call: "GET /v1/jobs/4711", answer: "job.json"},
		exchange{call: "GET /v1/jobs?filter%5Bstatus%5D=all&page%5Bnumber%5D=2", answer: "jobs.json"},
		exchange{call: "GET /v1/jobs?page%5Bsize%5D=30", answer: "jobs.json"},
	)
	jobs := v.public(t).Jobs
	job, err := jobs.Get(t.Context(), "4711")
	require.NoError(t, err)
	require.Equal(t, &api.Job{
		ID: "4711", Title: "Ward nurse", InternalName: "W-7", Status: "open", HumanStatus: "published",
		CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}, job)
	want := []api.Job{
		{ID: "4711", Title: "Ward nurse", Status: "open", HumanStatus: "published"},
		{ID: "4712", Title: "Cook", Status: "unheard-of", HumanStatus: "archived"},
	}
	page, err := jobs.List(t.Context(), &api.JobListOptions{Status: "all", PageOptions: api.PageOptions{Number: 2}})
	require.NoError(t, err)
	require.Equal(t, want, page.Items)
	var got []api.Job
	for job, err := range jobs.All(t.Context(), nil) {
		require.NoError(t, err)
		got = append(got, job)
	}
	require.Equal(t, want, got)
}

func TestJobApplications(t *testing.T) {
	t.Parallel()
	v := newVendor(
		t, publicHeader(),
		exchange{call: "GET /v1/job-applications/90210?include=candidate%2Cjob%2Cstage", answer: "application.json"},
		exchange{call: "GET /v1/job-applications?filter%5Bcandidate%5D=5&filter%5Bjob%5D=4711&include=candidate%2Cjob%2Cstage&page%5Bsize%5D=30", answer: "applications.json"},
		exchange{call: "GET /v1/job-applications?filter%5Bupdated-at%5D%5Bfrom%5D=2026-03-01T09%3A00%3A00Z&include=candidate%2Cjob%2Cstage", answer: "applications.json"},
		exchange{call: "PATCH /v1/job-applications/90210", want: "want_move.json", answer: "application.json"},
	)
	applications := v.public(t).JobApplications
	got, err := applications.Get(t.Context(), "90210")
	require.NoError(t, err)
	require.Equal(t, &api.JobApplication{
		ID:        "90210",
		Candidate: &api.Candidate{ID: "81234", FirstName: "Mira", LastName: "Falk", Email: "mira.falk@example.org"},
		Job:       &api.Job{ID: "4711", Title: "Ward nurse", Status: "open", HumanStatus: "published"},
		Stage:     &api.Stage{ID: "9001", Name: "Video interview", Type: "In process", Order: 2},
		CreatedAt: time.Date(2026, 2, 3, 8, 30, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 2, 4, 9, 30, 0, 0, time.UTC),
		ChangedStageAt: time.Date(2026, 2, 4, 9, 30, 0, 0, time.UTC),
	}, got)
	require.Equal(t, "[id=90210 candidate=81234 job=4711]", got.LogValue().String())

	want := api.JobApplication{ID: "90211", Candidate: &api.Candidate{ID: "5", FirstName: "Ole"}, RejectedAt: time.Date(2026, 2, 5, 0, 0, 0, 0, time.UTC)}
	for app, err := range applications.All(t.Context(), &api.JobApplicationListOptions{Job: "4711", Candidate: "5"}) {
		require.NoError(t, err)
		require.Equal(t, want, app)
	}
	page, err := applications.List(t.Context(), &api.JobApplicationListOptions{UpdatedSince: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	require.Equal(t, []api.JobApplication{want}, page.Items)

	require.NoError(t, applications.Move(t.Context(), "90210", "9002"))
	require.ErrorContains(t, applications.Move(t.Context(), "90210", ""), "move job application 90210: argument stage must not be empty")
	require.ErrorAs(t, applications.Move(t.Context(), "", "9002"), new(*api.ArgumentError))
}

func TestStagesUsersAndFields(t *testing.T) {
	t.Parallel()
	v := newVendor(
		t, publicHeader(),
		exchange{call: "GET /v1/jobs/4711/stages", answer: "stages.json"},
		exchange{call: "GET /v1/jobs/4711/stages?page%5Bsize%5D=30", answer: "stages.json"},
		exchange{call: "GET /v1/stages/9000", answer: "stage.json"},
		exchange{call: "GET /v1/users/31", answer: "user.json"},
		exchange{call: "GET /v1/users?filter%5Bemail%5D=asha%40example.com", answer: "users.json"},
		exchange{call: "GET /v1/users?page%5Bsize%5D=30", answer: "users.json"},
		exchange{call: "GET /v1/custom-fields/1459", answer: "custom_field.json"},
		exchange{call: "GET /v1/custom-fields", answer: "custom_fields.json"},
		exchange{call: "GET /v1/custom-fields?page%5Bsize%5D=30", answer: "custom_fields.json"},
	)
	p := v.public(t)
	stages := []api.Stage{{ID: "9000", Name: "Inbox", Type: "Inbox", Order: 1}, {ID: "9001", Name: "Video interview", Type: "In process", Order: 2}}
	stagePage, err := p.Stages.List(t.Context(), "4711", nil)
	require.NoError(t, err)
	require.Equal(t, stages, stagePage.Items)
	for stage, err := range p.Stages.All(t.Context(), "4711", nil) {
		require.NoError(t, err)
		require.Contains(t, stages, stage)
	}
	stage, err := p.Stages.Get(t.Context(), "9000")
	require.NoError(t, err)
	require.Equal(t, &stages[0], stage)

	asha := api.User{ID: "31", Name: "Asha Lind", Email: "asha@example.com", Role: "recruiter"}
	user, err := p.Users.Get(t.Context(), "31")
	require.NoError(t, err)
	require.Equal(t, &asha, user)
	require.Equal(t, "user 31", user.LogValue().String())
	userPage, err := p.Users.List(t.Context(), &api.UserListOptions{Email: "Asha@Example.com"})
	require.NoError(t, err)
	require.Equal(t, []api.User{asha}, userPage.Items)
	for user, err := range p.Users.All(t.Context(), nil) {
		require.NoError(t, err)
		require.Equal(t, asha, user)
	}

	field, err := p.CustomFields.Get(t.Context(), "1459")
	require.NoError(t, err)
	require.Equal(t, &api.CustomField{ID: "1459", Name: "Interview time", APIName: "interview-time", Type: api.FieldText, Owner: "Candidate", Private: true}, field)
	fields := []api.CustomField{
		{ID: "1459", Name: "Interview time", APIName: "interview-time", Type: api.FieldText},
		{ID: "1460", Name: "New kind", APIName: "new-kind", Type: "CustomField::Geo", Owner: "Job"},
	}
	fieldPage, err := p.CustomFields.List(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, fields, fieldPage.Items)
	for field, err := range p.CustomFields.All(t.Context(), nil) {
		require.NoError(t, err)
		require.Contains(t, fields, field)
	}
}

func TestWrites(t *testing.T) {
	t.Parallel()
	v := newVendor(
		t, publicHeader(),
		exchange{call: "POST /v1/custom-field-values", want: "want_value_create.json", status: 201, answer: "value_created.json"},
		exchange{call: "PATCH /v1/custom-field-values/505", want: "want_value_update.json", answer: "value_created.json"},
		exchange{call: "POST /v1/notes", want: "want_note.json", status: 201, answer: "note_created.json"},
		exchange{call: "POST /v1/notes", want: "want_note.json", status: 201, answer: `{"data":null}`},
		exchange{call: "POST /v1/notes", want: "want_note.json", status: 502, answer: "bad gateway"},
	)
	p := v.public(t)
	value, err := p.CustomFieldValues.Create(t.Context(), "81234", "1459", "14:30")
	require.NoError(t, err)
	require.Equal(t, &api.CustomFieldValue{ID: "505", Text: "14:30", Field: api.CustomField{Type: api.FieldText}}, value)
	require.NoError(t, p.CustomFieldValues.Update(t.Context(), "505", []string{"21", "22"}))
	_, err = p.CustomFieldValues.Create(t.Context(), "81234", "", "x")
	require.ErrorAs(t, err, new(*api.ArgumentError))
	require.ErrorContains(t, p.CustomFieldValues.Update(t.Context(), "505", func() {}), "update custom field value 505: encode")

	note := api.NoteRequest{CandidateID: "81234", UserID: "31", Text: "Interview invitation sent."}
	id, err := p.Notes.Create(t.Context(), note)
	require.NoError(t, err)
	require.Equal(t, "66", id)
	_, err = p.Notes.Create(t.Context(), note)
	require.ErrorContains(t, err, "create note: POST /v1/notes: 201 Created: unreadable answer: the answer holds no resource")
	require.True(t, api.OutcomeUnknown(err))
	_, err = p.Notes.Create(t.Context(), note)
	var refusal *api.APIError
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, http.StatusBadGateway, refusal.Status)
	require.True(t, refusal.OutcomeUnknown, "a note that may have been written is not written again")
	require.True(t, api.OutcomeUnknown(err))
	_, err = p.Notes.Create(t.Context(), api.NoteRequest{CandidateID: "81234", Text: "x"})
	require.ErrorAs(t, err, new(*api.ArgumentError))
}

func TestTheVersionCanBeChosen(t *testing.T) {
	t.Parallel()
	header := publicHeader()
	header["X-Api-Version"] = "20250101"
	v := newVendor(t, header, exchange{call: "GET /v1/users/31", answer: "user.json"})
	_, err := v.public(t, api.WithVersion("20250101")).Users.Get(t.Context(), "31")
	require.NoError(t, err)
}
