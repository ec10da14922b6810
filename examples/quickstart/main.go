// Quickstart plays the main job of Sparkbridge from end to end, offline: a
// recruiter moves a candidate in Teamtailor, Spark Hire invites the candidate
// once, the candidate completes the interview, and the result is on the card in
// Teamtailor. Everything speaks real HTTP; Teamtailor and Spark Hire are
// simulators.
//
//	go run ./examples/quickstart           # Spark Hire's API v1.0
//	go run ./examples/quickstart -api v2   # its API v2.0
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run returns the exit status: 0 when the story ended well, 1 when it did not, 2
// for wrong usage.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		_, _ = fmt.Fprintln(stderr, "usage: quickstart [-api v1] [-timeout 10s] [-log]")
		flags.PrintDefaults()
	}
	timeout := flags.Duration("timeout", 10*time.Second, "how long the story may take, such as 10s or 1m")
	version := flags.String("api", "v1", "which of Spark Hire's APIs the company uses, v1 or v2")
	verbose := flags.Bool("log", false, "print the engine's log to standard error")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 || *timeout <= 0 {
		_, _ = fmt.Fprintln(stderr, "quickstart takes no arguments, and -timeout must be positive: go run ./examples/quickstart -timeout 10s")
		return 2
	}
	if *version != "v1" && *version != "v2" {
		_, _ = fmt.Fprintln(stderr, "quickstart: -api must be v1 or v2")
		return 2
	}
	logTo := io.Discard
	if *verbose {
		logTo = stderr
	}
	ctx, cancel := context.WithTimeout(context.Background(), *timeout)
	defer cancel()
	if err := play(ctx, &timeline{out: stdout, start: time.Now()}, *version, logTo); err != nil {
		_, _ = fmt.Fprintln(stderr, "quickstart:", err)
		return 1
	}
	return 0
}

// timeline prints who did what, at which moment.
type timeline struct {
	out   io.Writer
	start time.Time
}

func (t *timeline) say(who, format string, args ...any) {
	_, _ = fmt.Fprintf(t.out, "%.3fs  %-11s %s\n", time.Since(t.start).Seconds(), who, fmt.Sprintf(format, args...))
}

func (t *timeline) plain(text string) {
	_, _ = fmt.Fprintln(t.out, text)
}
