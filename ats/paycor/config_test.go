package paycor_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
)

// fields returns the fields that a configuration error names, in order.
func fields(err error) []string {
	var names []string
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			if e, ok := errors.AsType[*paycor.ConfigError](one); ok {
				names = append(names, e.Field)
			}
		}
	}
	slices.Sort(names)
	return names
}

func TestNewNamesEveryProblem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config paycor.Config
		want   []string
	}{
		"nothing is needed": {paycor.Config{}, nil},
		"all is given": {paycor.Config{
			SubscriptionKey: "key", ClientID: "id", ClientSecret: "secret", Scope: "scope", HostURL: "https://recruiting.example/base", HostToken: "token",
			ChallengeMethod: paycor.ChallengeRFC, RefreshForm: paycor.RefreshFormB,
		}, nil},
		"loopback hosts may be plain": {paycor.Config{APIURL: "http://127.0.0.1:8080", AuthorizeURL: "http://localhost:1/a", HostURL: "http://[::1]:9", HostToken: "t"}, nil},
		"addresses that are none": {
			paycor.Config{APIURL: "apis.paycor.com", AuthorizeURL: "http://hcm.example/a", HostURL: "https://user@recruiting.example", HostToken: "t"},
			[]string{"APIURL", "AuthorizeURL", "HostURL"},
		},
		"half of the credentials": {paycor.Config{ClientID: "id"}, []string{"ClientSecret", "Scope", "SubscriptionKey"}},
		"a host without a token":  {paycor.Config{HostURL: "https://recruiting.example"}, []string{"HostToken"}},
		"a token without a host":  {paycor.Config{HostToken: "t"}, []string{"HostURL"}},
		"secrets with spaces": {
			paycor.Config{SubscriptionKey: "s3cr3t b", ClientID: "i d", ClientSecret: "é", Scope: "s offline_access", HostURL: "https://h.example", HostToken: "t\n"},
			[]string{"ClientID", "ClientSecret", "HostToken", "Scope", "SubscriptionKey"},
		},
		"impossible numbers and words": {
			paycor.Config{PollInterval: time.Second, RequestsPerMinute: 1001, ChallengeMethod: "plain", RefreshForm: "cookie"},
			[]string{"ChallengeMethod", "PollInterval", "RefreshForm", "RequestsPerMinute"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := paycor.New(c.config)
			require.Equal(t, c.want, fields(err))
			if c.want != nil {
				require.ErrorIs(t, err, ats.ErrInvalid)
				require.NotContains(t, err.Error(), "s3cr3t")
			}
		})
	}
}

func TestAConfigurationShowsNoSecret(t *testing.T) {
	t.Parallel()
	c := paycor.Config{SubscriptionKey: "s3cr3t-key", ClientSecret: "s3cr3t", HostToken: "s3cr3t-token"}
	require.NotContains(t, c.LogValue().String(), "s3cr3t")
	require.NotContains(t, fmt.Sprintf("%+v", c), "s3cr3t")
}

func TestAPolicyWithoutContradictions(t *testing.T) {
	t.Parallel()
	a, err := paycor.New(paycor.Config{})
	require.NoError(t, err)
	require.Equal(t, "paycor", a.Name())
	require.NoError(t, a.Policy().Validate())
	require.Equal(t, ats.SettingsByAdministrator, a.Policy().Settings, "R3")
	require.Equal(t, 7, a.Policy().Deadline.DefaultDays, "R17: what a form proposes")
}

func TestTenants(t *testing.T) {
	t.Parallel()
	ref, err := paycor.ParseTenant(tenantText)
	require.NoError(t, err)
	require.Equal(t, paycor.AccountRef{LegalEntityID: 501200, ATSAccountID: "ff80818190aa10010190aa1001000001"}, ref)
	require.Equal(t, tenantText, ref.String())
	for _, bad := range []string{
		"", "501200", "/abc", "501200/", "2147483648/abc", "-1/abc", "0/abc", "+5/abc", "05/abc", "five/abc", "5/a/b", "5/..", "5/a b", " 5/abc", "5/é",
	} {
		_, err := paycor.ParseTenant(bad)
		require.Equal(t, paycor.CodeInvalidTenant, refused(t, err), bad)
	}
}

func FuzzParseTenant(f *testing.F) {
	f.Add(tenantText)
	f.Add("1/x")
	f.Add("2147483648/x")
	f.Fuzz(func(t *testing.T, text string) {
		if ref, err := paycor.ParseTenant(text); err == nil {
			require.Equal(t, text, ref.String(), "what is accepted survives a round trip")
		}
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	a, err := paycor.New(paycor.Config{})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		settings string
		want     []string // what the error must name
	}{
		"none":                    {``, nil},
		"all":                     {`{"feature_enabled": true, "midnight": "start", "host_url": "https://h.example", "host_token": "t", "subscription_key": "k", "client_id": "i", "client_secret": "s", "scope": "c"}`, nil},
		"an impossible midnight":  {`{"midnight": "noon"}`, []string{"settings.midnight"}},
		"a host in the clear":     {`{"host_url": "http://recruiting.example"}`, []string{"settings.host_url"}},
		"names that do not exist": {`{"midnigth": "end", "token": "x"}`, []string{"settings.midnigth", "settings.token"}},
		"several at once":         {`{"midnight": "noon", "host_url": "nowhere"}`, []string{"settings.midnight", "settings.host_url"}},
		"a secret of two kinds":   {`{"host_token": {"a": "s3cr3t"}}`, []string{"settings.host_token"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := a.CheckSettings(ats.Connection{Tenant: ats.TenantRef{Adapter: "paycor", Tenant: tenantText}, Settings: json.RawMessage(c.settings)})
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, ats.ErrInvalid)
			for _, name := range c.want {
				require.ErrorContains(t, err, name)
			}
			require.NotContains(t, err.Error(), "s3cr3t")
		})
	}
	t.Run("a tenant that is none is refused with them", func(t *testing.T) {
		t.Parallel()
		err := a.CheckSettings(ats.Connection{Tenant: ats.TenantRef{Adapter: "paycor", Tenant: "harbor-lane"}})
		require.Equal(t, paycor.CodeInvalidTenant, refused(t, err))
	})
	t.Run("secrets are named as such", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"host_token", "subscription_key", "client_secret"} {
			require.True(t, ats.SecretSetting(name), name)
		}
	})
	t.Run("settings that cannot be read change no rule", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, a.Policy(), a.PolicyFor(ats.Connection{Settings: []byte(`{"midnight": 7}`)}))
	})
}
