package repocheck

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// examplesOf lists the Example functions in a package's test files.
func examplesOf(t *testing.T, p goPackage, files map[string]string) []*doc.Example {
	t.Helper()
	var parsed []*ast.File
	for _, name := range slices.Concat(p.TestGoFiles, p.XTestGoFiles) {
		name = p.path() + "/" + name
		file, err := parser.ParseFile(token.NewFileSet(), name, files[name], parser.ParseComments)
		require.NoError(t, err)
		parsed = append(parsed, file)
	}
	return doc.Examples(parsed...)
}

// hasOutput reports whether go test runs the example rather than only compiling it.
func hasOutput(e *doc.Example) bool { return e.Output != "" || e.EmptyOutput }
