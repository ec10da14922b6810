package teamtailortest_test

import (
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

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

const results = "/partner/v1/partner-results"

func TestPartnerAPIChecksTheRequestLine(t *testing.T) {
	t.Parallel()
	update := `{"data": {"type": "partner-results", "id": "ID", "attributes": {"status": "sent"}}}`
	for name, c := range map[string]struct {
		opts   []teamtailortest.Option
		call   apiCall
		status int
		code   string
	}{
		"the word Token":                 {nil, apiCall{auth: "Token " + apiKey}, 200, ""},
		"the word Bearer":                {nil, apiCall{auth: "Bearer " + apiKey}, 200, ""},
		"only one word is right":         {[]teamtailortest.Option{teamtailortest.WithSchemes("Bearer")}, apiCall{auth: "Token " + apiKey}, 401, ""},
		"the public API's form":          {nil, apiCall{auth: "Token token=" + apiKey}, 401, ""},
		"the webhook secret":             {nil, apiCall{auth: "Token " + webhookSecret}, 401, ""},
		"no key":                         {nil, apiCall{header: map[string]string{"Authorization": ""}}, 401, ""},
		"no version":                     {nil, apiCall{header: map[string]string{"X-Api-Version": ""}}, 406, ""},
		"the public API's version":       {nil, apiCall{header: map[string]string{"X-Api-Version": "20240904"}}, 406, ""},
		"no Accept":                      {nil, apiCall{header: map[string]string{"Accept": ""}}, 200, ""},
		"any Accept":                     {nil, apiCall{header: map[string]string{"Accept": "text/plain, */*"}}, 200, ""},
		"Accept of plain JSON":           {nil, apiCall{header: map[string]string{"Accept": "application/json"}}, 406, "406"},
		"a write of plain JSON":          {nil, apiCall{method: "PUT", body: update, header: map[string]string{"Content-Type": "application/json"}}, 415, "415"},
		"a write":                        {nil, apiCall{method: "PUT", body: update}, 200, ""},
		"PATCH":                          {nil, apiCall{method: "PATCH", body: update}, 405, "405"},
		"PATCH, where it is switched on": {[]teamtailortest.Option{teamtailortest.WithPATCH()}, apiCall{method: "PATCH", body: update}, 200, ""},
		"a filter":                       {nil, apiCall{path: results + "?filter[status]=sent"}, 400, "102"},
		"another parameter":              {nil, apiCall{path: results + "?limit=5"}, 400, "105"},
		"a page that is too large":       {nil, apiCall{path: results + "?page[size]=31"}, 400, "118"},
		"a page before the first":        {nil, apiCall{path: results + "?page[number]=0"}, 400, "118"},
		"an unknown path":                {nil, apiCall{path: "/partner/v1/results"}, 404, "404"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.opts...)
			d := w.triggered(t)
			if c.call.path == "" {
				c.call.path = results + "/" + d.ResultID
			}
			c.call.body = strings.ReplaceAll(c.call.body, "ID", d.ResultID)
			status, header, body := w.partnerAPI(t, c.call)
			require.Equal(t, c.status, status, "%v", body)
			switch {
			case status < 300:
				require.Equal(t, "20180828", header.Get("X-Api-Version"))
			case status == 401:
				require.Empty(t, body, "401 has no body")
			case c.code == "":
				require.Equal(t, "Invalid/Missing API Version", at(body, "errors", 0, "title"))
				require.Contains(t, at(body, "errors", 0, "detail"), "20180828")
				require.InDelta(t, 406, at(body, "errors", 0, "status"), 0, "a number here")
			default:
				require.Equal(t, c.code, at(body, "errors", 0, "code"))
			}
		})
	}
}

func TestUpdatesArePartial(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.triggered(t)
	status, body := w.put(t, d.ResultID, `{"status": "sent", "summary": "Invitation sent.", "details": {"Recruiter": {"Name": "Asha Lind"}}}`)
	require.Equal(t, 200, status)
	require.Equal(t, "Invitation sent.", at(body, "data", "attributes", "summary"))
	status, body = w.put(t, d.ResultID, `{"status": "completed", "url": "https://app.example/watch/1",
		"assessment": {"score": 85.5, "grade": "top_fit", "duration": "0:32:14"},
		"attachments": [{"url": "https://app.example/share/1", "description": "Share"}],
		"assessment-criteria": [{"id": "empathy", "score": 70}, {"id": "skill"}]}`)
	require.Equal(t, 200, status)
	encoded, err := json.Marshal(body)
	require.NoError(t, err)
	require.JSONEq(t, fmt.Sprintf(`{"data": {"id": %[1]q, "type": "partner-results",
		"links": {"self": "https://teamtailor.test/partner/v1/partner-results/%[1]s"},
		"attributes": {"status": "completed", "candidate-id": %[2]d, "job-id": %[3]d, "summary": "Invitation sent.",
			"url": "https://app.example/watch/1", "assessment": {"score": 85.5, "grade": "top_fit", "duration": 1934},
			"details": {"Recruiter": {"Name": "Asha Lind"}}, "actions": null,
			"attachments": [{"url": "https://app.example/share/1", "description": "Share"}],
			"assessment-criteria": [{"id": "empathy", "score": 70}, {"id": "skill", "score": null}]}}}`,
		d.ResultID, w.mira.ID, w.job.ID), string(encoded))
	_, body = w.put(t, d.ResultID, `{"url": null, "attachments": null, "assessment": null}`)
	require.Nil(t, at(body, "data", "attributes", "url"))
	require.Nil(t, at(body, "data", "attributes", "attachments"))
	require.Equal(t, map[string]any{"score": nil, "grade": nil, "duration": nil}, at(body, "data", "attributes", "assessment"))
	require.Equal(t, "completed", at(body, "data", "attributes", "status"))
}

func TestUpdatesAreValidated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		attributes, pointer string
	}{
		"an unknown status":                {`{"status": "done"}`, "status"},
		"a status of null":                 {`{"status": null}`, "status"},
		"a summary that is a number":       {`{"summary": 1}`, "summary"},
		"a URL without a scheme":           {`{"url": "app.example/watch"}`, "url"},
		"a URL of another scheme":          {`{"url": "ftp://app.example"}`, "url"},
		"details that are a list":          {`{"details": []}`, "details"},
		"details of three levels":          {`{"details": {"a": {"b": {"c": 1}}}}`, "details"},
		"details with a list at level 3":   {`{"details": {"a": {"b": []}}}`, "details"},
		"attachments that are an object":   {`{"attachments": {}}`, "attachments"},
		"an attachment without a text":     {`{"attachments": [{"url": "https://a.example"}]}`, "attachments"},
		"an attachment with more":          {`{"attachments": [{"url": "https://a.example", "description": "x", "name": "y"}]}`, "attachments"},
		"an attachment without an address": {`{"attachments": [{"url": "a", "description": "x"}]}`, "attachments"},
		"a button in kebab-case":           {`{"actions": [{"button-text": "x", "endpoint": "y"}]}`, "actions"},
		"a button without an endpoint":     {`{"actions": [{"buttonText": "x"}]}`, "actions"},
		"a score above 100":                {`{"assessment": {"score": 101}}`, "assessment"},
		"a score in words":                 {`{"assessment": {"score": "85"}}`, "assessment"},
		"a grade of older samples":         {`{"assessment": {"grade": "excelled"}}`, "assessment"},
		"a duration of 61 minutes":         {`{"assessment": {"duration": "0:61:00"}}`, "assessment"},
		"a duration with a tail":           {`{"assessment": {"duration": "0:32:14x"}}`, "assessment"},
		"an unknown part of it":            {`{"assessment": {"comment": "x"}}`, "assessment"},
		"a criterion without an id":        {`{"assessment-criteria": [{"score": 1}]}`, "assessment-criteria"},
		"a job that does not exist":        {`{"job-id": 1}`, "job-id"},
		"a job id in quotes":               {`{"job-id": "4711"}`, "job-id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			d := w.triggered(t)
			before, _ := w.tt.Card(w.mira)
			status, body := w.put(t, d.ResultID, c.attributes)
			require.Equal(t, http.StatusUnprocessableEntity, status)
			require.Equal(t, "/data/attributes/"+c.pointer, at(body, "errors", 0, "source", "pointer"))
			require.Equal(t, "100", at(body, "errors", 0, "code"))
			require.Equal(t, "422", at(body, "errors", 0, "status"), "a string here")
			after, _ := w.tt.Card(w.mira)
			require.Equal(t, before.CardState, after.CardState, "nothing changed")
			require.Equal(t, http.StatusUnprocessableEntity, after.History[len(after.History)-1].Status, "but it is recorded")
		})
	}
}

func TestDocumentsMustBeWellFormed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, code string }{
		"not JSON":                      {`{`, "122"},
		"no data":                       {`{"type": "partner-results"}`, "106"},
		"data that is a list":           {`{"data": []}`, "122"},
		"no type":                       {`{"data": {"id": "ID"}}`, "106"},
		"another type":                  {`{"data": {"id": "ID", "type": "partner_results"}}`, "101"},
		"no id":                         {`{"data": {"type": "partner-results"}}`, "109"},
		"another id":                    {`{"data": {"type": "partner-results", "id": "x"}}`, "110"},
		"an unknown member":             {`{"data": {"type": "partner-results", "id": "ID", "status": "sent"}}`, "105"},
		"attributes that are a list":    {`{"data": {"type": "partner-results", "id": "ID", "attributes": []}}`, "122"},
		"an unknown attribute":          {`{"data": {"type": "partner-results", "id": "ID", "attributes": {"score": 1}}}`, "105"},
		"the candidate, which is fixed": {`{"data": {"type": "partner-results", "id": "ID", "attributes": {"candidate-id": 1}}}`, "105"},
		"a relationship":                {`{"data": {"type": "partner-results", "id": "ID", "relationships": {"job": {"data": {"type": "jobs", "id": "1"}}}}}`, "105"},
		"a relationship without data":   {`{"data": {"type": "partner-results", "id": "ID", "relationships": {"job": {}}}}`, "106"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			d := w.triggered(t)
			status, _, body := w.partnerAPI(t, apiCall{
				method: http.MethodPut, path: results + "/" + d.ResultID, body: strings.ReplaceAll(c.body, "ID", d.ResultID),
			})
			require.Equal(t, http.StatusBadRequest, status)
			require.Equal(t, c.code, at(body, "errors", 0, "code"), "%v", body)
		})
	}
}

func TestCardShowsTheStateAndItsHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, ok := w.tt.Card(w.mira)
	require.False(t, ok)
	d := w.triggered(t)
	long := strings.Repeat("å", 200)
	w.put(t, d.ResultID, `{"status": "sent", "summary": "`+long+`"}`)
	w.put(t, d.ResultID, `{"status": "nonsense"}`)
	w.put(t, d.ResultID, `{"status": "completed"}`)
	card, ok := w.tt.Card(w.mira)
	require.True(t, ok)
	require.Equal(t, "completed", card.Status)
	require.Equal(t, strings.Repeat("å", 150), card.Summary)
	require.Equal(t, long, card.FullSummary)
	require.Equal(t, w.mira.ID, card.CandidateID)
	require.Equal(t, w.job.ID, card.JobID)
	require.Equal(t, "Spark Hire", card.Partner)
	var seen []string
	for i, c := range card.History {
		seen = append(seen, fmt.Sprint(c.Source, " ", c.Status, " ", c.After.Status))
		if i > 0 {
			require.Greater(t, c.Seq, card.History[i-1].Seq)
		}
	}
	require.Equal(t, []string{"teamtailor 0 sending", "update 200 sent", "update 422 sent", "update 200 completed"}, seen)
	require.JSONEq(t, `{"status": "completed"}`, string(card.History[3].Sent))
}

func TestResultsAreListedInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.install(t)
	for range 12 {
		_, err := a.RunManually(t.Context(), w.mira, nil, nil, choices())
		require.NoError(t, err)
	}
	seen := map[any]bool{}
	path := results + "?page[size]=5"
	for range 3 {
		status, _, body := w.partnerAPI(t, apiCall{path: path})
		require.Equal(t, 200, status)
		require.Equal(t, map[string]any{"record-count": 12.0, "page-count": 3.0}, at(body, "meta"))
		data, _ := at(body, "data").([]any)
		for i := range data {
			seen[at(data, i, "id")] = true
		}
		path, _ = at(body, "links", "next").(string)
	}
	require.Empty(t, path, "the last page has no next")
	require.Len(t, seen, 12)
	_, _, body := w.partnerAPI(t, apiCall{path: results})
	require.Len(t, at(body, "data"), 10, "the default size")
	require.Equal(t, "https://teamtailor.test/partner/v1/partner-results?page%5Bnumber%5D=1&page%5Bsize%5D=10", at(body, "links", "first"))
	require.Equal(t, "sending", at(body, "data", 0, "attributes", "status"))
	require.Nil(t, at(body, "data", 0, "attributes", "attachments"))
	require.Equal(t, map[string]any{}, at(body, "data", 0, "attributes", "details"))
}

func TestResultsCanBeCreatedWithoutATrigger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.install(t)
	create := func(attributes string) (int, http.Header, map[string]any) {
		return w.partnerAPI(t, apiCall{
			method: http.MethodPost, path: results, body: `{"data": {"type": "partner-results", "attributes": ` + attributes + `}}`,
		})
	}
	status, header, body := create(fmt.Sprintf(`{"status": "sent", "candidate-id": %d, "job-id": %d}`, w.mira.ID, w.job.ID))
	require.Equal(t, http.StatusCreated, status)
	require.Equal(t, at(body, "data", "links", "self"), header.Get("Location"))
	card, _ := w.tt.Card(w.mira)
	require.Equal(t, "sent", card.Status)
	require.Equal(t, w.job.ID, card.JobID)
	_, err := w.tt.PressAction(t.Context(), card.ResultID, "actions/resend")
	require.ErrorIs(t, err, teamtailortest.ErrNotFound)

	stranger := w.tt.AddCompany(teamtailortest.CompanyConfig{Name: "Other"}).AddCandidate(teamtailortest.CandidateConfig{})
	for name, attributes := range map[string]string{
		"nothing":                       `{}`,
		"no candidate":                  `{"status": "sent"}`,
		"no status":                     fmt.Sprintf(`{"candidate-id": %d}`, w.mira.ID),
		"a candidate in quotes":         fmt.Sprintf(`{"status": "sent", "candidate-id": "%d"}`, w.mira.ID),
		"a company without integration": fmt.Sprintf(`{"status": "sent", "candidate-id": %d}`, stranger.ID),
		"a bad URL":                     fmt.Sprintf(`{"status": "sent", "candidate-id": %d, "url": "x"}`, w.mira.ID),
	} {
		status, _, _ := create(attributes)
		require.Equal(t, http.StatusUnprocessableEntity, status, name)
	}
	require.Len(t, w.tt.Cards(w.mira), 1)
}

func TestRemovedResultsAreGone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts   []teamtailortest.Option
		status int
	}{
		"as if they had never been": {nil, 404}, "for good, on request": {[]teamtailortest.Option{teamtailortest.WithGone()}, 410},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.opts...)
			a := w.install(t)
			var ids []string
			for range 3 {
				d, err := a.RunManually(t.Context(), w.mira, nil, nil, choices())
				require.NoError(t, err)
				ids = append(ids, d.ResultID)
			}
			status, _, body := w.partnerAPI(t, apiCall{method: http.MethodDelete, path: results + "/" + ids[0]})
			require.Equal(t, http.StatusNoContent, status)
			require.Empty(t, body)
			w.tt.RemoveResult(ids[1])
			require.Len(t, w.tt.Cards(w.mira), 1)
			w.mira.Destroy()
			w.mira.Destroy()
			require.Empty(t, w.tt.Cards(w.mira))
			for _, id := range ids {
				status, _ := w.put(t, id, `{"status": "sent"}`)
				require.Equal(t, c.status, status)
				card, ok := w.tt.CardOf(id)
				require.True(t, ok)
				require.True(t, card.Removed)
			}
			_, _, body = w.partnerAPI(t, apiCall{path: results})
			require.Empty(t, at(body, "data"))
			status, _ = w.put(t, "unknown", `{}`)
			require.Equal(t, 404, status)
		})
	}
}

func TestAnotherPartnerSeesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.triggered(t)
	other := w.tt.RegisterPartner(teamtailortest.PartnerConfig{Name: "Other"})
	auth := "Token " + other.APIKey()
	_, _, body := w.partnerAPI(t, apiCall{path: results, auth: auth})
	require.Empty(t, at(body, "data"))
	_, _, body = w.partnerAPI(t, apiCall{path: "/partner/v1/partner-activations", auth: auth})
	require.Empty(t, at(body, "data"))
	for _, path := range []string{results + "/" + d.ResultID, "/partner/v1/partners/" + strconv.Itoa(w.partner.ID)} {
		status, _, _ := w.partnerAPI(t, apiCall{path: path, auth: auth})
		require.Equal(t, 404, status, path)
	}
}

func TestMergedCandidatesKeepTheirResults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.triggered(t)
	survivor := w.company.AddCandidate(teamtailortest.CandidateConfig{FirstName: "Mira"})
	w.mira.MergeInto(survivor)
	status, body := w.put(t, d.ResultID, `{"status": "sent"}`)
	require.Equal(t, 200, status)
	require.InDelta(t, survivor.ID, at(body, "data", "attributes", "candidate-id"), 0)
	require.Len(t, w.tt.Cards(survivor), 1)
	require.Empty(t, w.tt.Cards(w.mira))
}

func TestPartnerResourceConfiguresTheIntegration(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, teamtailortest.PartnerConfig{})
	id := strconv.Itoa(w.partner.ID)
	put := func(document string) (int, map[string]any) {
		status, _, body := w.partnerAPI(t, apiCall{method: http.MethodPut, path: "/partner/v1/partners/" + id, body: document})
		return status, body
	}
	status, _, body := w.partnerAPI(t, apiCall{path: "/partner/v1/partners/" + id})
	require.Equal(t, 200, status)
	require.Equal(t, map[string]any{
		"name": "Spark Hire", "base-url": "https://app.example/tt/", "webhook-config": nil, "webhook-activation-config": nil,
		"dynamic-activation-config": false,
	}, at(body, "data", "attributes"))

	status, _ = put(`{"data": {"type": "partners", "id": ` + id + `, "attributes": {"webhook-activation-config": ` + activationForm + `}}}`)
	require.Equal(t, 200, status, "a numeric id, as in the samples")
	w.install(t)
	require.Len(t, w.app.to("/tt/activation/validate"), 1)

	for name, document := range map[string]string{
		"the name":             `{"data": {"type": "partners", "id": "` + id + `", "attributes": {"name": "x"}}}`,
		"an unknown attribute": `{"data": {"type": "partners", "id": "` + id + `", "attributes": {"secret": "x"}}}`,
	} {
		status, body = put(document)
		require.Equal(t, 400, status, name)
		require.Equal(t, "105", at(body, "errors", 0, "code"), name)
	}
	for name, attributes := range map[string]string{
		"a base URL without a scheme": `{"base-url": "app.example"}`, "a flag in words": `{"dynamic-activation-config": "yes"}`,
		"a form that is a string": `{"webhook-config": "x"}`,
	} {
		status, _ = put(`{"data": {"type": "partners", "id": "` + id + `", "attributes": ` + attributes + `}}`)
		require.Equal(t, 422, status, name)
	}
	status, _ = put(`{"data": {"type": "partners", "id": "` + id + `", "attributes": {"dynamic-activation-config": true,
		"webhook-activation-config": {}, "webhook-config": ` + triggerForm + `, "base-url": "https://new.example"}}}`)
	require.Equal(t, 200, status)
}

func TestActivationsCarryTheEncryptedProviderKey(t *testing.T) {
	t.Parallel()
	digest := sha256.Sum256([]byte(webhookSecret))
	form, err := json.Marshal(map[string]string{"apiKeys": keys})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		opts []teamtailortest.Option
		enc  jose.ContentEncryption
		key  []byte
		want func(*teamtailortest.Activation) string
	}{
		"the form, in 128 bits": {nil, jose.A128GCM, digest[:16], func(*teamtailortest.Activation) string { return string(form) }},
		"the bearer token, in 256 bits": {
			[]teamtailortest.Option{teamtailortest.WithEncryption(teamtailortest.A256GCM), teamtailortest.WithPlaintext(teamtailortest.PlaintextProviderKey)},
			jose.A256GCM, []byte(hex.EncodeToString(digest[:16])), (*teamtailortest.Activation).ProviderKey,
		},
		"the whole digest as key": {
			[]teamtailortest.Option{teamtailortest.WithEncryption(teamtailortest.A256GCMDigest)},
			jose.A256GCM, digest[:],
			func(*teamtailortest.Activation) string { return string(form) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.opts...)
			a := w.install(t)
			status, _, body := w.partnerAPI(t, apiCall{path: "/partner/v1/partner-activations"})
			require.Equal(t, 200, status)
			require.Equal(t, "Example Care AB", at(body, "data", 0, "attributes", "company-name"))
			require.Equal(t, "Qw3rTyUi0p", at(body, "data", 0, "attributes", "company-uuid"))
			token, _ := at(body, "data", 0, "attributes", "provider-key").(string)
			parsed, err := jose.ParseEncryptedCompact(token, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{c.enc})
			require.NoError(t, err)
			plaintext, err := parsed.Decrypt(c.key)
			require.NoError(t, err)
			require.Equal(t, c.want(a), string(plaintext))

			self, _ := at(body, "data", 0, "links", "self").(string)
			status, _, body = w.partnerAPI(t, apiCall{path: self})
			require.Equal(t, 200, status)
			require.Equal(t, strconv.Itoa(a.ID), at(body, "data", "id"))
			a.Deactivate()
			status, _, _ = w.partnerAPI(t, apiCall{path: self})
			require.Equal(t, 404, status)
			_, _, body = w.partnerAPI(t, apiCall{path: "/partner/v1/partner-activations"})
			require.Empty(t, at(body, "data"), "deactivated")
			status, _, _ = w.partnerAPI(t, apiCall{method: http.MethodPost, path: "/partner/v1/partner-activations", body: `{}`})
			require.Equal(t, 405, status)
		})
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts  []teamtailortest.Option
		after int // how many of 50 requests pass one window after the first, nine seconds of it after the rest
	}{
		"a fixed window starts anew": {nil, 50}, "a sliding window forgets one by one": {[]teamtailortest.Option{teamtailortest.WithSlidingRateLimit()}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, c.opts...)
				get := func() (int, http.Header) {
					status, header, _ := w.partnerAPI(t, apiCall{path: results})
					return status, header
				}
				status, header := get()
				require.Equal(t, 200, status)
				require.Equal(t, "50", header.Get("X-Rate-Limit-Limit"))
				require.Equal(t, "49", header.Get("X-Rate-Limit-Remaining"))
				require.Equal(t, "10", header.Get("X-Rate-Limit-Reset"))
				<-time.After(time.Second)
				for range 49 {
					status, _ = get()
					require.Equal(t, 200, status)
				}
				status, header = get()
				require.Equal(t, http.StatusTooManyRequests, status)
				require.Equal(t, "0", header.Get("X-Rate-Limit-Remaining"))
				require.Equal(t, "9", header.Get("X-Rate-Limit-Reset"))
				status, _, _ = w.publicAPI(t, apiCall{path: "/v1/users"})
				require.Equal(t, 200, status, "another key has its own budget")
				<-time.After(9 * time.Second)
				passed := 0
				for range 50 {
					if status, _ = get(); status == 200 {
						passed++
					}
				}
				require.Equal(t, c.after, passed)
			})
		})
	}
}
