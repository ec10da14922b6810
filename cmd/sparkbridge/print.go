package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
	"golang.org/x/term"
)

// width returns how wide a stream is in characters; ok is false where it is no
// terminal.
func width(stream any) (columns int, ok bool) {
	f, isFile := stream.(interface{ Fd() uintptr })
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	return columns, err == nil
}

// printRows prints a table: with lines around it on a terminal, as aligned words
// elsewhere, where empty cells are a dash.
func printRows(w io.Writer, header []string, rows [][]string) error {
	for _, row := range rows {
		for n := range row {
			row[n] = plain(row[n])
		}
	}
	columns, ok := width(w)
	if !ok {
		return printAligned(w, header, rows)
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.SetAllowedRowLength(columns)
	t.AppendHeader(cells(header))
	for _, row := range rows {
		t.AppendRow(cells(row))
	}
	_, err := fmt.Fprintln(w, t.Render())
	return err
}

func cells(row []string) table.Row {
	out := make(table.Row, len(row))
	for n, c := range row {
		out[n] = c
	}
	return out
}

func printAligned(w io.Writer, header []string, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, row := range append([][]string{header}, rows...) {
		for n, c := range row {
			if c == "" {
				row[n] = "-"
			}
		}
		if _, err := fmt.Fprintln(t, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return t.Flush()
}

// printPairs prints names and values, leaving out empty values.
func printPairs(w io.Writer, pairs ...string) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for n := 0; n+1 < len(pairs); n += 2 {
		if pairs[n+1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(t, "%s\t%s\n", pairs[n], plain(pairs[n+1])); err != nil {
			return err
		}
	}
	return t.Flush()
}

// plain keeps names that somebody else wrote from steering the terminal or
// turning its text around.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// printJSON prints an object of the service, indented.
func printJSON(w io.Writer, text json.RawMessage) error {
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	_, err := fmt.Fprintln(w, b.String())
	return err
}

// printCompact prints an object of the service without a line end, after before.
func printCompact(w io.Writer, before string, text json.RawMessage) error {
	b := bytes.NewBufferString(before)
	if err := json.Compact(b, text); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func decode[T any](text json.RawMessage) (T, error) {
	var v T
	if err := json.Unmarshal(text, &v); err != nil {
		return v, fmt.Errorf("read the answer: %w", err)
	}
	return v, nil
}

// moment writes a time for people.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}
