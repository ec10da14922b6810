// Paycor-host is a small recruiting product that embeds Sparkbridge the way Paycor
// Recruiting works: the product says who is signed in and who may see a candidate,
// and owns the candidate's newsfeed and the Video Interview tab; the engine keeps the
// rules, talks to Spark Hire and tells the product what to show. A recruiter links a
// job, requests an interview, cancels it, requests another, and the hiring team views
// the recording. It runs offline.
//
//	go run ./examples/paycor-host
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
	flags := flag.NewFlagSet("paycor-host", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		_, _ = fmt.Fprintln(stderr, "usage: paycor-host [-timeout 10s]")
		flags.PrintDefaults()
	}
	timeout := flags.Duration("timeout", 10*time.Second, "how long the story may take, such as 10s or 1m")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 || *timeout <= 0 {
		_, _ = fmt.Fprintln(stderr, "paycor-host takes no arguments, and -timeout must be positive: go run ./examples/paycor-host -timeout 10s")
		return 2
	}
	ctx, cancel := context.WithTimeout(context.Background(), *timeout)
	defer cancel()
	if err := play(ctx, stdout); err != nil {
		_, _ = fmt.Fprintln(stderr, "paycor-host:", err)
		return 1
	}
	return 0
}
