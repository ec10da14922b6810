// Command testreport reads what `go test -json` prints and reports it for people and for CI:
//
//	go test -json ./... | go run ./internal/repocheck/testreport
//
// It prints one line per package, the output of every test that failed, and the number of tests. It fails if a test
// or a build failed, and also if a test was skipped or none ran: a suite that did not run must not look like success.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	ok, err := report(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// event is one line of the stream; see `go doc test2json`.
type event struct {
	Action  string  `json:"Action"`
	Package string  `json:"Package"`
	Test    string  `json:"Test"`    // "" where the event is about the package
	Elapsed float64 `json:"Elapsed"` // seconds
	Output  string  `json:"Output"`
}

// report copies what matters of the stream to w. It returns false if CI must fail, and an error if the stream cannot
// be read.
func report(r io.Reader, w io.Writer) (bool, error) {
	s := summary{w: w, output: map[string]*strings.Builder{}}
	for lines := bufio.NewReader(r); ; {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			s.add(line)
		}
		if errors.Is(err, io.EOF) {
			return s.end(), nil
		}
		if err != nil {
			return false, fmt.Errorf("read events: %w", err)
		}
	}
}

// summary counts tests, subtests, examples and fuzz targets, each once.
type summary struct {
	w                        io.Writer
	output                   map[string]*strings.Builder // by package and test, until its verdict is known
	packages, passed, failed int
	skipped                  []string
	broken                   bool // something failed that is not a test: a build, TestMain
}

// add takes one line of the stream into account. What is not an event is printed as it is.
func (s *summary) add(line []byte) {
	var e event
	if json.Unmarshal(line, &e) != nil {
		s.print(string(line))
		return
	}
	key := e.Package + " " + e.Test
	output := s.output[key]
	if output == nil {
		output = new(strings.Builder)
		s.output[key] = output
	}
	switch e.Action {
	case "build-output":
		s.print(e.Output)
	case "build-fail":
		s.broken = true
	case "output":
		output.WriteString(e.Output)
	case "pass", "fail", "skip":
		delete(s.output, key)
		if e.Test == "" {
			s.endPackage(e, output.String())
		} else {
			s.endTest(e, output.String())
		}
	}
}

func (s *summary) endTest(e event, output string) {
	switch e.Action {
	case "pass":
		s.passed++
		return
	case "fail":
		s.failed++
	case "skip":
		s.skipped = append(s.skipped, e.Package+" "+e.Test)
	}
	s.print(output)
}

// endPackage prints the package's line. A package without tests is skipped by go test itself and not worth a line.
func (s *summary) endPackage(e event, output string) {
	if e.Action == "skip" {
		return
	}
	s.packages++
	if e.Action == "fail" {
		s.broken = true
		s.print(output)
	}
	s.print(fmt.Sprintf("%s  %s  %.2fs\n", e.Action, e.Package, e.Elapsed))
}

// end prints the last lines and reports whether CI may go on.
func (s *summary) end() bool {
	s.print(fmt.Sprintf("%d packages: %d tests passed, %d failed, %d skipped\n", s.packages, s.passed, s.failed, len(s.skipped)))
	slices.Sort(s.skipped)
	for _, name := range s.skipped {
		s.print("skipped, which counts as failed: " + name + "\n")
	}
	return s.passed > 0 && s.failed == 0 && len(s.skipped) == 0 && !s.broken
}

// print gives up on what cannot be written: the exit status says what matters.
func (s *summary) print(text string) { _, _ = io.WriteString(s.w, text) }
