package keyring_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/bridge/keyring"
)

func Example() {
	ring := keyring.Generate()
	sealed := ring.Seal([]byte("a key"), "connection 1, user asha-lind")

	opened, err := ring.Rotated().Open(sealed, "connection 1, user asha-lind")
	fmt.Println(string(opened), err)
	_, err = ring.Open(sealed, "connection 2, user asha-lind")
	fmt.Println(err)
	// Output:
	// a key <nil>
	// sealed value does not open in this context
}

func TestSealedValuesOpenOnlyInTheirContext(t *testing.T) {
	t.Parallel()
	ring := keyring.Generate()
	sealed := ring.Seal([]byte("secret"), "row 1")

	plain, err := ring.Open(sealed, "row 1")
	require.NoError(t, err)
	require.Equal(t, "secret", string(plain))
	require.NotEqual(t, sealed, ring.Seal([]byte("secret"), "row 1"), "every sealing has its own nonce")
	require.NotContains(t, string(sealed), "secret")

	_, err = ring.Open(sealed, "row 2")
	require.ErrorIs(t, err, keyring.ErrOpen)
	for i := range sealed {
		changed := append([]byte(nil), sealed...)
		changed[i] ^= 1
		_, err = ring.Open(changed, "row 1")
		require.Error(t, err, "byte %d", i)
	}
	_, err = keyring.Generate().Open(sealed, "row 1")
	require.ErrorIs(t, err, keyring.ErrUnknownKey)
	_, err = ring.Open(nil, "row 1")
	require.ErrorIs(t, err, keyring.ErrOpen)
}

func TestRotationKeepsOldValuesAndDigests(t *testing.T) {
	t.Parallel()
	old := keyring.Generate()
	sealed := old.Seal([]byte("secret"), "row 1")
	ring := old.Rotated()

	plain, err := ring.Open(sealed, "row 1")
	require.NoError(t, err)
	require.Equal(t, "secret", string(plain))
	require.True(t, old.Current(sealed))
	require.False(t, ring.Current(sealed))
	require.True(t, ring.Current(ring.Seal(nil, "row 1")))
	require.Equal(t, old.Digest("key", "1234"), ring.Digest("key", "1234"))
	require.NotEqual(t, old.Digest("key", "1234"), old.Digest("other", "1234"))
	require.NotEqual(t, old.Digest("key", "1234"), keyring.Generate().Digest("key", "1234"))
}

func TestFileIsMadeOnceAndOnlyForItsOwner(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ring.key")
	first, err := keyring.OpenFile(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	again, err := keyring.OpenFile(path)
	require.NoError(t, err)
	plain, err := again.Open(first.Seal([]byte("secret"), "row"), "row")
	require.NoError(t, err)
	require.Equal(t, "secret", string(plain))

	require.NoError(t, again.Rotated().WriteFile(path))
	rotated, err := keyring.OpenFile(path)
	require.NoError(t, err)
	require.False(t, rotated.Current(first.Seal(nil, "row")))

	require.NoError(t, os.Chmod(path, 0o640))
	_, err = keyring.OpenFile(path)
	require.ErrorContains(t, err, "chmod 600")
}

func TestParseNamesTheLineAndNotTheKey(t *testing.T) {
	t.Parallel()
	good := string(keyring.Generate().MarshalFile())
	for name, text := range map[string]string{
		"an empty file":           "",
		"a word it does not know": good + "secretword x\n",
		"a short key":             good + "key 00000001 c2VjcmV0d29yZA==\n",
		"a second pepper":         good + good,
		"no base64":               good + "key 00000001 secretword!\n",
	} {
		_, err := keyring.Parse([]byte(text))
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "secretword", name)
	}
}

func TestPrintingARingShowsNoKeys(t *testing.T) {
	t.Parallel()
	ring := keyring.Generate()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		require.Equal(t, "key ring of 1", fmt.Sprintf(verb, ring))
	}
}

func FuzzParse(f *testing.F) {
	f.Add(keyring.Generate().MarshalFile())
	f.Add([]byte("pepper x\nkey y z\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		ring, err := keyring.Parse(text)
		if err != nil {
			return
		}
		again, err := keyring.Parse(ring.MarshalFile())
		require.NoError(t, err)
		require.Equal(t, ring.Digest("l", "s"), again.Digest("l", "s"))
	})
}
