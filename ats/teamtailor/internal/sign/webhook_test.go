package sign_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/sign"
)

const (
	eventID       = "6f1c2a6e-3c1b-4b7e-9a53-0a6a0f6f2d11"
	triggerSecret = "whs_example_secret"
	companyKey    = "cw_example_key"
	stampText     = "1781000000"
	decoy         = "0000000000000000000000000000000000000000000000000000000000000000"
)

var (
	signedAt    = time.Unix(1781000000, 0).UTC()
	triggerBody = []byte(`{"partner-event":{"id":"` + eventID + `","candidate":{"id":81234}},"company":{"uuid":"Qw3rTyUi0p"}}`)
	companyBody = []byte(`{"payload":{"event_name":"candidate.destroy","data":{"id":"81234","type":"candidates"}}}`)
)

func at(t time.Time) sign.Window { return sign.Window{Now: t} }

func secrets(values ...string) []sign.Secret {
	var list []sign.Secret
	for i, value := range values {
		list = append(list, sign.NewSecret(fmt.Sprintf("s%d", i+1), value))
	}
	return list
}

func mac(secret, message string) string {
	hash := hmac.New(sha256.New, []byte(secret))
	hash.Write([]byte(message))
	return hex.EncodeToString(hash.Sum(nil))
}

func triggerHeader(value string) http.Header {
	return http.Header{"Teamtailor-Signature": {value}}
}

// net/http stores TT-Signature under its canonical name.
func companyHeader(value string) http.Header {
	return http.Header{"Tt-Signature": {value}}
}

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// The vectors are those of docs/vendors/teamtailor.md, computed outside this
// program from the documented rules.
func TestVectors(t *testing.T) {
	t.Parallel()

	t.Run("1 partner signature", func(t *testing.T) {
		t.Parallel()
		h := triggerHeader("t=" + stampText + ",v1=448802ccd297f0c72c8cd5b082d2a22ca32186f9f2fc644bec614fb3f34158fe,v0=" + decoy)
		match, err := sign.Trigger(h, triggerBody, secrets(triggerSecret), at(signedAt))
		require.NoError(t, err)
		require.Equal(t, sign.Match{Secret: "s1", Message: sign.EventID, Scheme: "v1", ID: eventID, Time: signedAt}, match)
	})

	t.Run("2 company webhook v2", func(t *testing.T) {
		t.Parallel()
		h := companyHeader("dD0xNzgxMDAwMDAwLHYyPTY2YzZjOTMxNzRkN2M2M2FiMzBiMTA2NDk4MWZiMWFmOTI0ODMyNGUyNTRhNDZhNDQ0NjFkZGFkYWU0MTBhYTU=")
		match, err := sign.Company(h, companyBody, secrets(companyKey), at(signedAt))
		require.NoError(t, err)
		require.Equal(t, sign.Match{Secret: "s1", Message: sign.RawBody, Scheme: "v2", ID: "81234", Time: signedAt}, match)
	})

	t.Run("3 company webhook v1", func(t *testing.T) {
		t.Parallel()
		h := companyHeader("OTBhZWQ1NDMwY2Q5NjA4OWQxN2EwMWQ3M2Q0ZmJjZTBkNTVlYjY2N2ZjODE3OWMxNWRiMWQyYzY4YjcyMTY1OA==")
		match, err := sign.CompanyV1(h, companyBody, secrets(companyKey))
		require.NoError(t, err)
		require.Equal(t, sign.Match{Secret: "s1", Message: sign.ResourceID, Scheme: "v1", ID: "81234"}, match)
	})
}

func TestTrigger(t *testing.T) {
	t.Parallel()

	good := mac(triggerSecret, stampText+"."+eventID)
	overBody := mac(triggerSecret, stampText+"."+string(triggerBody))
	tests := map[string]struct {
		header  []string
		body    string
		secrets []sign.Secret
		now     time.Time
		want    error
		check   func(*testing.T, sign.Match)
	}{
		"accepts folded spaces around commas and signs": {
			header: []string{" t=" + stampText + ", \t v1 = " + good + " , v0=" + decoy + " "},
		},
		"accepts upper-case hex": {
			header: []string{"t=" + stampText + ",v1=" + strings.ToUpper(good)},
		},
		"accepts a list split over two header lines": {
			header: []string{"t=" + stampText, "v1=" + good},
		},
		"accepts one genuine signature among several": {
			header: []string{"t=" + stampText + ",v1=" + decoy + ",v1=" + good},
		},
		"accepts the second secret during a rotation and names it": {
			header:  []string{"t=" + stampText + ",v1=" + good},
			secrets: secrets("new", triggerSecret),
			check:   func(t *testing.T, m sign.Match) { require.Equal(t, "s2", m.Secret) },
		},
		"falls back to the raw body and records it": {
			header: []string{"t=" + stampText + ",v1=" + overBody},
			check: func(t *testing.T, m sign.Match) {
				require.Equal(t, sign.RawBody, m.Message)
				require.Equal(t, eventID, m.ID)
			},
		},
		"reports a later scheme that stands beside v1": {
			header: []string{"t=" + stampText + ",v2=x,v1=" + good + ",v3=y,v0=" + decoy},
			check:  func(t *testing.T, m sign.Match) { require.Equal(t, "v3", m.Later) },
		},
		"accepts the edge of the tolerance in the past":   {now: signedAt.Add(5 * time.Minute)},
		"accepts the edge of the tolerance in the future": {now: signedAt.Add(-5 * time.Minute)},
		"refuses a replay":             {now: signedAt.Add(5*time.Minute + time.Second), want: sign.ErrStale},
		"refuses a time in the future": {now: signedAt.Add(-5*time.Minute - time.Second), want: sign.ErrStale},
		"calls a forged old signature a mismatch, not stale": {
			header: []string{"t=1,v1=" + good}, want: sign.ErrMismatch,
		},
		"refuses a missing header":         {header: []string{}, want: sign.ErrMissing},
		"refuses an empty header":          {header: []string{""}, want: sign.ErrMalformed},
		"refuses a decoy alone":            {header: []string{"t=" + stampText + ",v0=" + good}, want: sign.ErrScheme},
		"refuses an unknown scheme alone":  {header: []string{"t=" + stampText + ",v2=" + good}, want: sign.ErrScheme},
		"refuses no time":                  {header: []string{"v1=" + good}, want: sign.ErrMalformed},
		"refuses two times":                {header: []string{"t=" + stampText + ",t=" + stampText + ",v1=" + good}, want: sign.ErrMalformed},
		"refuses a second time in a line":  {header: []string{"t=" + stampText + ",v1=" + good, "t=2"}, want: sign.ErrMalformed},
		"refuses a signed time":            {header: []string{"t=+1781000000,v1=" + good}, want: sign.ErrMalformed},
		"refuses a time beyond all clocks": {header: []string{"t=1781000000000,v1=" + good}, want: sign.ErrMalformed},
		"refuses a truncated signature":    {header: []string{"t=" + stampText + ",v1=" + good[:62]}, want: sign.ErrMalformed},
		"refuses what is not hex":          {header: []string{"t=" + stampText + ",v1=" + strings.Repeat("zz", 32)}, want: sign.ErrMalformed},
		"refuses nine signatures":          {header: []string{"t=" + stampText + strings.Repeat(",v1="+good, 9)}, want: sign.ErrMalformed},
		"refuses an endless header":        {header: []string{"t=" + stampText + ",v1=" + good + "," + strings.Repeat("x", 5000)}, want: sign.ErrMalformed},
		"refuses another secret":           {secrets: secrets("other"), want: sign.ErrMismatch},
		"refuses to check without secrets": {secrets: []sign.Secret{}, want: sign.ErrNoSecret},
		"never uses an empty secret": {
			header:  []string{"t=" + stampText + ",v1=" + mac("", stampText+"."+eventID)},
			secrets: secrets("", triggerSecret), want: sign.ErrMismatch,
		},
		"refuses another event id": {
			body: strings.Replace(string(triggerBody), "6f1c", "7f1c", 1), want: sign.ErrMismatch,
		},
		"refuses a body that is not JSON":     {body: "partner-event", want: sign.ErrMalformed},
		"refuses an empty body":               {body: " ", want: sign.ErrMalformed},
		"refuses a body without an event":     {body: `{"company":{}}`, want: sign.ErrMalformed},
		"refuses an event that is no object":  {body: `{"partner-event":"x"}`, want: sign.ErrMalformed},
		"refuses an event without an id":      {body: `{"partner-event":{}}`, want: sign.ErrMalformed},
		"refuses an empty id":                 {body: `{"partner-event":{"id":""}}`, want: sign.ErrMalformed},
		"refuses an id that is an object":     {body: `{"partner-event":{"id":{}}}`, want: sign.ErrMalformed},
		"refuses a second event":              {body: strings.Replace(string(triggerBody), "{", `{"partner-event":{"id":"x"},`, 1), want: sign.ErrMalformed},
		"refuses a second id":                 {body: strings.Replace(string(triggerBody), `"candidate"`, `"id":"x","candidate"`, 1), want: sign.ErrMalformed},
		"refuses a second id in another case": {body: strings.Replace(string(triggerBody), `"candidate"`, `"ID":"x","candidate"`, 1), want: sign.ErrMalformed},
		"refuses a second document":           {body: string(triggerBody) + `{}`, want: sign.ErrMalformed},
		"accepts invalid UTF-8 elsewhere": {
			body: strings.Replace(string(triggerBody), `"company"`, "\"note\":\"\xff\",\"company\"", 1),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			if tt.header == nil {
				tt.header = []string{"t=" + stampText + ",v1=" + good + ",v0=" + decoy}
			}
			for _, value := range tt.header {
				h.Add(sign.TriggerHeader, value)
			}
			body := triggerBody
			if tt.body != "" {
				body = []byte(tt.body)
			}
			if tt.secrets == nil {
				tt.secrets = secrets(triggerSecret)
			}
			if tt.now.IsZero() {
				tt.now = signedAt
			}
			match, err := sign.Trigger(h, body, tt.secrets, at(tt.now))
			require.ErrorIs(t, err, tt.want)
			if tt.want != nil {
				require.Zero(t, match)
				return
			}
			require.Equal(t, signedAt, match.Time)
			if tt.check != nil {
				tt.check(t, match)
			}
		})
	}
}

func TestTriggerToleranceIsConfigurable(t *testing.T) {
	t.Parallel()
	h := triggerHeader("t=" + stampText + ",v1=" + mac(triggerSecret, stampText+"."+eventID))
	_, err := sign.Trigger(h, triggerBody, secrets(triggerSecret), sign.Window{Now: signedAt.Add(9 * time.Minute), Tolerance: 10 * time.Minute})
	require.NoError(t, err)
	_, err = sign.Trigger(h, triggerBody, secrets(triggerSecret), sign.Window{Now: signedAt.Add(9 * time.Second), Tolerance: time.Second})
	require.ErrorIs(t, err, sign.ErrStale)
}

func TestPartnerWebhookTriesEveryDocumentedCandidate(t *testing.T) {
	t.Parallel()
	const apiKey = "partner_api_key_example"
	payload := `{"event_name": "candidate.destroy", "data":{"id":"81234","type":"candidates"}}`
	body := `{ "payload": ` + payload + `, "company_uuid":"Qw3rTyUi0p"}`
	messages := map[sign.Message]string{sign.RawBody: body, sign.ResourceID: "81234", sign.Payload: payload}

	for message, text := range messages {
		for id, secret := range map[string]string{"s1": triggerSecret, "s2": apiKey} {
			t.Run(string(message)+" under "+id, func(t *testing.T) {
				t.Parallel()
				h := triggerHeader("t=" + stampText + ",v1=" + mac(secret, stampText+"."+text) + ",v0=" + decoy)
				match, err := sign.PartnerWebhook(h, []byte(body), secrets(triggerSecret, apiKey), at(signedAt))
				require.NoError(t, err)
				require.Equal(t, sign.Match{Secret: id, Message: message, Scheme: "v1", ID: "81234", Time: signedAt}, match)
			})
		}
	}

	refusals := map[string]struct {
		header http.Header
		body   string
		now    time.Time
		want   error
	}{
		"a stale signature":                      {triggerHeader("t=" + stampText + ",v1=" + mac(apiKey, stampText+"."+body)), body, signedAt.Add(time.Hour), sign.ErrStale},
		"a foreign secret":                       {triggerHeader("t=" + stampText + ",v1=" + mac("x", stampText+"."+body)), body, signedAt, sign.ErrMismatch},
		"no header":                              {http.Header{}, body, signedAt, sign.ErrMissing},
		"a body without JSON":                    {triggerHeader("t=" + stampText + ",v1=" + mac(apiKey, stampText+".x")), "x", signedAt, sign.ErrMalformed},
		"two data ids":                           {triggerHeader("t=" + stampText + ",v1=" + mac(apiKey, stampText+".1")), `{"payload":{"data":{"id":"1","id":"2"}}}`, signedAt, sign.ErrMalformed},
		"a signature of an id that is not there": {triggerHeader("t=" + stampText + ",v1=" + mac(apiKey, stampText+".")), `{"payload":{}}`, signedAt, sign.ErrMismatch},
	}
	for name, tt := range refusals {
		t.Run("refuses "+name, func(t *testing.T) {
			t.Parallel()
			_, err := sign.PartnerWebhook(tt.header, []byte(tt.body), secrets(triggerSecret, apiKey), at(tt.now))
			require.ErrorIs(t, err, tt.want)
		})
	}
}

func TestCompany(t *testing.T) {
	t.Parallel()
	body := string(companyBody)
	payload := strings.TrimSuffix(strings.TrimPrefix(body, `{"payload":`), "}")
	v2 := func(message string) string { return encoded("t=" + stampText + ",v2=" + mac(companyKey, message)) }

	t.Run("accepts the payload's bytes when the body repeats the signature", func(t *testing.T) {
		t.Parallel()
		value := v2(stampText + "." + payload)
		match, err := sign.Company(companyHeader(value), []byte(`{"payload":`+payload+`,"signature":"`+value+`"}`), secrets(companyKey), at(signedAt))
		require.NoError(t, err)
		require.Equal(t, sign.Payload, match.Message)
	})
	t.Run("accepts an id that is a number", func(t *testing.T) {
		t.Parallel()
		numeric := strings.Replace(body, `"81234"`, "81234", 1)
		match, err := sign.Company(companyHeader(v2(stampText+"."+numeric)), []byte(numeric), secrets(companyKey), at(signedAt))
		require.NoError(t, err)
		require.Equal(t, "81234", match.ID)
	})

	refusals := map[string]struct {
		header http.Header
		body   string
		now    time.Time
		want   error
	}{
		"bytes that were serialized again":   {companyHeader(v2(stampText + "." + strings.ReplaceAll(payload, ":", ": "))), body, signedAt, sign.ErrMismatch},
		"a stale signature":                  {companyHeader(v2(stampText + "." + body)), body, signedAt.Add(6 * time.Minute), sign.ErrStale},
		"the deprecated scheme":              {companyHeader(encoded(mac(companyKey, "81234"))), body, signedAt, sign.ErrScheme},
		"a v1 item in the list":              {companyHeader(encoded("t=" + stampText + ",v1=" + mac(companyKey, stampText+"."+body))), body, signedAt, sign.ErrScheme},
		"no header":                          {http.Header{}, body, signedAt, sign.ErrMissing},
		"two headers":                        {http.Header{"Tt-Signature": {v2(stampText + "." + body), "x"}}, body, signedAt, sign.ErrMalformed},
		"what is not base64":                 {companyHeader("t=1,v2=2"), body, signedAt, sign.ErrMalformed},
		"an empty value":                     {companyHeader(""), body, signedAt, sign.ErrMalformed},
		"the other header":                   {triggerHeader(v2(stampText + "." + body)), body, signedAt, sign.ErrMissing},
		"a signature over a missing payload": {companyHeader(v2(stampText + ".")), `{}`, signedAt, sign.ErrMismatch},
	}
	for name, tt := range refusals {
		t.Run("refuses "+name, func(t *testing.T) {
			t.Parallel()
			_, err := sign.Company(tt.header, []byte(tt.body), secrets(companyKey), at(tt.now))
			require.ErrorIs(t, err, tt.want)
		})
	}
}

func TestCompanyV1(t *testing.T) {
	t.Parallel()
	genuine := companyHeader(encoded(mac(companyKey, "81234")))
	tests := map[string]struct {
		header http.Header
		body   string
		keys   []sign.Secret
		want   error
	}{
		"accepts the old key beside the new":    {genuine, string(companyBody), secrets("new", companyKey), nil},
		"refuses another id":                    {genuine, `{"payload":{"data":{"id":"81235"}}}`, secrets(companyKey), sign.ErrMismatch},
		"refuses a body without an id":          {companyHeader(encoded(mac(companyKey, ""))), `{"payload":{"data":{}}}`, secrets(companyKey), sign.ErrMismatch},
		"refuses a v2 header":                   {companyHeader(encoded("t=1,v2=" + decoy)), string(companyBody), secrets(companyKey), sign.ErrScheme},
		"refuses a missing header":              {http.Header{}, string(companyBody), secrets(companyKey), sign.ErrMissing},
		"refuses a body that says the id twice": {genuine, `{"payload":{"data":{"id":"81234","Id":"1"}}}`, secrets(companyKey), sign.ErrMalformed},
		"refuses to check without a key":        {genuine, string(companyBody), nil, sign.ErrNoSecret},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := sign.CompanyV1(tt.header, []byte(tt.body), tt.keys)
			require.ErrorIs(t, err, tt.want)
		})
	}
}

func TestErrorsAndSecretsShowNothingSecret(t *testing.T) {
	t.Parallel()
	secret := sign.NewSecret("eu", triggerSecret)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		require.Equal(t, "secret eu", fmt.Sprintf(verb, secret))
	}
	require.Equal(t, "[secret eu]", fmt.Sprint([]sign.Secret{secret}))
	require.Equal(t, "secret eu", secret.LogValue().String())
	require.False(t, secret.IsZero())
	require.Equal(t, "eu", secret.ID())

	bad := mac("guess", "x")
	_, err := sign.Trigger(triggerHeader("t="+stampText+",v1="+bad), triggerBody, []sign.Secret{secret}, at(signedAt))
	require.EqualError(t, err, "verify trigger signature: no configured secret matches")
}

func TestBearerToken(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		values []string
		want   string
	}{
		"reads the token":           {[]string{"Bearer abc"}, "abc"},
		"ignores the scheme's case": {[]string{"bEARER abc"}, "abc"},
		"trims spaces":              {[]string{"  Bearer    abc  "}, "abc"},
		"refuses another scheme":    {[]string{"Token abc"}, ""},
		"refuses no scheme":         {[]string{"abc"}, ""},
		"refuses an empty token":    {[]string{"Bearer  "}, ""},
		"refuses two tokens":        {[]string{"Bearer a b"}, ""},
		"refuses two headers":       {[]string{"Bearer a", "Bearer b"}, ""},
		"refuses a missing header":  {nil, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token, ok := sign.BearerToken(http.Header{"Authorization": tt.values})
			require.Equal(t, tt.want, token)
			require.Equal(t, tt.want != "", ok)
		})
	}
}
