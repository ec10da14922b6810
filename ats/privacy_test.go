package ats_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

const hush = "sk-live-4242-tiptoe"

func TestASecretIsNeverPrinted(t *testing.T) {
	t.Parallel()
	secret := ats.Secret(hush)
	holder := struct {
		Key ats.Secret
		Ptr *ats.Secret
		All []ats.Secret
		By  map[string]ats.Secret
		Of  map[ats.Secret]int
	}{secret, &secret, []ats.Secret{secret}, map[string]ats.Secret{"key": secret}, map[ats.Secret]int{secret: 1}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%c", "%U", "%10.3s", "%!"} {
		for _, v := range []any{secret, holder, &holder, ats.LinkedUser{Key: secret}, ats.Activation{OrganizationKey: secret, Secrets: map[string]ats.Secret{"token": secret}}} {
			secretive(t, fmt.Sprintf(verb, v))
		}
	}
	secretive(t, fmt.Sprint(secret), fmt.Sprintln(secret), fmt.Errorf("use key %v: %w", secret, ats.ErrInvalid).Error())
	require.Equal(t, "[redacted]", secret.String())
	require.Equal(t, "[redacted]", fmt.Sprint(secret))
	require.Equal(t, "[redacted]", fmt.Sprintf("%#v", secret))
	require.Equal(t, "[redacted]", secret.GoString())
	require.Empty(t, fmt.Sprint(ats.Secret("")))
}

func TestASecretIsNeverEncoded(t *testing.T) {
	t.Parallel()
	holder := struct {
		Key ats.Secret
		By  map[string]ats.Secret
	}{hush, map[string]ats.Secret{"key": hush}}
	raw, err := json.Marshal(holder)
	require.NoError(t, err)
	secretive(t, string(raw))
	require.JSONEq(t, `{"Key":"[redacted]","By":{"key":"[redacted]"}}`, string(raw))

	raw, err = xml.Marshal(ats.Secret(hush))
	require.NoError(t, err)
	secretive(t, string(raw))
}

func TestASecretIsNeverLogged(t *testing.T) {
	t.Parallel()
	for _, v := range []any{
		ats.Secret(hush),
		[]ats.Secret{hush},
		map[string]ats.Secret{"key": hush},
		ats.LinkedUser{ID: "u1", Key: hush},
		ats.Activation{OrganizationKey: hush, Users: []ats.LinkedUser{{Key: hush}}},
	} {
		secretive(t, logged(v)...)
	}
}

func TestASecretIsRevealedOnDemand(t *testing.T) {
	t.Parallel()
	require.Equal(t, hush, ats.Secret(hush).Reveal())
	var decoded ats.Secret
	require.NoError(t, json.Unmarshal([]byte(`"`+hush+`"`), &decoded))
	require.Equal(t, ats.Secret(hush), decoded)
	require.True(t, ats.Secret("").IsZero())
	require.False(t, ats.Secret(hush).IsZero())
}

func TestAHintTellsKeysApartAndNoMore(t *testing.T) {
	t.Parallel()
	require.Equal(t, "…oe", ats.Secret(hush).Hint())
	require.Equal(t, "…78", ats.Secret("12345678").Hint())
	require.Equal(t, "…45", ats.Secret("12345").Hint())
	require.Empty(t, ats.Secret("1234").Hint())
	require.Empty(t, ats.Secret("").Hint())
}

func TestPeopleAreLoggedByTheirIDs(t *testing.T) {
	t.Parallel()
	private := []string{"Maya", "Okafor", "maya@mail.example", "+1 555 0100", "Lindqvist", "tove@acme.example", "salary 4000", "Dear Maya", "share-token"}
	candidate := ats.Candidate{
		ID: "c1", FirstName: "Maya", LastName: "Okafor", Email: "maya@mail.example", Phone: "+1 555 0100",
		CustomFields: []ats.CustomField{{APIName: "wish", Value: "salary 4000"}}, Raw: json.RawMessage(`{"name":"Maya"}`),
	}
	user := ats.User{ID: "u1", Name: "Tove Lindqvist", Email: "tove@acme.example"}
	tenant := ats.TenantRef{Adapter: "memory", Tenant: "acme"}
	sparkHire := ats.SparkHire{InterviewID: "s1", Status: "sent", WatchURL: "https://a.example/share-token", ShareURL: "https://b.example/share-token"}
	interview := ats.Interview{ID: "i1", Tenant: tenant, State: ats.StateSent, Candidate: candidate, RequestedBy: user, RequestedFor: user, Message: "Dear Maya", SparkHire: sparkHire}
	for want, v := range map[string]any{
		"candidate c1":             candidate,
		"user u1":                  user,
		"memory/acme/candidate/c1": ats.CandidateRef{Tenant: tenant, ID: "c1"},
		"custom field wish":        candidate.CustomFields[0],
		"key-1":                    ats.Request{Tenant: tenant, Key: "key-1", Candidate: candidate, RequestedBy: user, Message: "Dear Maya"},
		"i1":                       interview,
		"s1":                       sparkHire,
		"revision":                 ats.Report{Interview: interview},
		"connection-1":             ats.Connection{ID: "connection-1", Tenant: tenant, Users: []ats.User{user}},
		"memory/acme":              ats.Activation{Tenant: tenant, Users: []ats.LinkedUser{{ID: "u1", Name: user.Name, Email: user.Email}}},
		"user u2":                  ats.LinkedUser{ID: "u2", Name: user.Name, Email: user.Email},
	} {
		for _, line := range logged(v) {
			require.Contains(t, line, want)
			for _, p := range private {
				require.NotContains(t, line, p)
			}
		}
	}
	for _, v := range []any{candidate, user, candidate.CustomFields[0], sparkHire, ats.LinkedUser{ID: "u1", Name: user.Name}, []ats.Candidate{candidate}, []ats.User{user}} {
		for _, p := range private {
			require.NotContains(t, fmt.Sprintf("%v %+v %s", v, v, v), p)
		}
	}
}

// logged returns what slog writes about v, in both of its formats, as a value
// and through a pointer.
func logged(v any) []string {
	var text, asJSON bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&text, nil), slog.NewJSONHandler(&asJSON, nil)} {
		l := slog.New(h)
		l.Info("look", "at", v)
		l.With("at", v).WithGroup("group").Info("look", "at", v)
	}
	return []string{text.String(), asJSON.String()}
}

func secretive(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		require.NotContains(t, text, hush)
		require.NotContains(t, text, fmt.Sprintf("%x", hush))
		require.NotContains(t, text, fmt.Sprintf("%X", hush))
	}
}
