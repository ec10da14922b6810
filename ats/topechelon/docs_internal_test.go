package topechelon

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The contract that a host is given and the client that calls it are the same.
func TestHostContractIsWritten(t *testing.T) {
	t.Parallel()
	contract, err := os.ReadFile("../../docs/host-topechelon.openapi.yaml")
	require.NoError(t, err)
	for _, path := range []string{pathActor, pathByPerson, pathMembership, pathStatuses} {
		require.Contains(t, string(contract), "\n  "+path+":\n")
	}
	_, update, found := strings.Cut(string(contract), "\n    StatusUpdate:\n")
	require.True(t, found)
	for member := range reflect.TypeFor[statusUpdate]().Fields() {
		require.Contains(t, update, "\n        "+member.Tag.Get("json")+":")
	}
	for _, s := range []StatusState{StatusNone, StatusInvited, StatusAccepted, StatusCompleted, StatusExpired, StatusCanceled} {
		require.Regexp(t, `enum: \[[a-z, ]*\b`+string(s)+`\b`, update)
	}
}

func TestEveryRuleAndSettingIsWritten(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/vendors/topechelon.md")
	require.NoError(t, err)
	for n := 1; n <= 30; n++ {
		require.Equal(t, 1, strings.Count(string(page), fmt.Sprintf("\n| T%d ", n)), "T%d", n)
	}
	for setting := range reflect.TypeFor[Settings]().Fields() {
		require.Contains(t, string(page), "`"+setting.Tag.Get("json")+"`")
	}
	for from, to := range (&Adapter{}).Policy().Codes {
		require.Contains(t, string(page), "`"+string(from)+"`")
		require.Contains(t, string(page), "`"+string(to)+"`")
	}
}
