package topechelon

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
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

// Every rule's row names tests, and each of them is there.
func TestEveryRuleNamesItsTests(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/vendors/topechelon.md")
	require.NoError(t, err)
	tests := testsHere(t)
	rows := regexp.MustCompile(`(?m)^\| T(\d+) .*\| ([^|]*) \|$`).FindAllStringSubmatch(string(page), -1)
	require.Len(t, rows, 30)
	for _, row := range rows {
		named := regexp.MustCompile("`(Test\\w+)(?:/T(\\d+))?`").FindAllStringSubmatch(row[2], -1)
		require.NotEmpty(t, named, "T%s", row[1])
		for _, name := range named {
			body, ok := tests[name[1]]
			require.True(t, ok, "T%s: there is no %s", row[1], name[1])
			if name[2] != "" {
				require.Equal(t, row[1], name[2], "of another rule")
				require.Contains(t, body, "\n\t\t{"+name[2]+`, "`, "%s has no subtest T%s", name[1], name[2])
			}
		}
	}
}

// testsHere returns the text of each test of the package, by name.
func testsHere(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	tests := map[string]string{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, part := range strings.Split(string(source), "\nfunc ")[1:] {
			name, _, _ := strings.Cut(part, "(")
			tests[name] = part
		}
	}
	return tests
}
