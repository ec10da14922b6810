package repocheck

import (
	"bufio"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const dependenciesFile = "docs/dependencies.txt"

// A reach says from where a module may be imported, directly or not. Each includes the ones before it.
type reach int

const (
	reachNothing reach = iota // the standard library only
	reachClient               // sparkhire and internal/httpx
	reachAdapter              // ats/<vendor>
	reachEngine               // bridge
	reachBinary               // cmd and examples
	reachTests                // test files and conformance suites
)

var reaches = map[string]reach{
	"client": reachClient, "adapter": reachAdapter, "engine": reachEngine, "binary": reachBinary, "tests": reachTests,
}

// reachOf says what a package of this module may reach. Whoever imports only a light one compiles no database driver,
// no queue and no command line.
func reachOf(path string) reach {
	switch {
	case path == "ats/atstest", path == "bridge/store/storetest":
		return reachTests
	case path == "ats", path == "ats/memory", path == "internal/oauth", isSimulator(path):
		return reachNothing
	case under(path, "sparkhire"), under(path, "internal/httpx"):
		return reachClient
	case under(path, "ats"):
		return reachAdapter
	case under(path, "bridge"):
		return reachEngine
	default:
		return reachBinary
	}
}

// isSimulator reports whether a package is a vendor's simulator: sparkhire/sparkhiretest, ats/paycor/paycortest.
func isSimulator(path string) bool {
	segments := strings.Split(path, "/")
	last := len(segments) - 1
	return last > 0 && segments[last] == segments[last-1]+"test" && segments[last-1] != "ats" && segments[last-1] != "store"
}

func under(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

// parseDependencies reads lines of "module reach reason".
func parseDependencies(content string) (map[string]reach, error) {
	listed := map[string]reach{}
	lines := bufio.NewScanner(strings.NewReader(content))
	for number := 1; lines.Scan(); number++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) < 3 {
			return nil, fmt.Errorf("line %d: want module, reach and reason", number)
		}
		name, allowed := fields[0], reaches[fields[1]]
		if allowed == reachNothing {
			return nil, fmt.Errorf("line %d: unknown reach %q", number, fields[1])
		}
		if _, twice := listed[name]; twice {
			return nil, fmt.Errorf("line %d: %s is listed twice", number, name)
		}
		listed[name] = allowed
	}
	return listed, lines.Err()
}

// tooFar lists the modules among reached that a package with this reach must not depend on. Light packages may reach
// only what is listed; for the others an unlisted module came with a listed one.
func tooFar(allowed reach, reached []string, listed map[string]reach) []string {
	return slices.DeleteFunc(slices.Clone(reached), func(name string) bool {
		needs, known := listed[name]
		if !known {
			return allowed > reachAdapter
		}
		return needs <= allowed
	})
}

func readDependencies(t *testing.T) map[string]reach {
	t.Helper()
	listed, err := parseDependencies(readTree(t)[dependenciesFile])
	require.NoError(t, err, dependenciesFile)
	require.NotEmpty(t, listed, dependenciesFile)
	return listed
}

func TestDirectDependenciesAreListed(t *testing.T) {
	t.Parallel()
	out, err := run("go", "mod", "edit", "-json")
	require.NoError(t, err)
	var mod struct {
		Require []struct {
			Path     string `json:"Path"`
			Indirect bool   `json:"Indirect"`
		} `json:"Require"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &mod))
	require.NotEmpty(t, mod.Require)

	stale := readDependencies(t)
	for _, r := range mod.Require {
		_, known := stale[r.Path]
		assert.True(t, known || r.Indirect, "%s is not in %s: add it with its reason, and record the decision", r.Path, dependenciesFile)
		delete(stale, r.Path)
	}
	assert.Empty(t, stale, "in %s and no longer in go.mod", dependenciesFile)
}

func TestPackagesReachOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	all, listed := listPackages(t), readDependencies(t)
	for _, p := range ourPackages(t) {
		var reached []string
		for _, dep := range p.Deps {
			if m := all[dep].Module; m != nil && m.Path != module && !slices.Contains(reached, m.Path) {
				reached = append(reached, m.Path)
			}
		}
		assert.Empty(t, tooFar(reachOf(p.path()), reached, listed), "%s reaches what it must not", p.ImportPath)
	}
}

// Imports between our own packages are depguard's, except for this one: it is the promise made to users.
func TestContractAndSimulatorsStandAlone(t *testing.T) {
	t.Parallel()
	all := listPackages(t)
	for _, p := range ourPackages(t) {
		if p.path() != "ats" && !isSimulator(p.path()) {
			continue
		}
		for _, dep := range p.Deps {
			assert.True(t, all[dep].Standard, "%s reaches %s: only the standard library is allowed", p.ImportPath, dep)
			assert.NotEqual(t, "testing", dep, "%s works outside tests", p.ImportPath)
		}
	}
}

func TestReachOf(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]reach{
		"ats":                           reachNothing,
		"ats/atstest":                   reachTests,
		"ats/memory":                    reachNothing,
		"ats/paycor":                    reachAdapter,
		"ats/paycor/internal/api":       reachAdapter,
		"ats/paycor/paycortest":         reachNothing,
		"bridge":                        reachEngine,
		"bridge/store/sqlite":           reachEngine,
		"bridge/store/storetest":        reachTests,
		"cmd/sparkbridge":               reachBinary,
		"examples/quickstart":           reachBinary,
		"internal/httpx":                reachClient,
		"sparkhire":                     reachClient,
		"sparkhire/meet":                reachClient,
		"sparkhire/sparkhiretest":       reachNothing,
		"internal/repocheck/testreport": reachBinary,
	} {
		assert.Equal(t, want, reachOf(path), path)
	}
}

func TestTooFar(t *testing.T) {
	t.Parallel()
	listed := map[string]reach{"uuid": reachClient, "jwt": reachAdapter, "sqlite": reachEngine, "kong": reachBinary, "testify": reachTests}
	reached := []string{"uuid", "jwt", "sqlite", "kong", "testify", "unlisted"}
	for allowed, want := range map[reach][]string{
		reachNothing: {"uuid", "jwt", "sqlite", "kong", "testify", "unlisted"},
		reachClient:  {"jwt", "sqlite", "kong", "testify", "unlisted"},
		reachAdapter: {"sqlite", "kong", "testify", "unlisted"},
		reachEngine:  {"kong", "testify"},
		reachBinary:  {"testify"},
		reachTests:   {},
	} {
		assert.Equal(t, want, tooFar(allowed, reached, listed))
	}
}

func TestParseDependencies(t *testing.T) {
	t.Parallel()
	got, err := parseDependencies("# a comment\n\nexample.com/a client  makes ids\nexample.com/b tests compares\n")
	require.NoError(t, err)
	assert.Equal(t, map[string]reach{"example.com/a": reachClient, "example.com/b": reachTests}, got)

	for content, want := range map[string]string{
		"example.com/a client":                              "line 1: want module, reach and reason",
		"#\nexample.com/a friend because":                   `line 2: unknown reach "friend"`,
		"example.com/a tests why\nexample.com/a client why": "line 2: example.com/a is listed twice",
	} {
		_, err := parseDependencies(content)
		require.EqualError(t, err, want)
	}
}
