package ats_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

// bare is an adapter without capabilities.
type bare struct{}

func (bare) Name() string                                              { return "bare" }
func (bare) Policy() ats.Policy                                        { return ats.Policy{} }
func (bare) Publish(context.Context, ats.Connection, ats.Report) error { return nil }

// jobsOnly has one.
type jobsOnly struct {
	bare
	ats.JobLister
}

func TestCapabilitiesAreTheMethodsOfAnAdapter(t *testing.T) {
	t.Parallel()
	require.Empty(t, ats.Capabilities(bare{}))
	require.Equal(t, []ats.Capability{ats.CanListJobs}, ats.Capabilities(jobsOnly{}))
	require.Equal(t, []ats.Capability{
		ats.CanReceive, ats.CanListJobs, ats.CanReadCandidates, ats.CanListCandidates, ats.CanCheckAccess,
		ats.CanResolveActors, ats.CanCheckRequests, ats.CanReconcile, ats.CanDecodeSettings,
		ats.CanTailorPolicy, ats.CanKeepGate, ats.CanAuthorize, ats.CanBeTried,
	}, ats.Capabilities(memory.New(memory.Options{})))
}

// An interface that nobody has, or that nobody asks for, is a lie in the
// documentation.
func TestEveryCapabilityIsAskedForAndHadBySomeAdapter(t *testing.T) {
	t.Parallel()
	declared := map[string]bool{}
	asked, had := map[string]bool{}, map[string]bool{}
	for name, file := range sources(t) {
		switch name {
		case "adapter.go":
			for _, iface := range interfaces(file) {
				declared[iface] = iface != "Adapter"
			}
		case "capability.go":
			ast.Inspect(file, func(n ast.Node) bool {
				if a, ok := n.(*ast.TypeAssertExpr); ok {
					asked[typeName(a.Type)] = true
				}
				return true
			})
		}
		for _, asserted := range assertions(file) {
			had[asserted] = true
		}
	}
	require.NotEmpty(t, declared)
	for iface, optional := range declared {
		require.Equal(t, optional, asked[iface], "Capabilities must ask for %s, unless everybody has it", iface)
		require.True(t, had[iface], "no adapter asserts ats.%s: var _ ats.%s = (*Adapter)(nil)", iface, iface)
	}
	for iface := range asked {
		require.True(t, declared[iface], "%s is no capability of adapter.go", iface)
	}
	require.Len(t, ats.Capabilities(memory.New(memory.Options{})), len(asked), "each is asked for once, and package memory has them all")
}

// sources parses the contract and the adapters beneath it, without tests.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		files[name] = file
		return err
	})
	require.NoError(t, err)
	return files
}

// interfaces returns the names of the interfaces that a file declares.
func interfaces(file *ast.File) []string {
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			if _, ok := spec.Type.(*ast.InterfaceType); ok {
				names = append(names, spec.Name.Name)
			}
		}
		return true
	})
	return names
}

// assertions returns the X of each "var _ ats.X = …".
func assertions(file *ast.File) []string {
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if ok && len(spec.Names) == 1 && spec.Names[0].Name == "_" && len(spec.Values) == 1 && typeName(spec.Type) != "" {
			names = append(names, typeName(spec.Type))
		}
		return true
	})
	return names
}

// typeName returns X of both X and ats.X.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if pkg, ok := e.X.(*ast.Ident); ok && pkg.Name == "ats" {
			return e.Sel.Name
		}
	}
	return ""
}
