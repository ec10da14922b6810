package ats_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

// settings are what some adapter might have.
type settings struct {
	DateField string            `json:"date_field"`
	SendScore bool              `json:"send_score"`
	Days      int               `json:"days"`
	Most      uint8             `json:"most"`
	Ratio     float64           `json:"ratio"`
	Stages    []stage           `json:"stages"`
	Labels    map[string]string `json:"labels"`
	Picky     picky             `json:"picky"`
}

type stage struct {
	Name string `json:"name"`
}

// picky takes one value only.
type picky string

func (p *picky) UnmarshalText(b []byte) error {
	if string(b) != "this" {
		return errors.New(`must be "this"`)
	}
	*p = picky(b)
	return nil
}

func TestDecodeSettings(t *testing.T) {
	t.Parallel()
	for _, empty := range []string{"", "  \n", "null", "{}", " { } "} {
		got, err := ats.DecodeSettings[settings](json.RawMessage(empty))
		require.NoError(t, err, "%q", empty)
		require.Zero(t, got)
	}
	got, err := ats.DecodeSettings[settings](json.RawMessage(`{"send_score":true,"days":3,"stages":[{"name":"Phone"}]}`))
	require.NoError(t, err)
	require.Equal(t, settings{SendScore: true, Days: 3, Stages: []stage{{Name: "Phone"}}}, got)
}

func TestDecodeSettingsNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		`{"dark_mode":true}`:             "settings.dark_mode: there is no such setting",
		`{"send_score":"yes"}`:           "settings.send_score: must be true or false",
		`{"date_field":7}`:               "settings.date_field: must be a text",
		`{"days":1.5}`:                   "settings.days: must be a whole number",
		`{"most":-1}`:                    "settings.most: must be a whole number, not negative",
		`{"ratio":"half"}`:               "settings.ratio: must be a number",
		`{"stages":{}}`:                  "settings.stages: must be a list",
		`{"labels":[]}`:                  "settings.labels: must be an object",
		`{"stages":[{"name":1}]}`:        "settings.stages.name: must be a text",
		`{"stages":[{"nom":"Phone"}]}`:   `settings.stages: has nothing called "nom"`,
		`{"picky":"that"}`:               `settings.picky: must be "this"`,
		`{"zeal":1,"days":"","ardor":2}`: "settings.ardor: there is no such setting\nsettings.days: must be a whole number\nsettings.zeal: there is no such setting",
		`[]`:                             "settings: must be one JSON object",
		`"text"`:                         "settings: must be one JSON object",
		`{"days":1`:                      "settings: must be one JSON object",
		`{"days":1} {"days":2}`:          "settings: must be one JSON object",
		`{"api_token":"` + hush + `"}`:   "settings.api_token: there is no such setting",
		`{"days":"` + hush + `"}`:        "settings.days: must be a whole number",
		`{"send_score":true,"api_token":"a","x":` + `1}`: "settings.api_token: there is no such setting\nsettings.x: there is no such setting",
	} {
		got, err := ats.DecodeSettings[settings](json.RawMessage(given))
		require.EqualError(t, err, want, given)
		require.ErrorIs(t, err, ats.ErrInvalid)
		require.Zero(t, got)
		secretive(t, err.Error())
		se, ok := errors.AsType[*ats.SettingsError](err)
		require.True(t, ok)
		require.NotEmpty(t, se.Problem)
	}
}

// whole refuses what no single member shows.
type whole struct{ a, b bool }

func (w *whole) UnmarshalJSON(raw []byte) error {
	var members map[string]bool
	if err := json.Unmarshal(raw, &members); err != nil {
		return err
	}
	w.a, w.b = members["a"], members["b"]
	if w.a && w.b {
		return errors.New("a and b exclude each other")
	}
	return nil
}

func TestDecodeSettingsTellsProblemsOfTheWhole(t *testing.T) {
	t.Parallel()
	_, err := ats.DecodeSettings[whole](json.RawMessage(`{"a":true,"b":true}`))
	require.EqualError(t, err, "settings: a and b exclude each other")
}

func TestConnection(t *testing.T) {
	t.Parallel()
	c := ats.Connection{TimeZone: "Pacific/Chatham", Users: []ats.User{{ID: "u1"}, {ID: "u2", Name: "Tove Lindqvist"}}}
	u, ok := c.User("u2")
	require.True(t, ok)
	require.Equal(t, c.Users[1], u)
	_, ok = c.User("")
	require.False(t, ok)

	loc, err := c.Location()
	require.NoError(t, err)
	require.Equal(t, "Pacific/Chatham", loc.String())
	_, err = ats.Connection{}.Location()
	refused(t, err, ats.CodeTimeZoneRequired, "time_zone")
	require.Equal(t, "teamtailor/abc", ats.TenantRef{Adapter: "teamtailor", Tenant: "abc"}.String())
}

func TestASecretHasAFallback(t *testing.T) {
	t.Parallel()
	got, err := ats.Connection{}.Secret(t.Context(), "host_token", "of the deployment")
	require.NoError(t, err)
	require.Equal(t, "of the deployment", got.Reveal(), "without a store")

	store := secrets{"host_token": "own"}
	c := ats.Connection{ID: "c1", Secrets: store}
	got, err = c.Secret(t.Context(), "host_token", "of the deployment")
	require.NoError(t, err)
	require.Equal(t, "own", got.Reveal())
	got, err = c.Secret(t.Context(), "another", "of the deployment")
	require.NoError(t, err)
	require.Equal(t, "of the deployment", got.Reveal())
	_, err = c.Secret(t.Context(), "broken", "")
	require.ErrorIs(t, err, ats.ErrUnavailable)
}

// secrets is a store without a database; "broken" cannot be read.
type secrets map[string]ats.Secret

func (s secrets) Get(_ context.Context, name string) (ats.Secret, error) {
	if name == "broken" {
		return "", ats.ErrUnavailable
	}
	value, ok := s[name]
	if !ok {
		return "", ats.ErrNotFound
	}
	return value, nil
}

func (secrets) CompareAndSwap(context.Context, string, ats.Secret, ats.Secret) error {
	return ats.ErrUnavailable
}
