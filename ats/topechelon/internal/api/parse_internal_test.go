package api

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

func TestWhenTokensEnd(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 16, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		answer string
		end    time.Time
	}{
		"as observed":         {`{"access_token":"a","refresh_token":"b","expires_in":7200,"created_at":1773158400}`, now.Add(2 * time.Hour)},
		"created a while ago": {`{"access_token":"a","expires_in":7200,"created_at":1773154800}`, now.Add(time.Hour)},
		"as strings":          {`{"access_token":"a","expires_in":"7200","created_at":"1773158400"}`, now.Add(2 * time.Hour)},
		"with a fraction":     {`{"access_token":"a","expires_in":7200.0,"created_at":1773158400.25}`, now.Add(2 * time.Hour)},
		"without created_at":  {`{"access_token":"a","expires_in":600}`, now.Add(10 * time.Minute)},
		"without expires_in":  {`{"access_token":"a","created_at":1773158400}`, now.Add(defaultLifetime)},
		"nonsense":            {`{"access_token":"a","expires_in":{},"created_at":-7}`, now.Add(defaultLifetime)},
		"ended already":       {`{"access_token":"a","expires_in":1,"created_at":1}`, now.Add(shortestLifetime)},
		"too large for a time": {
			`{"access_token":"a","expires_in":1e300,"created_at":1e300}`, now.Add(defaultLifetime),
		},
	} {
		tokens, err := decodeTokens([]byte(c.answer), now)
		require.NoError(t, err, name)
		require.Equal(t, c.end, tokens.Expires, name)
	}
	for _, answer := range []string{`{}`, `{"access_token":null}`, `{"access_token":"a b"}`, `{"access_token":"a","refresh_token":"b c"}`, `[]`, ``} {
		_, err := decodeTokens([]byte(answer), now)
		require.Error(t, err, answer)
	}
}

func TestWhatIsRepeated(t *testing.T) {
	t.Parallel()
	sent := func(status int, op string) *httpx.Error { return &httpx.Error{Status: status, Op: op, Sent: true} }
	for _, c := range []struct {
		method string
		err    *httpx.Error
		want   bool
	}{
		{http.MethodGet, sent(500, "/jobs/{id}"), true},
		{http.MethodGet, sent(503, "/jobs/{id}"), true},
		{http.MethodGet, sent(408, "/jobs/{id}"), true},
		{http.MethodGet, sent(404, "/jobs/{id}"), false},
		{http.MethodGet, sent(0, "/jobs/{id}"), true},
		{http.MethodPost, sent(500, searchPath), true},
		{http.MethodPost, sent(0, searchPath), true},
		{http.MethodPost, sent(422, searchPath), false},
		{http.MethodPost, sent(500, hotlistsPath), false},
		{http.MethodPost, sent(0, hotlistsPath), false},
		{http.MethodPost, sent(429, hotlistsPath), true},
		{http.MethodPost, &httpx.Error{Op: hotlistsPath}, true}, // nothing was sent
		{http.MethodPost, sent(200, hotlistsPath), false},
	} {
		require.Equal(t, c.want, retry(c.method, c.err), "%s %s %d", c.method, c.err.Op, c.err.Status)
	}
}

func FuzzTokens(f *testing.F) {
	f.Add(`{"access_token":"a","refresh_token":"b","expires_in":7200,"created_at":1773158400}`)
	f.Add(`{"access_token":"a","expires_in":253402300799,"created_at":"253402300799"}`)
	now := time.Date(2026, 3, 10, 16, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, answer string) {
		tokens, err := decodeTokens([]byte(answer), now)
		if err != nil {
			return
		}
		require.True(t, isToken(tokens.Access))
		require.True(t, tokens.Expires.After(now.Add(time.Minute)), "or it would be renewed without end")
		_, err = json.Marshal(tokens.Expires)
		require.NoError(t, err, "it can be stored")
	})
}

func FuzzPeople(f *testing.F) {
	f.Add(`{"pagination":{"current_page":1,"total_pages":1,"total_count":1},"entries":[{"id":481516,"name":"Maya Okafor","email_addresses":[{"email":"maya.okafor@mail.example"}]}]}`)
	f.Add(`{"entries":[{"id":"1","email_addresses":["a@b.example",{"do_not_email":"yes"}]}]}`)
	f.Fuzz(func(t *testing.T, answer string) {
		var a entries[person]
		if json.Unmarshal([]byte(answer), &a) != nil {
			return
		}
		page, err := pageOf(&a, 1, personFromAPI)
		if err != nil {
			return
		}
		for _, p := range page.Items {
			require.True(t, isID(p.ID))
			for _, e := range p.Emails {
				require.NotEmpty(t, e.Address)
			}
		}
		require.GreaterOrEqual(t, page.Pages, 0)
	})
}

func FuzzJobsAndHotlists(f *testing.F) {
	f.Add(`{"id":2342,"position_title":"Controls Engineer","city":"Akron","state":{"abbreviation":"OH"},"name":"x"}`)
	f.Add(`{"id":"77","state":"OH"}`)
	f.Fuzz(func(t *testing.T, answer string) {
		var j job
		if json.Unmarshal([]byte(answer), &j) == nil && j.ID != "" {
			require.True(t, isID(jobFromAPI(&j).ID))
		}
		var h hotlist
		if json.Unmarshal([]byte(answer), &h) == nil && h.ID != "" {
			require.True(t, isID(hotlistFromAPI(&h).ID))
		}
		facts := explainOAuth(400, nil, []byte(answer))
		require.True(t, facts.Code == "" || isCode(facts.Code))
	})
}
