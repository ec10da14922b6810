package sign_test

import (
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/sign"
)

// Nothing that a stranger sends verifies without the secret, and nothing panics.
func FuzzVerify(f *testing.F) {
	f.Add("t=1781000000,v1=448802ccd297f0c72c8cd5b082d2a22ca32186f9f2fc644bec614fb3f34158fe,v0=00", triggerBody, int64(1781000000))
	f.Add("t=1,v2=,v3", companyBody, int64(0))
	f.Add("dD0xNzgxMDAwMDAwLHYyPTY2YzZj", []byte(`{"payload":{"data":{"id":1}},"payload":2}`), int64(-1))
	f.Fuzz(func(t *testing.T, header string, body []byte, now int64) {
		w := at(time.Unix(now, 0))
		unknown := secrets("a secret that no corpus contains")
		for _, err := range []error{
			second(sign.Trigger(triggerHeader(header), body, unknown, w)),
			second(sign.PartnerWebhook(triggerHeader(header), body, unknown, w)),
			second(sign.Company(companyHeader(header), body, unknown, w)),
			second(sign.CompanyV1(companyHeader(header), body, unknown)),
		} {
			require.Error(t, err)
			require.Less(t, len(err.Error()), 120)
		}
	})
}

// Every event id that a body can carry verifies once it is signed, and the id that
// is reported is the one that was signed.
func FuzzTriggerRoundTrip(f *testing.F) {
	f.Add(eventID, "x")
	f.Add("a\"b\\c\n", "partner-event")
	f.Fuzz(func(t *testing.T, id, note string) {
		if id == "" || !utf8.ValidString(id) {
			return // JSON cannot carry it
		}
		body := []byte(`{"note":` + quote(t, note) + `,"partner-event":{"id":` + quote(t, id) + `}}`)
		h := triggerHeader("t=" + stampText + ",v1=" + mac(triggerSecret, stampText+"."+id))
		match, err := sign.Trigger(h, body, secrets(triggerSecret), at(signedAt))
		require.NoError(t, err)
		require.Equal(t, id, match.ID)
		require.Equal(t, sign.EventID, match.Message)
	})
}

func FuzzProviderKey(f *testing.F) {
	for _, seed := range []string{vector4, vector5, vector6, uuidKey, "a.b.c", "....", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		unknown := secrets("a secret that no corpus contains")
		key, err := sign.ParseProviderKey(text, unknown, signedAt)
		if err == nil {
			require.Equal(t, sign.Opaque, key.Kind())
			_, ok := key.Field("apiKeys")
			require.False(t, ok)
		}
		_, err = sign.DecryptProviderKey(text, unknown, unknown, signedAt)
		require.Error(t, err)
	})
}

func second(_ sign.Match, err error) error { return err }

func quote(t *testing.T, text string) string {
	t.Helper()
	quoted, err := json.Marshal(text)
	require.NoError(t, err)
	return string(quoted)
}
