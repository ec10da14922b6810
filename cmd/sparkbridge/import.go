package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/bulkfile"
	"github.com/sparkbridge/sparkbridge/internal/client"
)

const (
	// chunkLines and chunkBytes bound what is sent in one call, and therefore what
	// is kept until it has been answered.
	chunkLines = 1000
	chunkBytes = 1 << 20
)

// importCmd asks for many interviews.
type importCmd struct {
	clientFlags

	File       string        `arg:"" help:"FILE.csv, FILE.ndjson, or - for the standard input."`
	Connection string        `help:"Id of the connection; may be left out where there is only one." placeholder:"ID"`
	Format     string        `help:"csv or ndjson, where the file's name does not tell; the standard input is told by its first character." enum:",csv,ndjson" default:"" placeholder:"FORMAT"`
	Patience   time.Duration `help:"How long the service may be out of reach before the import is given up." default:"5m"`
}

// Help says how files are written.
func (importCmd) Help() string {
	return "The first line of a CSV file names the columns: " + strings.Join(bulkfile.Columns(), ", ") + `.

A row without a key gets one that is made of its values: the same file may be
imported again, also after an interruption, and nobody is invited twice. Equal
rows are therefore one request. With --json there is one line of JSON for every
line of the file.`
}

// Run imports a file.
func (i importCmd) Run(ctx context.Context, t terminal) (err error) {
	format, known, err := i.format()
	if err != nil {
		return err
	}
	in, size, err := t.input(i.File)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	text := io.Reader(in)
	if !known {
		format, text = bulkfile.Guess(in)
	}
	reader, err := bulkfile.NewReader(text, format)
	if err != nil {
		return &usageError{fmt.Errorf("%s: %w", i.File, err)}
	}
	c, err := i.open(t)
	if err != nil {
		return err
	}
	defer c.Close()
	connection, err := onlyConnection(ctx, c, i.Connection)
	if err != nil {
		return err
	}
	run := &importRun{t: t, json: i.JSON, reader: reader, progress: newProgress(t.stderr, size)}
	err = run.all(ctx, c, connection, i.Patience)
	run.progress.end(err == nil)
	return run.summary(i.File, err)
}

// format tells how the file is written by the flag or by its name. The standard input
// has none: it is known when the first of it has been read.
func (i importCmd) format() (f bulkfile.Format, known bool, err error) {
	name := strings.ToLower(i.File)
	switch {
	case i.Format == "csv", i.Format == "" && strings.HasSuffix(name, ".csv"):
		return bulkfile.CSV, true, nil
	case i.Format == "ndjson", i.Format == "" && (strings.HasSuffix(name, ".ndjson") || strings.HasSuffix(name, ".jsonl")):
		return bulkfile.NDJSON, true, nil
	case name == "-":
		return 0, false, nil
	}
	return 0, false, &usageError{errors.New("say with --format whether this is csv or ndjson")}
}

// input opens a file, or the standard input for "-", whose size is not known.
func (t terminal) input(file string) (io.ReadCloser, int64, error) {
	if file == "-" {
		return io.NopCloser(t.stdin), 0, nil
	}
	f, err := os.Open(file) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, 0, &usageError{err}
	}
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return nil, 0, errors.Join(&usageError{fmt.Errorf("%s is no file", file)}, f.Close())
	}
	return f, info.Size(), nil
}

// importRun is one run through a file.
type importRun struct {
	t        terminal
	json     bool
	reader   *bulkfile.Reader
	progress *progress

	chunk    []bulkfile.Request
	accepted int
	refused  int // by the service
	bad      int // lines that are no requests
	last     int // the last line that was dealt with
}

// all sends the whole file, a chunk at a time.
func (r *importRun) all(ctx context.Context, c *client.Client, connection string, patience time.Duration) error {
	for {
		bytes, ended := 0, false
		r.chunk = r.chunk[:0]
		for len(r.chunk) < chunkLines && bytes < chunkBytes {
			req, err := r.reader.Next()
			if errors.Is(err, io.EOF) {
				ended = true
				break
			}
			if bad, ok := errors.AsType[*bulkfile.LineError](err); ok {
				r.bad++
				r.complain(bad.Line, "", "unreadable_line", bad.Problem, bad.Column)
				continue
			}
			if err != nil {
				return fmt.Errorf("read the file: %w", err)
			}
			r.chunk = append(r.chunk, req)
			bytes += len(req.JSON)
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		if err := r.send(ctx, c, connection, patience); err != nil || ended {
			return err
		}
	}
}

func (r *importRun) send(ctx context.Context, c *client.Client, connection string, patience time.Duration) error {
	if len(r.chunk) == 0 {
		return nil
	}
	lines := make([][]byte, len(r.chunk))
	for n, req := range r.chunk {
		lines[n] = req.JSON
	}
	return c.Import(ctx, connection, lines, client.Patience{For: patience, Waiting: func(err error, pause time.Duration) {
		r.progress.say(fmt.Sprintf("%v; trying again in %s", err, pause.Round(time.Millisecond)))
	}}, func(n int, a client.BulkAnswer) {
		req := r.chunk[n]
		r.last = max(r.last, req.Line)
		if a.Error == nil {
			r.accepted++
			if r.json {
				r.print(importLine{Line: req.Line, Key: req.Key, InterviewID: a.InterviewID, State: a.State})
			}
		} else {
			r.refused++
			r.complain(req.Line, req.Key, a.Error.Code, a.Error.Detail, bulkfile.ColumnOf(a.Error.Field))
		}
		r.progress.at(r.reader.Read(), r.accepted, r.refused+r.bad)
	})
}

// importLine is what --json prints of a line of the file.
type importLine struct {
	Line        int          `json:"line"`
	Key         string       `json:"key,omitempty"`
	InterviewID string       `json:"interview_id,omitempty"`
	State       string       `json:"state,omitempty"`
	Error       *importError `json:"error,omitempty"`
}

type importError struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Column string `json:"column,omitempty"`
}

// complain prints one line about one line.
func (r *importRun) complain(line int, key, code, detail, column string) {
	if r.json {
		r.print(importLine{Line: line, Key: key, Error: &importError{code, detail, column}})
		return
	}
	text := fmt.Sprintf("line %d", line)
	if key != "" {
		text += ", key " + key
	}
	text += ": " + code + ": " + detail
	if column != "" {
		text += " (column " + column + ")"
	}
	r.progress.print(r.t.stdout, plain(text))
}

func (r *importRun) print(l importLine) {
	text, err := marshalLine(l)
	if err == nil {
		r.progress.print(r.t.stdout, text)
	}
}

// summary says how it went. The error is nil when every line was accepted.
func (r *importRun) summary(file string, err error) error {
	if !r.json || err != nil {
		_, _ = fmt.Fprintf(r.t.stderr, "%d accepted, %d refused, %d unreadable\n", r.accepted, r.refused, r.bad)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("interrupted after line %d of %s; import it again to go on: nobody is invited twice", r.last, file)
	case err != nil:
		return fmt.Errorf("stopped after line %d of %s; import it again to go on, nobody is invited twice: %w", r.last, file, err)
	case r.refused+r.bad > 0:
		return fmt.Errorf("%d lines were not accepted", r.refused+r.bad)
	}
	return nil
}
