package topechelontest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
)

func TestNobodyCallsWithoutAToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, token := range []string{"", "made-up"} {
		require.Equal(t, 401, w.get(t, token, "/jobs/2342").status)
	}
	require.Empty(t, w.Requests()[0].User)
}

func TestWhatNobodyHasSeenDoesNotExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, _ := w.signIn(t, w.ana, "")
	p := w.agency.AddPerson(topechelontest.PersonConfig{FirstName: "Maya"})
	for _, path := range []string{
		"/pipelines", "/jobs/2342/pipeline", "/stages", "/activities", "/users/me", "/custom_fields", "/people/" + p.ID, "/",
	} {
		require.Equal(t, 404, w.get(t, token, path).status, path)
	}
	require.Len(t, w.Violations(), 8)

	tried := newWorld(t, topechelontest.WithUnverified())
	token, _ = tried.signIn(t, tried.ana, "")
	p = tried.agency.AddPerson(topechelontest.PersonConfig{FirstName: "Maya", LastName: "Okafor"})
	got := tried.get(t, token, "/people/"+p.ID)
	require.Equal(t, 200, got.status)
	require.JSONEq(t, `{"person":{"id":481516,"name":"Maya Okafor","first_name":"Maya","last_name":"Okafor","email_addresses":[]}}`, got.body)
	tried.clean(t)
}

func TestASearchAnswersInPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, topechelontest.WithPageSize(2))
		for _, name := range []string{"Ada", "Bo", "Cy"} {
			w.agency.AddPerson(topechelontest.PersonConfig{
				FirstName: name, LastName: "Example", Emails: []topechelontest.Email{{Address: name + "@mail.example", DoNotEmail: true}},
			})
			<-time.After(24 * time.Hour)
		}
		token, _ := w.signIn(t, w.ana, "")
		first := w.search(t, token, "EXAMPLE")
		require.Equal(t, []string{"Ada Example", "Bo Example"}, first.names(t))
		require.Equal(t, map[string]any{"current_page": 1.0, "total_pages": 2.0, "total_count": 3.0}, first.decode(t)["pagination"])
		second := w.post(t, token, "/people/search", `{"page":2,"sort_order":"desc","person_search":{}}`)
		require.Equal(t, []string{"Ada Example"}, second.names(t))
		require.Equal(t, []string{"Bo Example"}, w.search(t, token, "bo@mail").names(t))
		day := time.Now().Add(-24 * time.Hour).UTC().Format(time.DateOnly)
		require.Equal(t, []string{"Cy Example"}, w.post(t, token, "/people/search", `{"person_search":{"minimum_date_entered":"`+day+`"}}`).names(t))
		require.Contains(t, first.body, `"do_not_email":true`)
		require.Empty(t, w.post(t, token, "/people/search", `{"page":9,"person_search":{}}`).names(t))
		w.clean(t)
	})
}

func TestASearchIsStrict(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, _ := w.signIn(t, w.ana, "")
	bodies := map[string]int{
		`{"person_search":{"email":"x@mail.example"}}`:                400, // not one of the observed members
		`{"per_page":5,"person_search":{}}`:                           400,
		`{"page":0,"person_search":{}}`:                               422,
		`{"page":1}`:                                                  422,
		`{"sort_by":"name","person_search":{}}`:                       422,
		`{"sort_order":"up","person_search":{}}`:                      422,
		`{"person_search":{"minimum_date_modified":"March 1, 2026"}}`: 422,
		`{"person_search":{}} {}`:                                     400,
		`{"page":"1","person_search":{}}`:                             400,
		`nonsense`:                                                    400,
	}
	for body, status := range bodies {
		require.Equal(t, status, w.post(t, token, "/people/search", body).status, body)
	}
	require.Len(t, w.Violations(), len(bodies))
	for _, v := range w.Violations() {
		require.NotContains(t, v.Reason, "x@mail.example")
	}
	plain := request{method: "POST", url: w.BaseURL() + "/people/search", token: token, mediaType: "text/plain", body: "{}"}
	require.Equal(t, 415, plain.must(t, w.Client()).status)
	html := request{method: "GET", url: w.BaseURL() + "/jobs/1", token: token, set: map[string]string{"Accept": "text/html"}}
	require.Equal(t, 406, html.must(t, w.Client()).status)
}

func TestAParsedResumeAppearsAtTheThirdLook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, _ := w.signIn(t, w.ana, "")
	require.Equal(t, 201, w.upload(t, token, "/people/parse", "file", "cv.txt", "Lena Fox\nlena.fox@mail.example\nWelder").status)
	for range 2 {
		require.Empty(t, w.search(t, token, "lena").names(t))
		require.Empty(t, w.search(t, token, "somebody else").names(t), "not a look")
	}
	for range 2 {
		require.Equal(t, []string{"Lena Fox"}, w.search(t, token, "lena.fox@mail").names(t))
	}
}

func TestIDsAreWrittenInEachForm(t *testing.T) {
	t.Parallel()
	for form, want := range map[topechelontest.IDs][2]string{
		topechelontest.IDsAsObserved: {`"id":481516`, `{"results":[{"id":"77"}]`},
		topechelontest.IDsAsNumbers:  {`"id":481516`, `{"results":[{"id":77}]`},
		topechelontest.IDsAsStrings:  {`"id":"481516"`, `{"results":[{"id":"77"}]`},
	} {
		w := newWorld(t, topechelontest.WithIDs(form), topechelontest.WithBareEmails())
		token, _ := w.signIn(t, w.ana, "")
		w.agency.AddPerson(topechelontest.PersonConfig{FirstName: "Maya", Emails: []topechelontest.Email{{Address: "m@mail.example", Primary: true}}})
		w.agency.AddHotlist(w.ana, "Completed", true)
		found := w.search(t, token, "maya")
		require.Contains(t, found.body, want[0])
		require.Contains(t, found.body, `"email_addresses":[{"email":"m@mail.example"}]`)
		lists := w.get(t, token, "/hotlists?record_type=person&page=1")
		require.JSONEq(t, `{"metadata":{"resultset":{"count":1}},`+want[1][1:]+`}`, lists.body)
	}
}

func TestEachUserHasTheirOwnView(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 404} {
		w := newWorld(t, topechelontest.WithHiddenAs(status), topechelontest.WithUnverified())
		p := w.agency.AddPerson(topechelontest.PersonConfig{FirstName: "Maya"})
		j := w.agency.AddJob(topechelontest.JobConfig{Title: "Controls Engineer", City: "Akron", State: "OH"})
		w.ben.HidePerson(p.ID)
		w.ben.HideJob(j.ID)
		ana, _ := w.signIn(t, w.ana, "")
		ben, _ := w.signIn(t, w.ben, "")

		require.Len(t, w.search(t, ana, "").names(t), 1)
		require.Empty(t, w.search(t, ben, "").names(t))
		require.JSONEq(t, `{"job":{"id":2342,"position_title":"Controls Engineer","city":"Akron","state":{"abbreviation":"OH"}}}`, w.get(t, ana, "/jobs/"+j.ID).body)
		require.Equal(t, status, w.get(t, ben, "/jobs/"+j.ID).status)
		require.Equal(t, status, w.get(t, ben, "/people/"+p.ID).status)
		require.Equal(t, status, w.upload(t, ben, "/people/"+p.ID+"/attachments", "file", "a.txt", "x").status)
		require.Equal(t, 404, w.get(t, ana, "/jobs/1").status)

		w.ben.ShowJob(j.ID)
		w.ben.ShowPerson(p.ID)
		require.Equal(t, 200, w.get(t, ben, "/jobs/"+j.ID).status)
		require.Len(t, w.search(t, ben, "").names(t), 1)

		other := w.AddAgency("Other")
		app := other.AddIntegration("Theirs", redirectURL)
		w.app = app
		stranger, _ := w.signIn(t, other.AddUser(topechelontest.UserConfig{}), "")
		require.Equal(t, 404, w.get(t, stranger, "/jobs/"+j.ID).status, "what others have is not there at all")
		w.clean(t)
	}
}

func TestFilesAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, topechelontest.WithMaxUpload(1000))
	p := w.agency.AddPerson(topechelontest.PersonConfig{FirstName: "Maya"})
	token, _ := w.signIn(t, w.ana, "")
	path := "/people/" + p.ID + "/attachments"
	for range 2 {
		require.Equal(t, 201, w.upload(t, token, path, "file", "result.txt", "Completed").status)
	}
	files := w.agency.Attachments(p.ID)
	require.Len(t, files, 2, "nothing is deduplicated")
	require.Equal(t, "Completed", string(files[0].Content))
	require.Equal(t, w.ana.ID, files[0].User)
	require.NotEqual(t, files[0].ID, files[1].ID)
	w.clean(t)

	require.Equal(t, 413, w.upload(t, token, path, "file", "a.txt", string(make([]byte, 1000))).status)
	require.Equal(t, 422, w.upload(t, token, path, "attachment", "a.txt", "x").status)
	require.Equal(t, 422, w.upload(t, token, path, "file", "", "x").status)
	require.Equal(t, 422, w.upload(t, token, path, "file", "a.txt", "").status)
	byHand := request{method: "POST", url: w.BaseURL() + path, token: token, mediaType: "multipart/form-data", body: "x"}
	require.Equal(t, 415, byHand.must(t, w.Client()).status)
	require.Equal(t, 404, w.upload(t, token, "/people/1/attachments", "file", "a.txt", "x").status)
	require.Len(t, w.agency.Attachments(p.ID), 2)
	require.Empty(t, w.agency.Attachments("1"))
	require.Len(t, w.Violations(), 4)
}

func TestHotlistsAreMadeFoundAndFilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, topechelontest.WithPageSize(1))
	p := w.agency.AddPerson(topechelontest.PersonConfig{FirstName: "Maya"})
	ana, _ := w.signIn(t, w.ana, "")
	ben, _ := w.signIn(t, w.ben, "")
	const create = "/hotlists?record_type=person"
	require.JSONEq(t, `{"hotlist":{"id":"77"}}`, w.post(t, ana, create, `{"hotlist":{"name":"Completed","share_with_agency":true}}`).body)
	require.Equal(t, 201, w.post(t, ana, create, `{"hotlist":{"name":"Completed","share_with_agency":false}}`).status)

	list := "/hotlists?record_type=person&name=Completed"
	require.JSONEq(t, `{"metadata":{"resultset":{"count":2}},"results":[{"id":"78"}]}`, w.get(t, ana, list+"&page=2").body)
	require.JSONEq(t, `{"metadata":{"resultset":{"count":1}},"results":[{"id":"77"}]}`, w.get(t, ben, list).body)
	require.JSONEq(t, `{"metadata":{"resultset":{"count":0}},"results":[]}`, w.get(t, ben, list+"&scope=my").body)

	for range 2 {
		require.Equal(t, 200, w.post(t, ben, "/hotlists/77/add_record?record_id="+p.ID, "").status)
	}
	require.JSONEq(t, `{"entries":[{"id":481516}]}`, w.get(t, ana, "/hotlists/77/all_records").body)
	require.Equal(t, topechelontest.Hotlist{
		ID: "77", Name: "Completed", Shared: true, Owner: w.ana.ID, Records: []string{p.ID}, Adds: 2,
	}, w.agency.Hotlists()[0])
	require.Equal(t, 404, w.get(t, ben, "/hotlists/78/all_records").status, "not shared")
	require.Equal(t, 404, w.post(t, ben, "/hotlists/77/add_record?record_id=1", "").status)
	w.clean(t)

	for path, status := range map[string]int{
		"/hotlists": 422, list + "&page=0": 422, list + "&scope=all": 422, list + "&record_type=company": 400,
		"/hotlists?record_type=company": 422, list + "&order=name": 400,
	} {
		require.Equal(t, status, w.get(t, ana, path).status, path)
	}
	require.Equal(t, 422, w.post(t, ana, create, `{"hotlist":{"name":""}}`).status)
	require.Equal(t, 400, w.post(t, ana, "/hotlists/77/add_record?record_id="+p.ID, "{}").status)
	require.Len(t, w.Violations(), 8)
	require.Len(t, w.agency.Hotlists(), 2)
}
