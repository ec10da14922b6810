package teamtailortest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

// claims verifies a provider key with a library of its own.
func claims(t *testing.T, key string) jwt.MapClaims {
	t.Helper()
	c := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(key, c, func(*jwt.Token) (any, error) { return []byte(apiKey), nil },
		jwt.WithValidMethods([]string{"HS256"}))
	require.NoError(t, err)
	return c
}

func bearer(t *testing.T, c call) string {
	t.Helper()
	token, ok := strings.CutPrefix(c.header.Get("Authorization"), "Bearer ")
	require.True(t, ok, "no bearer token on %s", c.path)
	return token
}

func TestActivationValidatesTypedValuesBeforeTheyAreSaved(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, teamtailortest.PartnerConfig{
		ActivationConfig: json.RawMessage(activationForm), RequireCompanyToken: true,
	})
	a, err := w.partner.Activate(t.Context(), w.company, values())
	require.NoError(t, err)
	require.Empty(t, w.app.to("/tt/activation"), "the form is pasted, not fetched")
	validate := w.app.last(t, "/tt/activation/validate")
	require.Equal(t, jwt.MapClaims{"apiKeys": keys}, claims(t, bearer(t, validate)))
	require.Empty(t, validate.header.Get("Teamtailor-Api-Token"), "not sent to the validate endpoint")
	require.Empty(t, a.ProviderKey(), "made when the installation is finished")
	require.False(t, a.Installed())

	require.NoError(t, a.FinishInstallation())
	require.True(t, a.Installed())
	require.Equal(t, bearer(t, validate), a.ProviderKey())
}

func TestDynamicActivationFormIsFetchedWithoutCredentials(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]teamtailortest.PartnerConfig{
		"switched on by the flag":         {DynamicActivation: true},
		"switched on by an empty object":  {ActivationConfig: json.RawMessage(`{}`)},
		"the flag wins over a pasted one": {DynamicActivation: true, ActivationConfig: json.RawMessage(`{"config":{"fields":[]}}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg.RequireCompanyToken = true
			w := newWorldFor(t, cfg)
			w.install(t)
			got := w.app.last(t, "/tt/activation")
			require.Equal(t, map[string][]string{"company_id": {"Qw3rTyUi0p"}}, got.query)
			require.Empty(t, got.header.Get("Authorization"))
			require.Equal(t, w.company.APIToken(), got.header.Get("Teamtailor-Api-Token"))
			require.Regexp(t, `^t=\d+,v1=[0-9a-f]{64},v0=[0-9a-f]{64}$`, got.header.Get("Teamtailor-Signature"))
		})
	}
}

func TestGETsCanGoUnsigned(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, teamtailortest.PartnerConfig{DynamicActivation: true}, teamtailortest.WithUnsignedGETs())
	w.triggered(t)
	require.Empty(t, w.app.last(t, "/tt/activation").header.Get("Teamtailor-Signature"))
	require.Empty(t, w.app.last(t, "/tt/config").header.Get("Teamtailor-Signature"))
	require.NotEmpty(t, w.app.last(t, "/tt/webhook").header.Get("Teamtailor-Signature"))
}

func TestActivationWithoutFieldsHasAUUIDAsProviderKey(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{"nothing pasted": ``, "an empty list of fields": `{"config": {"fields": []}}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldFor(t, teamtailortest.PartnerConfig{ActivationConfig: json.RawMessage(config)})
			a, err := w.partner.Install(t.Context(), w.company, nil)
			require.NoError(t, err)
			require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, a.ProviderKey())
		})
	}
}

func TestDefaultKeyFieldCarriesTheUUIDInsideTheToken(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, teamtailortest.PartnerConfig{ActivationConfig: json.RawMessage(
		`{"config": {"fields": [{"id": "default_key", "type": "text", "label": "Key"}]}}`)})
	a, err := w.partner.Install(t.Context(), w.company, nil)
	require.NoError(t, err)
	require.Regexp(t, `^[0-9a-f-]{36}$`, claims(t, a.ProviderKey())["default_key"])
}

func TestClaimsCanBeNested(t *testing.T) {
	t.Parallel()
	w := newWorld(t, teamtailortest.WithClaimsUnder("data"))
	require.Equal(t, jwt.MapClaims{"data": map[string]any{"apiKeys": keys}}, claims(t, w.install(t).ProviderKey()))
}

func TestRefusedCredentialsAreShownAndCanBeIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app.on("GET /tt/activation/validate", func(call) response {
		return response{http.StatusUnprocessableEntity, "application/json", `{"errors": ["Line 1: refused.", "Line 3: no key."]}`}
	})
	a, err := w.partner.Activate(t.Context(), w.company, values())
	var refusal *teamtailortest.ValidationError
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, 422, refusal.Status)
	require.Equal(t, []string{"Line 1: refused.", "Line 3: no key."}, refusal.Messages)
	require.NotContains(t, err.Error(), "org-key")
	require.NoError(t, a.FinishInstallation())
	require.Equal(t, jwt.MapClaims{"apiKeys": keys}, claims(t, a.ProviderKey()))
}

func TestRetypedValuesAreValidatedAndNotSavedYet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.install(t)
	before := a.ProviderKey()
	better := teamtailortest.Values{"apiKeys": "Organization: org-key-0009"}
	require.NoError(t, a.Retype(t.Context(), better))
	require.Equal(t, jwt.MapClaims{"apiKeys": "Organization: org-key-0009"}, claims(t, bearer(t, w.app.last(t, "/tt/activation/validate"))))
	require.Equal(t, before, a.ProviderKey())
	require.NoError(t, a.FinishInstallation())
	require.NotEqual(t, before, a.ProviderKey())
	var bad *teamtailortest.FormError
	require.ErrorAs(t, a.Retype(t.Context(), nil), &bad)
}

func TestValidationAnswersThatShowNothing(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]response{
		"a plain string":       plainResponse(http.StatusUnauthorized, "no"),
		"an object of strings": {http.StatusUnauthorized, "application/json", `{"errors": "no"}`},
		"neither 200 nor 400":  {http.StatusAccepted, "application/json", `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.app.on("GET /tt/activation/validate", func(call) response { return answer })
			_, err := w.partner.Activate(t.Context(), w.company, values())
			var refusal *teamtailortest.ValidationError
			require.ErrorAs(t, err, &refusal)
			require.Equal(t, answer.status, refusal.Status)
			require.Empty(t, refusal.Messages)
		})
	}
}

func TestActivationRefusesValuesThatDoNotFitTheForm(t *testing.T) {
	t.Parallel()
	for name, typed := range map[string]teamtailortest.Values{
		"a required value is missing": {}, "a required value is empty": {"apiKeys": ""}, "an unknown field": {"apiKeys": keys, "x": "y"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a, err := w.partner.Activate(t.Context(), w.company, typed)
			var bad *teamtailortest.FormError
			require.ErrorAs(t, err, &bad)
			require.Nil(t, a)
			require.Empty(t, w.app.to("/tt/activation/validate"), "nothing was asked")
		})
	}
}

func TestActivationFormsThatCannotBeRendered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ form, problem string }{
		"not JSON":                     {`{`, "not a JSON object"},
		"no config":                    {`{"fields": []}`, `"config" is missing`},
		"no fields":                    {`{"config": {}}`, `"config.fields" is missing`},
		"an unknown member":            {`{"config": {"fields": [], "validate": "x"}}`, `unknown member "validate"`},
		"two validate endpoints":       {`{"config": {"fields": [], "validateEndpoint": "a"}, "validateEndpoint": "b"}`, "differs"},
		"a textarea":                   {`{"config": {"fields": [{"id": "a", "type": "textarea"}]}}`, `unknown type "textarea"`},
		"a field without a type":       {`{"config": {"fields": [{"id": "a"}]}}`, "has no type"},
		"a field without an id":        {`{"config": {"fields": [{"type": "text"}]}}`, "has no id"},
		"two fields of one id":         {`{"config": {"fields": [{"id": "a", "type": "text"}, {"id": "a", "type": "url"}]}}`, "two fields"},
		"an unknown attribute":         {`{"config": {"fields": [{"id": "a", "type": "text", "help": "x"}]}}`, `unknown member "help"`},
		"an incomplete custom field":   {`{"config": {"fields": [], "customFieldMapping": [{"name": "a"}]}}`, "apiName"},
		"an infobox without content":   {`{"config": {"fields": [{"type": "infobox"}]}}`, "needs content"},
		"an infobox with another icon": {`{"config": {"fields": [{"type": "infobox", "content": "x", "icon": "star"}]}}`, "unknown icon"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldFor(t, teamtailortest.PartnerConfig{ActivationConfig: json.RawMessage(c.form)})
			_, err := w.partner.Activate(t.Context(), w.company, nil)
			var bad *teamtailortest.FormError
			require.ErrorAs(t, err, &bad)
			require.ErrorContains(t, err, c.problem)
		})
	}
}

func TestValidateEndpointMayStandInBothPlaces(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, teamtailortest.PartnerConfig{ActivationConfig: json.RawMessage(
		`{"config": {"fields": [], "validateEndpoint": "activation/validate"}, "validateEndpoint": "activation/validate"}`)})
	_, err := w.partner.Activate(t.Context(), w.company, nil)
	require.NoError(t, err)
	require.Len(t, w.app.to("/tt/activation/validate"), 1)
}

func TestSavingAgainReplacesTheProviderKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.install(t)
	before := a.ProviderKey()
	require.NoError(t, a.Save(t.Context(), teamtailortest.Values{"apiKeys": "Organization: org-key-0009"}))
	require.NotEqual(t, before, a.ProviderKey())
	_, err := a.OpenForm(t.Context(), teamtailortest.OnStage(w.stage, nil))
	require.NoError(t, err)
	require.Equal(t, a.ProviderKey(), bearer(t, w.app.last(t, "/tt/config")))
}

func TestOldActivationsKeepTheirKeyUntilSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, err := w.partner.InstallOld(w.company, "free-form-key")
	require.NoError(t, err)
	_, err = w.partner.InstallOld(w.company, "another")
	require.ErrorIs(t, err, teamtailortest.ErrActive)
	_, err = a.OpenForm(t.Context(), teamtailortest.OnStage(w.stage, nil))
	require.NoError(t, err)
	require.Equal(t, "free-form-key", bearer(t, w.app.last(t, "/tt/config")))
	require.NoError(t, a.Save(t.Context(), values()))
	require.Equal(t, jwt.MapClaims{"apiKeys": keys}, claims(t, a.ProviderKey()))
}

func TestDeclaredCustomFieldsAreCreatedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, err := w.partner.Activate(t.Context(), w.company, values())
	require.NoError(t, err)
	require.Empty(t, w.company.CustomFields(), "not before the installation is finished")
	require.NoError(t, a.FinishInstallation())
	require.Equal(t, []string{"interview-date", "interview-time"}, w.company.CustomFields())
	require.NoError(t, a.Save(t.Context(), values()))
	a.Deactivate()
	w.install(t)
	require.Equal(t, []string{"interview-date", "interview-time"}, w.company.CustomFields())
}

func TestDeclaredCustomFieldsCanBeMappedToExistingOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.company.AddCustomField(teamtailortest.CustomFieldConfig{Name: "Spark Hire date", Type: teamtailortest.FieldDate})
	a, err := w.partner.Activate(t.Context(), w.company, values())
	require.NoError(t, err)
	require.NoError(t, a.MapField("interview-date", "spark-hire-date"))
	require.ErrorIs(t, a.MapField("interview-date", "missing"), teamtailortest.ErrNotFound)
	require.ErrorIs(t, a.MapField("missing", "spark-hire-date"), teamtailortest.ErrNotFound)
	require.NoError(t, a.FinishInstallation())
	require.Equal(t, []string{"spark-hire-date", "interview-time"}, w.company.CustomFields())
}

func TestCompanyTokenIsRequiredWhenThePartnerAsksForIt(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, teamtailortest.PartnerConfig{
		ActivationConfig: json.RawMessage(activationForm), RequireCompanyToken: true,
	})
	w.company.DeleteAPIToken(w.company.APIToken())
	w.company.AddAPIToken(teamtailortest.ScopePublic, teamtailortest.ReadWrite)
	a, err := w.partner.Activate(t.Context(), w.company, values())
	require.NoError(t, err)
	require.ErrorIs(t, a.FinishInstallation(), teamtailortest.ErrNoCompanyToken)
	require.False(t, a.Installed())
}

func TestDeactivatedIntegrationsAreNotOffered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.install(t)
	_, err := w.partner.Activate(t.Context(), w.company, values())
	require.ErrorIs(t, err, teamtailortest.ErrActive)
	a.Deactivate()
	_, err = a.OpenForm(t.Context(), teamtailortest.OnStage(w.stage, nil))
	require.ErrorIs(t, err, teamtailortest.ErrNotInstalled)
	require.ErrorIs(t, a.Save(t.Context(), values()), teamtailortest.ErrNotInstalled)
	require.ErrorIs(t, a.FinishInstallation(), teamtailortest.ErrNotInstalled)
}

func TestPartnerWithoutBaseURLCannotBeReached(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.partner.SetBaseURL("")
	_, err := w.partner.Activate(t.Context(), w.company, values())
	require.ErrorIs(t, err, teamtailortest.ErrNoBaseURL)
}
