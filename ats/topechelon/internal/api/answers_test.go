package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/topechelon/internal/api"
)

// answering is a client whose every call gets one answer, with a token that is good.
func answering(t *testing.T, status int, answer string, check func(*http.Request)) *api.Client {
	t.Helper()
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder("POST", api.DefaultTokenURL, httpmock.NewStringResponder(200,
		`{"access_token":"token-1","refresh_token":"refresh-1","expires_in":"7200","created_at":`+time.Now().Format("20060102")+`}`))
	mock.RegisterNoResponder(func(req *http.Request) (*http.Response, error) {
		if check != nil {
			check(req)
		}
		return httpmock.NewStringResponse(status, answer), nil
	})
	c, err := api.New(api.Config{
		ClientID: "id", ClientSecret: "secret", RedirectURL: redirectURL, Tokens: &store{}, TryUnverified: true, PerSecond: 1000,
		HTTPClient: &http.Client{Transport: mock}, UserAgent: "sparkbridge-test",
	})
	require.NoError(t, err)
	require.NoError(t, c.Exchange(t.Context(), "code", ""))
	return c
}

func TestARequestLooksAsItWasSeen(t *testing.T) {
	t.Parallel()
	var got *http.Request
	c := answering(t, 200, `{"pagination":{"current_page":1,"total_pages":1,"total_count":0},"entries":[]}`, func(req *http.Request) { got = req })
	_, err := c.People.Search(t.Context(), api.PersonSearch{
		Keyword: "Maya Okafor", SortBy: api.SortModified, ModifiedSince: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC),
	}, 1)
	require.NoError(t, err)
	require.Equal(t, "https://bb3api.topechelon.com/public/v1/people/search", got.URL.String())
	require.Equal(t, "Bearer token-1", got.Header.Get("Authorization"))
	require.Equal(t, "application/json", got.Header.Get("Accept"))
	require.Equal(t, "application/json", got.Header.Get("Content-Type"))
	require.Equal(t, "sparkbridge-test", got.Header.Get("User-Agent"))
	body, err := got.GetBody()
	require.NoError(t, err)
	require.JSONEq(t, `{"page":1,"sort_by":"date_modified","sort_order":"desc",
		"person_search":{"keyword":"Maya Okafor","minimum_date_modified":"2026-03-01"}}`, read(t, body))
}

func TestOddAnswersAreReadAsFarAsTheyMakeSense(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer string
		want   []api.Person
	}{
		"ids as strings, totals as strings": {
			`{"pagination":{"total_pages":"1","total_count":"1"},"entries":[{"id":"p-1","name":"Maya Okafor"}]}`,
			[]api.Person{{ID: "p-1", Name: "Maya Okafor"}},
		},
		"more than was seen": {
			`{"entries":[{"id":481516,"name":null,"first_name":"Maya","last_name":"Okafor","tags":[1]}],"extra":{}}`,
			[]api.Person{{ID: "481516", Name: "Maya Okafor", FirstName: "Maya", LastName: "Okafor"}},
		},
		"addresses in other shapes": {
			`{"entries":[{"id":1,"name":"M","email_addresses":["a@mail.example",{"email":" b@mail.example ","primary":"true","do_not_email":1},{"email":null}]}]}`,
			[]api.Person{{ID: "1", Name: "M", Emails: []api.Email{
				{Address: "a@mail.example"}, {Address: "b@mail.example", Primary: true, DoNotEmail: true},
			}}},
		},
		"nobody, without paging": {`{"entries":[]}`, []api.Person{}},
		"a number too large for a float": {
			`{"entries":[{"id":90071992547409931234,"name":"M"}]}`, []api.Person{{ID: "90071992547409931234", Name: "M"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := answering(t, 200, c.answer, nil).People.Search(t.Context(), api.PersonSearch{}, 1)
			require.NoError(t, err)
			require.Equal(t, c.want, page.Items)
		})
	}
}

func TestAnswersThatCannotBeUsedAreErrors(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"not JSON":        `<html>Maya Okafor</html>`,
		"cut off":         `{"entries":[{"id":1,"name":"Maya Okafor"`,
		"a list":          `[]`,
		"no id":           `{"entries":[{"name":"Maya Okafor"}],"results":[{}],"person":{},"job":{},"hotlist":{}}`,
		"a fraction":      `{"entries":[{"id":1.5}],"results":[{"id":1.5}],"person":{"id":1.5},"job":{"id":-1},"hotlist":{"id":true}}`,
		"an id with path": `{"entries":[{"id":".."}],"results":[{"id":".."}],"person":{"id":".."},"job":{"id":".."},"hotlist":{"id":".."}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := answering(t, 200, answer, nil)
			ctx := t.Context()
			_, search := c.People.Search(ctx, api.PersonSearch{}, 1)
			_, get := c.People.Get(ctx, "1")
			_, job := c.Jobs.Get(ctx, "1")
			_, _, find := c.Hotlists.Find(ctx, "x")
			_, create := c.Hotlists.Create(ctx, "x", true)
			var records error
			for _, err := range c.Hotlists.Records(ctx, "1") {
				records = err
			}
			for _, err := range []error{search, get, job, find, create, records} {
				require.Error(t, err)
				require.NotContains(t, err.Error(), "Maya")
				require.Equal(t, err == create, api.OutcomeUnknown(err), "%v", err) //nolint:errorlint // which of them it is
			}
		})
	}
}

func TestAPersonOrJobOfAnotherShapeIsReadLeniently(t *testing.T) {
	t.Parallel()
	job, err := answering(t, 200, `{"job":{"id":"2342","position_title":"","title":" Controls Engineer ","state":"OH"}}`, nil).Jobs.Get(t.Context(), "2342")
	require.NoError(t, err)
	require.Equal(t, &api.Job{ID: "2342", Title: "Controls Engineer", State: "OH"}, job)
	job, err = answering(t, 200, `{"job":{"id":1,"name":"A","state":{"name":"Ohio"}}}`, nil).Jobs.Get(t.Context(), "1")
	require.NoError(t, err)
	require.Equal(t, &api.Job{ID: "1", Title: "A", State: "Ohio"}, job)
}

func TestAHotlistThatTellsItsNameMustHaveTheOneAskedFor(t *testing.T) {
	t.Parallel()
	c := answering(t, 200, `{"metadata":{"resultset":{"count":2}},"results":[{"id":1,"name":"Completed 2025"},{"id":2,"name":"Completed"}]}`, nil)
	h, found, err := c.Hotlists.Find(t.Context(), "Completed")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, api.Hotlist{ID: "2", Name: "Completed"}, h)
}

func TestAnUploadHasTheWritersMediaType(t *testing.T) {
	t.Parallel()
	c := answering(t, 201, "not read", func(req *http.Request) {
		if err := req.ParseMultipartForm(1 << 20); err != nil || len(req.MultipartForm.File["file"]) != 1 {
			t.Errorf("not a form with one file: %v", err)
		}
	})
	require.NoError(t, c.People.Attach(t.Context(), "1", "interview.txt", []byte("x")))
}
