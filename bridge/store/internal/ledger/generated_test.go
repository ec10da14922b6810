package ledger_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What go generate read when it wrote package rows is what is here now. CI
// notices a forgotten go generate without building sqlc, which takes minutes.
func TestRowsAreGeneratedFromTheseQueries(t *testing.T) {
	t.Parallel()
	queries, err := filepath.Glob("queries/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, queries)
	sum := sha256.New()
	for _, path := range append([]string{"sqlc.yaml", "schema.sql"}, queries...) {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		_, err = sum.Write(text)
		require.NoError(t, err)
	}
	recorded, err := os.ReadFile("rows/sources.sha256")
	require.NoError(t, err)
	require.Equal(t, strings.Fields(string(recorded))[0], hex.EncodeToString(sum.Sum(nil)), "run: go generate ./bridge/store/internal/ledger")
}
