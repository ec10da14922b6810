package teamtailortest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

// The values below were computed from the documented rules by another program, not by this package.

func TestEventSignatureMatchesTheVector(t *testing.T) {
	t.Parallel()
	got := teamtailortest.EventSignature(webhookSecret, "6f1c2a6e-3c1b-4b7e-9a53-0a6a0f6f2d11", time.Unix(1781000000, 0))
	parts := strings.Split(got, ",")
	require.Len(t, parts, 3)
	require.Equal(t, "t=1781000000", parts[0])
	require.Equal(t, "v1=448802ccd297f0c72c8cd5b082d2a22ca32186f9f2fc644bec614fb3f34158fe", parts[1])
	require.Regexp(t, `^v0=[0-9a-f]{64}$`, parts[2], "the decoy")
	require.NotEqual(t, parts[1][3:], parts[2][3:])
}

func TestCompanyWebhookSignaturesMatchTheVectors(t *testing.T) {
	t.Parallel()
	body := `{"payload":{"event_name":"candidate.destroy","data":{"id":"81234","type":"candidates"}}}`
	require.Equal(t,
		"dD0xNzgxMDAwMDAwLHYyPTY2YzZjOTMxNzRkN2M2M2FiMzBiMTA2NDk4MWZiMWFmOTI0ODMyNGUyNTRhNDZhNDQ0NjFkZGFkYWU0MTBhYTU=",
		teamtailortest.CompanyWebhookSignature("cw_example_key", []byte(body), time.Unix(1781000000, 0)))
	require.Equal(t,
		"OTBhZWQ1NDMwY2Q5NjA4OWQxN2EwMWQ3M2Q0ZmJjZTBkNTVlYjY2N2ZjODE3OWMxNWRiMWQyYzY4YjcyMTY1OA==",
		teamtailortest.CompanyWebhookSignatureV1("cw_example_key", "81234"))
}

func TestProviderKeyMatchesTheVector(t *testing.T) {
	t.Parallel()
	got := teamtailortest.ProviderKey(apiKey, map[string]any{"apiKeys": keys})
	require.Equal(t, "eyJhbGciOiJIUzI1NiJ9."+
		"eyJhcGlLZXlzIjoiT3JnYW5pemF0aW9uOiBvcmcta2V5LTAwMDFcbkFzaGEgTGluZDogdXNlci1rZXktMDAwMiJ9."+
		"2--erRrYF5OLP7Xmql_zwcL4XHPRm0rdC8cAcLL2-3k", got)
}

func TestProviderKeyVerifiesWithAJWTLibrary(t *testing.T) {
	t.Parallel()
	token := teamtailortest.ProviderKey(apiKey, map[string]any{"note": `<a & "b">`})
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return []byte(apiKey), nil },
		jwt.WithValidMethods([]string{"HS256"}))
	require.NoError(t, err)
	require.Equal(t, jwt.MapClaims{"note": `<a & "b">`}, claims)
}
