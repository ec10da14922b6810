package paycortest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
)

const returnURL = "https://bridge.example/return"

// world is a customer with an activated application.
type world struct {
	*paycortest.Server
	app     *paycortest.Application
	entity  *paycortest.LegalEntity
	account *paycortest.Account
	job     *paycortest.Job
	tokens  paycortest.Tokens
}

func newWorld(t *testing.T, opts ...paycortest.Option) *world {
	t.Helper()
	w := &world{Server: paycortest.NewServer(append([]paycortest.Option{paycortest.InMemory(), paycortest.WithSeed(7)}, opts...)...)}
	t.Cleanup(w.Close)
	w.entity = w.AddLegalEntity(paycortest.LegalEntityConfig{ID: 501200, TenantID: 678000})
	w.account = w.entity.AddAccount(paycortest.AccountConfig{})
	w.job = w.account.AddJob(paycortest.JobConfig{})
	w.app = w.RegisterApplication(paycortest.ApplicationConfig{RedirectURLs: []string{returnURL}})
	w.tokens = w.app.Activate()
	return w
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	err    error
}

// doc is the body as JSON.
func (a answer) doc(t *testing.T) map[string]any {
	t.Helper()
	require.NoError(t, a.err)
	doc := map[string]any{}
	require.NoError(t, json.Unmarshal([]byte(a.body), &doc), a.body)
	return doc
}

func send(t *testing.T, c *http.Client, method, address, body string, header map[string]string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	require.NoError(t, err)
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := c.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{status: resp.StatusCode, header: resp.Header, body: string(text)}
}

// get makes an API call with both headers.
func (w *world) get(t *testing.T, path string) answer {
	t.Helper()
	return w.call(t, http.MethodGet, path, "")
}

func (w *world) call(t *testing.T, method, path, body string) answer {
	t.Helper()
	return send(t, w.Client(), method, w.URL+path, body, map[string]string{
		"Authorization": "Bearer " + w.tokens.Access, "Ocp-Apim-Subscription-Key": w.app.SubscriptionKey(), "Content-Type": "application/json",
	})
}

// token posts a form to the token endpoint.
func (w *world) token(t *testing.T, form url.Values) answer {
	t.Helper()
	address := w.URL + "/sts/v1/common/token?subscription-key=" + w.app.SubscriptionKey()
	return send(t, w.Client(), http.MethodPost, address, form.Encode(), map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
}

func (w *world) refreshForm(token string) url.Values {
	return url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {w.app.ClientID()}, "client_secret": {w.app.ClientSecret()},
	}
}

func (w *world) root() string { return fmt.Sprintf("/v1/legalEntities/%d/ats", w.entity.ID()) }

func (w *world) jobs() string { return w.root() + "/" + w.account.ID() + "/jobs" }

func (w *world) candidates() string { return w.jobs() + "/" + w.job.ID() + "/candidates" }

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

// authorize is a right query for the sign-in page.
func (w *world) authorize() url.Values {
	digest := sha256.Sum256([]byte(verifier))
	return url.Values{
		"response_type": {"code"}, "client_id": {w.app.ClientID()}, "redirect_uri": {returnURL},
		"scope": {w.app.Scope() + " offline_access"}, "subscription-key": {w.app.SubscriptionKey()}, "state": {"state-1"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(digest[:])}, "code_challenge_method": {"s256"},
	}
}
