package repocheck

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A block is a fenced block of a Markdown file.
type block struct {
	line     int    // of the opening fence, from 1
	language string // "go"
	source   string // what its marker names, "examples/client/main.go#invite"; "" without a marker
	text     string
}

// marker is the comment on the line before a block that says where its text comes from.
var marker = regexp.MustCompile(`^ {0,3}<!-- snippet: (\S+) -->\s*$`)

// fenceLine opens or closes a block. Deeper than three spaces it is text.
var fenceLine = regexp.MustCompile("^ {0,3}```(.*)$")

// blocks lists the fenced blocks of a Markdown file.
func blocks(markdown string) []block {
	var found []block
	var open *block
	source := ""
	for number, line := range strings.Split(markdown, "\n") {
		fence := fenceLine.FindStringSubmatch(line)
		switch {
		case open != nil && fence != nil:
			found, open = append(found, *open), nil
		case open != nil:
			open.text += line + "\n"
		case fence != nil:
			open = &block{line: number + 1, language: strings.TrimSpace(fence[1]), source: source}
		}
		if m := marker.FindStringSubmatch(line); m != nil {
			source = m[1]
		} else if strings.TrimSpace(line) != "" {
			source = ""
		}
	}
	return found
}

// holds reports whether the lines of part follow each other in whole, however deep they are indented there.
func holds(whole, part string) bool {
	all, want := strings.Split(whole, "\n"), dedent(strings.Split(strings.Trim(part, "\n"), "\n"))
	if strings.TrimSpace(part) == "" {
		return false
	}
	for start := range len(all) - len(want) + 1 {
		if strings.Join(dedent(all[start:start+len(want)]), "\n") == strings.Join(want, "\n") {
			return true
		}
	}
	return false
}

// dedent takes from each line the white space that all lines begin with.
func dedent(lines []string) []string {
	indent, first := "", true
	for _, line := range lines {
		own := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		switch {
		case own == line: // an empty line
		case first:
			indent, first = own, false
		default:
			for !strings.HasPrefix(own, indent) {
				indent = indent[:len(indent)-1]
			}
		}
	}
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.TrimSpace(line)
		if out[i] != "" {
			out[i] = strings.TrimRight(strings.TrimPrefix(line, indent), " \t")
		}
	}
	return out
}

// declaration returns the source of a file's top-level function, method or type with its comment. A method is named
// "Type.Method".
func declaration(name, content string) (string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	for _, d := range file.Decls {
		var names []string
		var comment *ast.CommentGroup
		switch d := d.(type) {
		case *ast.FuncDecl:
			comment = d.Doc
			own := d.Name.Name
			if d.Recv != nil {
				start, end := files.Position(d.Recv.List[0].Type.Pos()).Offset, files.Position(d.Recv.List[0].Type.End()).Offset
				own = strings.TrimPrefix(content[start:end], "*") + "." + own
			}
			names = []string{own}
		case *ast.GenDecl:
			comment = d.Doc
			for _, spec := range d.Specs {
				if spec, ok := spec.(*ast.TypeSpec); ok {
					names = append(names, spec.Name.Name)
				}
			}
		}
		if !slices.Contains(names, name) {
			continue
		}
		start := d.Pos()
		if comment != nil {
			start = comment.Pos()
		}
		return content[files.Position(start).Offset:files.Position(d.End()).Offset], nil
	}
	return "", fmt.Errorf("no function, method or type %q", name)
}

// TestMarkdown holds what README.md and the documents show against the code. A block with a marker must stand in the
// file that the marker names. A block of Go without one must be a whole program; that rule is for the README alone.
func TestMarkdown(t *testing.T) {
	t.Parallel()
	files := readTree(t)
	require.NotEmpty(t, files["README.md"], "README.md")
	for name, content := range files {
		if path.Ext(name) != ".md" {
			continue
		}
		for _, b := range blocks(content) {
			at := fmt.Sprintf("%s:%d", name, b.line)
			switch {
			case b.source != "":
				assert.NoError(t, checkSnippet(b, files), at)
			case b.language == "go" && name == "README.md":
				assert.NoError(t, checkProgram(b, t.TempDir()), at)
			}
		}
	}
}

// checkSnippet looks for a block in the file that its marker names.
func checkSnippet(b block, files map[string]string) error {
	name, within, narrow := strings.Cut(b.source, "#")
	text, known := files[name]
	if !known {
		return fmt.Errorf("there is no file %s", name)
	}
	if narrow {
		var err error
		if text, err = declaration(within, text); err != nil {
			return fmt.Errorf("look into %s: %w", name, err)
		}
	}
	if !holds(text, b.text) {
		return fmt.Errorf("these lines do not stand in %s:\n%s", b.source, b.text)
	}
	return nil
}

// checkProgram compiles a block as a program.
func checkProgram(b block, folder string) error {
	file := filepath.Join(folder, "main.go")
	if !strings.Contains(b.text, "package main\n") {
		return fmt.Errorf("neither a whole program nor marked with the file that it comes from:\n%s", b.text)
	}
	if err := os.WriteFile(file, []byte(b.text), 0o600); err != nil {
		return err
	}
	_, err := run("go", "vet", file)
	return err
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	got := blocks(strings.ReplaceAll(`text
'''sh
make
'''
<!-- snippet: a.go#F -->

'''go
x := 1

y := 2
'''
<!-- snippet: b.go -->
A sentence between them takes the marker away.
'''go
'''

    <!-- snippet: shown.go -->
    '''go
    '''
`, "'''", "```"))
	assert.Equal(t, []block{
		{line: 2, language: "sh", text: "make\n"},
		{line: 7, language: "go", source: "a.go#F", text: "x := 1\n\ny := 2\n"},
		{line: 14, language: "go"},
	}, got)
}

func TestCheckSnippet(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"a.go": `package a

// T is a type.
type T struct{}

// F does it.
func F() {
	if true {
		one()

		two()
	}
}

func (t *T) M() { three() }
`,
		"output.txt": "first\nsecond\nthird\n",
	}
	for _, c := range []struct{ title, source, text, wrong string }{
		{"some lines, less deep", "a.go#F", "one()\n\ntwo()\n", ""},
		{"a whole function", "a.go#F", "// F does it.\nfunc F() {\n\tif true {\n\t\tone()\n\n\t\ttwo()\n\t}\n}\n", ""},
		{"a type", "a.go#T", "type T struct{}\n", ""},
		{"a method", "a.go#T.M", "func (t *T) M() { three() }\n", ""},
		{"anywhere in the file", "a.go", "if true {\n\tone()\n", ""},
		{"any text file", "output.txt", "second\nthird\n", ""},
		{"other code", "a.go#F", "four()\n", "do not stand in a.go#F"},
		{"a line left out", "a.go#F", "one()\ntwo()\n", "do not stand in a.go#F"},
		{"part of a line", "a.go#F", "one(\n", "do not stand in a.go#F"},
		{"another depth inside", "a.go", "if true {\none()\n", "do not stand in a.go"},
		{"nothing at all", "a.go", "", "do not stand in a.go"},
		{"another function's line", "a.go#F", "func (t *T) M() { three() }\n", "do not stand in a.go#F"},
		{"a function that is gone", "a.go#G", "one()\n", `no function, method or type "G"`},
		{"a file that is gone", "b.go", "one()\n", "there is no file b.go"},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			err := checkSnippet(block{source: c.source, text: c.text}, files)
			if c.wrong == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.wrong)
			}
		})
	}
}

func TestCheckProgram(t *testing.T) {
	t.Parallel()
	require.NoError(t, checkProgram(block{text: "package main\n\nfunc main() {}\n"}, t.TempDir()))
	require.ErrorContains(t, checkProgram(block{text: "package main\n\nfunc main() { missing() }\n"}, t.TempDir()), "undefined: missing")
	require.ErrorContains(t, checkProgram(block{text: "x := 1\n"}, t.TempDir()), "neither a whole program")
}
