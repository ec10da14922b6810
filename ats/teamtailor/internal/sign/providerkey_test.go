package sign_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/sign"
)

const (
	partnerKey = "partner_api_key_example"
	formValue  = "Organization: org-key-0001\nAsha Lind: user-key-0002"
	uuidKey    = "0d1f7a52-9a0e-4a53-8f0b-6b1d5c2e7f90"

	vector4 = "eyJhbGciOiJIUzI1NiJ9.eyJhcGlLZXlzIjoiT3JnYW5pemF0aW9uOiBvcmcta2V5LTAwMDFcbkFzaGEgTGluZDogdXNlci1rZXktMDAwMiJ9.2--erRrYF5OLP7Xmql_zwcL4XHPRm0rdC8cAcLL2-3k"
	vector5 = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..N0XxfFhsubUfScPK.Ya41TulLH7K189YjdkpGrGjb986EnAUtIOSahPQiobQOxYZl1pHiNwcMI8ngJixl-DQzhNjTJN-jN-xIt1Zauwx7.c1Zt65otdDpgdwMhxCyO1A"
	vector6 = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..KtbYKvpqIU--JGrZ.u0C0I2ywHRLtsGomYgqU2nr3MhAcfKLmxr320sbeo7eN1x4LzMYprEJ3w1msKB7Ak8vvLvbFd3RKhDqsbTAJRhGf.98BNw-ZHAw2rmfVvZAmbJQ"
)

func token(t *testing.T, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	text, err := jwt.NewWithClaims(method, claims).SignedString(key)
	require.NoError(t, err)
	return text
}

func TestVector4ProviderKey(t *testing.T) {
	t.Parallel()
	key, err := sign.ParseProviderKey(vector4, secrets("rotated", partnerKey), signedAt)
	require.NoError(t, err)
	require.Equal(t, sign.JWT, key.Kind())
	require.Equal(t, "s2", key.Secret())
	sum := sha256.Sum256([]byte(vector4))
	require.Equal(t, hex.EncodeToString(sum[:]), key.Digest())
	value, ok := key.Field("apiKeys")
	require.True(t, ok)
	require.Equal(t, formValue, value)
}

func TestVectors5And6EncryptedProviderKey(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"5 A128GCM": vector5, "6 A256GCM": vector6} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key, err := sign.DecryptProviderKey(text, secrets("rotated", triggerSecret), nil, signedAt)
			require.NoError(t, err)
			require.Equal(t, sign.Form, key.Kind())
			require.Equal(t, "s2", key.Secret())
			value, ok := key.Field("apiKeys")
			require.True(t, ok)
			require.Equal(t, formValue, value)
		})
	}
}

func TestParseProviderKey(t *testing.T) {
	t.Parallel()
	hs := func(claims jwt.MapClaims) string { return token(t, jwt.SigningMethodHS256, []byte(partnerKey), claims) }
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	critical := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{})
	critical.Header["crit"] = []string{"x"}
	criticalText, err := critical.SignedString([]byte(partnerKey))
	require.NoError(t, err)
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

	tests := map[string]struct {
		token string
		keys  []sign.Secret
		kind  sign.Kind
		want  error
	}{
		"accepts a token without times":        {token: hs(jwt.MapClaims{}), kind: sign.JWT},
		"accepts a token that expires later":   {token: hs(jwt.MapClaims{"exp": signedAt.Unix() + 1}), kind: sign.JWT},
		"refuses a token that expired":         {token: hs(jwt.MapClaims{"exp": signedAt.Unix() - 1}), want: sign.ErrExpired},
		"refuses a token of the future":        {token: hs(jwt.MapClaims{"nbf": signedAt.Unix() + 60}), want: sign.ErrExpired},
		"refuses an expiry that is no number":  {token: hs(jwt.MapClaims{"exp": "tomorrow"}), want: sign.ErrMalformed},
		"refuses another key":                  {token: token(t, jwt.SigningMethodHS256, []byte("x"), nil), want: sign.ErrMismatch},
		"refuses HS384":                        {token: token(t, jwt.SigningMethodHS384, []byte(partnerKey), nil), want: sign.ErrScheme},
		"refuses RS256":                        {token: token(t, jwt.SigningMethodRS256, rsaKey, nil), want: sign.ErrScheme},
		"refuses none":                         {token: token(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil), want: sign.ErrScheme},
		"refuses an unheard-of algorithm":      {token: part(`{"alg":"XX"}`) + "." + part(`{}`) + ".", want: sign.ErrScheme},
		"refuses an algorithm in another case": {token: part(`{"ALG":"HS256"}`) + "." + part(`{}`) + ".", want: sign.ErrScheme},
		"refuses a critical extension":         {token: criticalText, want: sign.ErrScheme},
		"refuses claims that are no object":    {token: part(`{"alg":"HS256"}`) + "." + part(`[]`) + ".", want: sign.ErrMalformed},
		"refuses a second text of one token":   {token: vector4[:len(vector4)-1] + "l", want: sign.ErrMalformed},
		"refuses an empty secret's signature":  {token: token(t, jwt.SigningMethodHS256, []byte{}, nil), keys: secrets(""), want: sign.ErrNoSecret},
		"refuses to check a token without key": {token: vector4, keys: []sign.Secret{}, want: sign.ErrNoSecret},
		"refuses nothing":                      {token: " ", want: sign.ErrMissing},
		"refuses an endless key":               {token: strings.Repeat("k", 1<<20), want: sign.ErrMalformed},
		"takes a UUID as opaque":               {token: uuidKey, keys: []sign.Secret{}, kind: sign.Opaque},
		"takes a free-form key as opaque":      {token: "our.old.key", kind: sign.Opaque},
		"takes dots without a header as such":  {token: part(`{"typ":"JWT"}`) + ".a.b", kind: sign.Opaque},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.keys == nil {
				tt.keys = secrets(partnerKey)
			}
			key, err := sign.ParseProviderKey(tt.token, tt.keys, signedAt)
			require.ErrorIs(t, err, tt.want)
			require.Equal(t, tt.kind, key.Kind())
			if tt.want != nil {
				require.Zero(t, key)
				return
			}
			require.Equal(t, sign.Digest(tt.token), key.Digest())
		})
	}
}

func TestProviderKeyField(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		claims string
		id     string
		want   string
		absent bool
	}{
		"finds the id as it is":                   {claims: `{"apiKeys":"v"}`, id: "apiKeys", want: "v"},
		"finds a dashed form":                     {claims: `{"api-keys":"v"}`, id: "api_keys", want: "v"},
		"finds an underscored form":               {claims: `{"api_keys":"v"}`, id: "api-keys", want: "v"},
		"finds words apart with hyphens":          {claims: `{"api-keys":"v"}`, id: "apiKeys", want: "v"},
		"finds words apart with underscores":      {claims: `{"data":{"api_keys":"v"}}`, id: "apiKeys", want: "v"},
		"finds it in lower case":                  {claims: `{"apikeys":"v"}`, id: "apiKeys", want: "v"},
		"finds it inside data":                    {claims: `{"data":{"apiKeys":"v"}}`, id: "apiKeys", want: "v"},
		"finds it inside config":                  {claims: `{"config":{"apiKeys":"v"}}`, id: "apiKeys", want: "v"},
		"finds it inside fields":                  {claims: `{"fields":{"api_keys":"v"}}`, id: "api-keys", want: "v"},
		"prefers the top level":                   {claims: `{"data":{"k":"inner"},"k":"outer"}`, id: "k", want: "outer"},
		"prefers the id's own spelling":           {claims: `{"a-b":"dashed","a_b":"own"}`, id: "a_b", want: "own"},
		"keeps an empty value":                    {claims: `{"k":""}`, id: "k", want: ""},
		"keeps a number's digits":                 {claims: `{"k":12345678901234567890}`, id: "k", want: "12345678901234567890"},
		"does not look two levels deep":           {claims: `{"data":{"config":{"k":"v"}}}`, id: "k", absent: true},
		"does not take an object for a value":     {claims: `{"k":{"v":1}}`, id: "k", absent: true},
		"does not take null for a value":          {claims: `{"k":null}`, id: "k", absent: true},
		"does not find what is not there":         {claims: `{}`, id: "k", absent: true},
		"does not trip over a wrapper of no kind": {claims: `{"data":"x"}`, id: "k", absent: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var claims jwt.MapClaims
			dec := json.NewDecoder(strings.NewReader(tt.claims))
			dec.UseNumber()
			require.NoError(t, dec.Decode(&claims))
			key, err := sign.ParseProviderKey(token(t, jwt.SigningMethodHS256, []byte(partnerKey), claims), secrets(partnerKey), signedAt)
			require.NoError(t, err)
			value, ok := key.Field(tt.id)
			require.Equal(t, !tt.absent, ok)
			require.Equal(t, tt.want, value)
		})
	}
}

func seal(t *testing.T, enc jose.ContentEncryption, key []byte, plain string, opts *jose.EncrypterOptions) string {
	t.Helper()
	encrypter, err := jose.NewEncrypter(enc, jose.Recipient{Algorithm: jose.DIRECT, Key: key}, opts)
	require.NoError(t, err)
	sealed, err := encrypter.Encrypt([]byte(plain))
	require.NoError(t, err)
	text, err := sealed.CompactSerialize()
	require.NoError(t, err)
	return text
}

func TestDecryptProviderKey(t *testing.T) {
	t.Parallel()
	digest := sha256.Sum256([]byte(triggerSecret))
	ascii := []byte(hex.EncodeToString(digest[:16]))
	wrapper, err := jose.NewEncrypter(jose.A128GCM, jose.Recipient{Algorithm: jose.A128KW, Key: digest[:16]}, nil)
	require.NoError(t, err)
	wrapped, err := wrapper.Encrypt([]byte("{}"))
	require.NoError(t, err)
	wrappedText, err := wrapped.CompactSerialize()
	require.NoError(t, err)

	tests := map[string]struct {
		token   string
		secrets []sign.Secret
		kind    sign.Kind
		want    error
	}{
		"reads a form":                             {token: seal(t, jose.A128GCM, digest[:16], `{"apiKeys":"v"}`, nil), kind: sign.Form},
		"reads a form under the ASCII key":         {token: seal(t, jose.A256GCM, ascii, `{"apiKeys":"v"}`, nil), kind: sign.Form},
		"reads a form under the whole digest":      {token: seal(t, jose.A256GCM, digest[:], `{"apiKeys":"v"}`, nil), kind: sign.Form},
		"reads a signed token":                     {token: seal(t, jose.A128GCM, digest[:16], vector4, nil), kind: sign.JWT},
		"reads a signed token in quotes":           {token: seal(t, jose.A128GCM, digest[:16], `"`+vector4+`"`, nil), kind: sign.JWT},
		"reads an opaque key":                      {token: seal(t, jose.A256GCM, ascii, uuidKey, nil), kind: sign.Opaque},
		"refuses a forged token inside":            {token: seal(t, jose.A128GCM, digest[:16], token(t, jwt.SigningMethodHS256, []byte("x"), nil), nil), want: sign.ErrMismatch},
		"refuses an empty text inside":             {token: seal(t, jose.A128GCM, digest[:16], "", nil), want: sign.ErrMissing},
		"refuses the wrong size for the algorithm": {token: seal(t, jose.A192GCM, digest[:24], `{}`, nil), want: sign.ErrScheme},
		"refuses CBC":                              {token: seal(t, jose.A128CBC_HS256, digest[:], `{}`, nil), want: sign.ErrScheme},
		"refuses compression":                      {token: seal(t, jose.A128GCM, digest[:16], `{}`, &jose.EncrypterOptions{Compression: jose.DEFLATE}), want: sign.ErrScheme},
		"refuses a wrapped key":                    {token: wrappedText, want: sign.ErrMalformed},
		"refuses another secret":                   {token: vector5, secrets: secrets("x", "y"), want: sign.ErrMismatch},
		"refuses to decrypt without a secret":      {token: vector5, secrets: []sign.Secret{}, want: sign.ErrNoSecret},
		"refuses a changed text":                   {token: strings.Replace(vector5, "Ya41", "Ya42", 1), want: sign.ErrMismatch},
		"refuses a changed header":                 {token: strings.Replace(vector5, "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0", base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"dir","enc":"A256GCM"}`)), 1), want: sign.ErrMismatch},
		"refuses four parts":                       {token: "a..b.c", want: sign.ErrMalformed},
		"refuses nothing":                          {token: "", want: sign.ErrMissing},
		"refuses a plain key":                      {token: uuidKey, want: sign.ErrMalformed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.secrets == nil {
				tt.secrets = secrets(triggerSecret)
			}
			key, err := sign.DecryptProviderKey(tt.token, tt.secrets, secrets(partnerKey), signedAt)
			require.ErrorIs(t, err, tt.want)
			require.Equal(t, tt.kind, key.Kind())
		})
	}
}

func TestProviderKeyShowsNothingSecret(t *testing.T) {
	t.Parallel()
	key, err := sign.ParseProviderKey(vector4, secrets(partnerKey), signedAt)
	require.NoError(t, err)
	var log strings.Builder
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	logger.Info("call", "key", key, "keys", []sign.ProviderKey{key}, "pointer", &key)
	encoded, err := json.Marshal(map[string]any{"key": key})
	require.NoError(t, err)
	shown := log.String() + string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		require.Equal(t, key.String(), fmt.Sprintf(verb, key))
		shown += fmt.Sprintf(verb, []sign.ProviderKey{key})
	}
	require.Contains(t, log.String(), key.Digest()[:8])
	for _, secret := range []string{"org-key", "user-key", "Asha", vector4[:20], partnerKey} {
		require.NotContains(t, shown, secret)
	}
	require.Equal(t, "no provider key", sign.ProviderKey{}.String())
}

func TestProviderKeyErrorsShowNothingSecret(t *testing.T) {
	t.Parallel()
	_, err := sign.ParseProviderKey(token(t, jwt.SigningMethodHS384, []byte(partnerKey), nil), secrets(partnerKey), signedAt)
	require.EqualError(t, err, "check provider key: no accepted scheme")
	_, err = sign.ParseProviderKey(vector4, secrets("x"), time.Now())
	require.EqualError(t, err, "check provider key: no configured secret matches")
	_, err = sign.DecryptProviderKey(vector5, secrets("x"), nil, signedAt)
	require.EqualError(t, err, "decrypt provider key: no configured secret matches")
}
