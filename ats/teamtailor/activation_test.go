package teamtailor_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

// serve calls a handler without a socket and returns the body.
func serve(t *testing.T, h http.Handler, target, bearer string, want int) string {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	req.Header.Set("Authorization", "Bearer "+bearer)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	require.Equal(t, want, rec.Code, rec.Body)
	return rec.Body.String()
}

func TestActivationFormIsTheSamePastedAndFetched(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{dynamic: true, config: func(c *teamtailor.Config) { c.HelpURL = "https://help.example/teamtailor" }})
	status, body, header := w.do(http.MethodGet, "/activation?company_id=Qw3rTyUi0p", nil, nil)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "application/json", header.Get("Content-Type"))
	require.Equal(t, string(w.adapter.ActivationConfigJSON()), body)
	require.Contains(t, body, "https://help.example/teamtailor")

	var form struct {
		Config struct {
			Fields           []map[string]any `json:"fields"`
			Mapping          []map[string]any `json:"customFieldMapping"`
			ValidateEndpoint string           `json:"validateEndpoint"`
		} `json:"config"`
		ValidateEndpoint string `json:"validateEndpoint"`
	}
	require.NoError(t, json.Unmarshal([]byte(body), &form))
	require.Equal(t, "activation/validate", form.ValidateEndpoint)
	require.Equal(t, "activation/validate", form.Config.ValidateEndpoint)
	require.Equal(t, "apiKeys", form.Config.Fields[1]["id"])
	require.Equal(t, "text", form.Config.Fields[1]["type"])
	require.Equal(t, []map[string]any{
		{"name": "Interview date", "type": "date", "apiName": "interview-date"},
		{"name": "Interview time", "type": "text", "apiName": "interview-time"},
	}, form.Config.Mapping)
	require.ElementsMatch(t, []string{"interview-date", "interview-time"}, w.company.CustomFields(), "Teamtailor made the fields")
	w.accepted(w.runTrigger(w.candidate(), oneWay()))
}

func TestActivationFormMayHaveATextarea(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{
		config: func(c *teamtailor.Config) { c.Textarea = true },
		vendor: []teamtailortest.Option{teamtailortest.WithFieldTypes("textarea")},
	})
	require.Contains(t, string(w.adapter.ActivationConfigJSON()), `"textarea"`)
}

func TestProviderKeyClaimsMayBeNested(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{vendor: []teamtailortest.Option{teamtailortest.WithClaimsUnder("data")}})
	w.accepted(w.runTrigger(w.candidate(), oneWay()))
}

func TestValidationNamesEveryProblemAndNoKey(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		form   string
		status int
		want   []string
	}{
		"lines that cannot be read": {"Asha Lind " + ashaKey + "\nBo Ek:", http.StatusUnprocessableEntity, []string{
			"There is no line that starts with Organization.", "Line 1: no colon between a name and a key.", "Line 2: no key after the name.",
		}},
		"keys that are refused": {"Organization: revoked-0001\n\nAsha Lind: " + ashaKey + "\nBo Ek: revoked-0002", http.StatusUnprocessableEntity, []string{
			"The organization key was rejected by Spark Hire.", "Line 4: the key of Bo Ek was rejected by Spark Hire.",
		}},
		"no user": {"Organization: " + orgKey, http.StatusUnprocessableEntity, []string{
			"There is no line for a user. Add one for each person who invites candidates: First Last: key.",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{absent: true})
			_, err := w.partner.Activate(t.Context(), w.company, teamtailortest.Values{"apiKeys": c.form})
			var refusal *teamtailortest.ValidationError
			require.ErrorAs(t, err, &refusal)
			require.Equal(t, c.status, refusal.Status)
			require.Equal(t, c.want, refusal.Messages)
			require.NotContains(t, fmt.Sprint(refusal.Messages), "revoked")
			w.discreet()
		})
	}
}

func TestValidationWithoutValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for name, bearer := range map[string]string{
		"no key":        "",
		"an opaque key": "Bearer 0d1f7a52-9a0e-4a53-8f0b-6b1d5c2e7f90",
		"a forged key":  "Bearer " + teamtailortest.ProviderKey("x", map[string]any{"apiKeys": apiKeys}),
	} {
		status, body, _ := w.do(http.MethodGet, "/activation/validate", map[string]string{"Authorization": bearer}, nil)
		require.Equal(t, http.StatusUnauthorized, status, name)
		var answer struct {
			Errors []string `json:"errors"`
		}
		require.NoError(t, json.Unmarshal([]byte(body), &answer))
		require.Len(t, answer.Errors, 1, name)
	}
}

func TestValidationWhileSparkHireIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for err, want := range map[error]string{
		ats.ErrUnavailable: "did not answer in time", ats.ErrRateLimited: "asked too often",
	} {
		w.inbox.FailNext(-1, err)
		status, body, _ := w.do(http.MethodGet, "/activation/validate", map[string]string{"Authorization": "Bearer " + w.active.ProviderKey()}, nil)
		require.Equal(t, http.StatusUnprocessableEntity, status)
		require.Contains(t, body, "The organization key could not be checked")
		require.Contains(t, body, want)
	}
	w.inbox.FailNext(0, nil)
	status, body, _ := w.do(http.MethodGet, "/activation/validate", map[string]string{"Authorization": "Bearer " + w.active.ProviderKey()}, nil)
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{}`, body)
}
