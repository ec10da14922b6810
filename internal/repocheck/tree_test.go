package repocheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/sparkbridge/sparkbridge"

// root is the repository, seen from the folder in which go test runs this package.
const root = "../.."

// goPackage is what `go list -json` tells about a package of this module or one that it reaches.
type goPackage struct {
	ImportPath   string    `json:"ImportPath"`
	Name         string    `json:"Name"`
	Standard     bool      `json:"Standard"`
	Module       *goModule `json:"Module"` // nil for the standard library
	TestGoFiles  []string  `json:"TestGoFiles"`
	XTestGoFiles []string  `json:"XTestGoFiles"`
	Deps         []string  `json:"Deps"` // everything it reaches, without its tests
}

type goModule struct {
	Path string `json:"Path"`
}

// path is the package's folder relative to the repository, "" at its root.
func (p goPackage) path() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

// ours reports whether the package belongs to this module.
func (p goPackage) ours() bool { return p.Module != nil && p.Module.Path == module }

// tree reads every file of the repository, keyed by its slash-separated path. Reading them all in this process, rather
// than only in the commands that the tests start, is what tells go test that a cached result is out of date.
var tree = sync.OnceValues(func() (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // an editor's or another test's temporary file
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		files[filepath.ToSlash(name)] = string(content)
		return err
	})
	return files, err
})

// packages lists the packages of this module and everything that they reach without their tests, by import path.
var packages = sync.OnceValues(func() (map[string]goPackage, error) {
	out, err := run("go", "list", "-deps",
		"-json=ImportPath,Name,Standard,Module,TestGoFiles,XTestGoFiles,Deps", "./...")
	if err != nil {
		return nil, err
	}
	list := map[string]goPackage{}
	for decoder := json.NewDecoder(strings.NewReader(out)); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, fmt.Errorf("read the answer of go list: %w", err)
		}
		list[p.ImportPath] = p
	}
})

// run starts a program at the root of the repository and returns its standard output.
func run(name string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("run %s: %w\n%s", cmd, err, stderr.String())
	}
	return stdout.String(), nil
}

func readTree(t *testing.T) map[string]string {
	t.Helper()
	files, err := tree()
	require.NoError(t, err)
	return files
}

func listPackages(t *testing.T) map[string]goPackage {
	t.Helper()
	readTree(t)
	list, err := packages()
	require.NoError(t, err)
	return list
}

// ourPackages lists the packages of this module.
func ourPackages(t *testing.T) []goPackage {
	t.Helper()
	var ours []goPackage
	for _, p := range listPackages(t) {
		if p.ours() {
			ours = append(ours, p)
		}
	}
	require.NotEmpty(t, ours)
	return ours
}
