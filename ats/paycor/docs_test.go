package paycor_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryRuleHasALineAndATest holds the table of docs/vendors/paycor.md to the tests: each
// rule has a line, each line names tests, and each test that is named is there.
func TestEveryRuleHasALineAndATest(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/vendors/paycor.md")
	require.NoError(t, err)
	there := testsOfThisPackage(t)
	line := regexp.MustCompile(`(?m)^\| R(\d+) \| [^|]+ \| [^|]+ \| ([^|]+) \|$`)
	named := regexp.MustCompile("`(Test\\w+)(?:/(\\w+))?`")
	lines := line.FindAllStringSubmatch(string(page), -1)
	require.Len(t, lines, 38)
	for n, l := range lines {
		require.Equal(t, strconv.Itoa(n+1), l[1], "the rules are in order")
		tests := named.FindAllStringSubmatch(l[2], -1)
		require.NotEmpty(t, tests, "R%d has no test", n+1)
		for _, test := range tests {
			if test[2] != "" {
				require.Equal(t, "R"+l[1], test[2])
			}
		}
	}
	for _, test := range named.FindAllStringSubmatch(string(page), -1) {
		words, ok := there[test[1]]
		require.True(t, ok, "there is no %s", test[1])
		if test[2] != "" {
			require.Contains(t, words, test[2], "%s has no subtest %s", test[1], test[2])
		}
	}
}

// testsOfThisPackage returns the tests with the texts in their bodies.
func testsOfThisPackage(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	tests := map[string][]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(f.Name.Name, "Test") {
				continue
			}
			words := []string{}
			ast.Inspect(f, func(n ast.Node) bool {
				if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
					word, err := strconv.Unquote(text.Value)
					require.NoError(t, err)
					words = append(words, word)
				}
				return true
			})
			tests[f.Name.Name] = words
		}
	}
	require.NotEmpty(t, tests, fmt.Sprint(files))
	return tests
}
