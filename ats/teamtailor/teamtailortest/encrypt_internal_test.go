package teamtailortest

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The tokens were made by another program. Encryption is deterministic once the initialization vector is given.
func TestEncryptMatchesTheVectors(t *testing.T) {
	t.Parallel()
	const plaintext = `{"apiKeys":"Organization: org-key-0001\nAsha Lind: user-key-0002"}`
	for name, c := range map[string]struct {
		encryption Encryption
		token      string
	}{
		"sixteen bytes of the digest": {A128GCM, "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..N0XxfFhsubUfScPK." +
			"Ya41TulLH7K189YjdkpGrGjb986EnAUtIOSahPQiobQOxYZl1pHiNwcMI8ngJixl-DQzhNjTJN-jN-xIt1Zauwx7.c1Zt65otdDpgdwMhxCyO1A"},
		"thirty-two characters of its hexadecimal form": {A256GCM, "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..KtbYKvpqIU--JGrZ." +
			"u0C0I2ywHRLtsGomYgqU2nr3MhAcfKLmxr320sbeo7eN1x4LzMYprEJ3w1msKB7Ak8vvLvbFd3RKhDqsbTAJRhGf.98BNw-ZHAw2rmfVvZAmbJQ"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			iv, err := base64.RawURLEncoding.DecodeString(strings.Split(c.token, ".")[2])
			require.NoError(t, err)
			require.Equal(t, c.token, encrypt("whs_example_secret", c.encryption, iv, []byte(plaintext)))
		})
	}
}
