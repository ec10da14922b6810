package topechelontest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/topechelon/topechelontest"
)

const redirectURL = "https://integration.example/callback?from=te"

// world is a server with an agency, two users and an integration.
type world struct {
	*topechelontest.Server
	agency   *topechelontest.Agency
	ana, ben *topechelontest.User
	app      *topechelontest.Integration
}

func newWorld(t *testing.T, opts ...topechelontest.Option) *world {
	t.Helper()
	w := &world{Server: topechelontest.NewServer(append([]topechelontest.Option{topechelontest.InMemory()}, opts...)...)}
	t.Cleanup(w.Close)
	w.agency = w.AddAgency("Northwind Search")
	w.ana = w.agency.AddUser(topechelontest.UserConfig{Name: "Ana Ruiz"})
	w.ben = w.agency.AddUser(topechelontest.UserConfig{Name: "Ben Okoye"})
	w.app = w.agency.AddIntegration("Interviews", redirectURL)
	return w
}

// response is an answer, read.
type response struct {
	status int
	header http.Header
	body   string
}

// decode reads the body.
func (r response) decode(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.body), &v), r.body)
	return v
}

// request is a call with the headers that a client sends, which set may change.
type request struct {
	method, url, token, mediaType, body string
	set                                 map[string]string
}

func (r request) send(t *testing.T, client *http.Client) (response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), r.method, r.url, strings.NewReader(r.body))
	require.NoError(t, err)
	req.Header.Set("Accept", "application/json")
	if r.mediaType != "" {
		req.Header.Set("Content-Type", r.mediaType)
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	for name, value := range r.set {
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		return response{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return response{resp.StatusCode, resp.Header, string(body)}, err
}

func (r request) must(t *testing.T, client *http.Client) response {
	t.Helper()
	resp, err := r.send(t, client)
	require.NoError(t, err)
	return resp
}

// consentURL is the page with the given parameters in place of the usual ones; an empty value leaves one out.
func (w *world) consentURL(change map[string]string) string {
	q := url.Values{"client_id": {w.app.ClientID}, "redirect_uri": {redirectURL}, "response_type": {"code"}, "state": {"s-1"}}
	for name, value := range change {
		if q.Set(name, value); value == "" {
			q.Del(name)
		}
	}
	return w.AuthorizeURL() + "?" + q.Encode()
}

func (w *world) code(t *testing.T, u *topechelontest.User, change map[string]string) string {
	t.Helper()
	back, err := u.Allow(w.consentURL(change))
	require.NoError(t, err)
	parsed, err := url.Parse(back)
	require.NoError(t, err)
	require.Equal(t, "s-1", parsed.Query().Get("state"))
	return parsed.Query().Get("code")
}

// tokenRequest asks the token endpoint; an empty value leaves a member out.
func (w *world) tokenRequest(t *testing.T, members map[string]string) response {
	t.Helper()
	form := url.Values{"client_id": {w.app.ClientID}, "client_secret": {w.app.ClientSecret}, "redirect_uri": {redirectURL}}
	for name, value := range members {
		if form.Set(name, value); value == "" {
			form.Del(name)
		}
	}
	return request{method: "POST", url: w.TokenURL(), mediaType: "application/x-www-form-urlencoded", body: form.Encode()}.must(t, w.Client())
}

func (w *world) exchange(t *testing.T, code string) response {
	t.Helper()
	return w.tokenRequest(t, map[string]string{"grant_type": "authorization_code", "code": code})
}

func (w *world) renew(t *testing.T, refresh string) response {
	t.Helper()
	return w.tokenRequest(t, map[string]string{"grant_type": "refresh_token", "refresh_token": refresh})
}

// signIn returns an access token and a refresh token of a user.
func (w *world) signIn(t *testing.T, u *topechelontest.User, scope string) (access, refresh string) {
	t.Helper()
	answer := w.exchange(t, w.code(t, u, map[string]string{"scope": scope})).decode(t)
	return answer["access_token"].(string), answer["refresh_token"].(string)
}

// get and post call the API.
func (w *world) get(t *testing.T, token, path string) response {
	t.Helper()
	return request{method: "GET", url: w.BaseURL() + path, token: token}.must(t, w.Client())
}

func (w *world) post(t *testing.T, token, path, body string) response {
	t.Helper()
	r := request{method: "POST", url: w.BaseURL() + path, token: token, body: body}
	if body != "" {
		r.mediaType = "application/json"
	}
	return r.must(t, w.Client())
}

func (w *world) search(t *testing.T, token, keyword string) response {
	t.Helper()
	return w.post(t, token, "/people/search", `{"page":1,"sort_by":"date_added","sort_order":"asc","person_search":{"keyword":"`+keyword+`"}}`)
}

// names are those of the people that were found.
func (r response) names(t *testing.T) []string {
	t.Helper()
	names := []string{}
	for _, e := range r.decode(t)["entries"].([]any) {
		names = append(names, e.(map[string]any)["name"].(string))
	}
	return names
}

// upload sends a file in a part.
func (w *world) upload(t *testing.T, token, path, part, fileName, content string) response {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	file, err := form.CreateFormFile(part, fileName)
	require.NoError(t, err)
	_, err = io.WriteString(file, content)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	return request{method: "POST", url: w.BaseURL() + path, token: token, mediaType: form.FormDataContentType(), body: b.String()}.must(t, w.Client())
}

func (w *world) clean(t *testing.T) {
	t.Helper()
	require.Empty(t, w.Violations())
}

func TestRecordsAreKeptAsTheyAreMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t, topechelontest.WithJobTitleAs("name"))
	token, _ := w.signIn(t, w.ana, "")
	require.Equal(t, w.agency, w.ana.Agency())
	p := w.agency.AddPerson(topechelontest.PersonConfig{FirstName: "Maya"})
	w.agency.SetEmails(p, topechelontest.Email{Address: "maya@mail.example"})
	require.Equal(t, []string{"Maya"}, w.search(t, token, "maya@mail").names(t))
	j := w.agency.AddJob(topechelontest.JobConfig{Title: "Welder"})
	require.Contains(t, w.get(t, token, "/jobs/"+j.ID).body, `"name":"Welder"`)
	w.agency.AddResume(topechelontest.PersonConfig{FirstName: "Lena"})
	require.Empty(t, w.search(t, token, "lena").names(t))
}
