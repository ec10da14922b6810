// Topechelon-host embeds the engine in a recruiting backend that shows pipelines as
// Top Echelon does: it knows who is signed in and who is in which pipeline, draws the
// cards, and keeps the column Interview Status. One of its two users has connected
// Spark Hire, the other has not. It runs offline; Spark Hire is a simulator.
//
//	go run ./examples/topechelon-host
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

// run returns the exit status: 0 when the story ended well, 1 when it did not, 2 for
// wrong usage.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("topechelon-host", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		_, _ = fmt.Fprintln(stderr, "usage: topechelon-host [-timeout 30s]")
		flags.PrintDefaults()
	}
	timeout := flags.Duration("timeout", 30*time.Second, "how long the story may take, such as 30s or 1m")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 || *timeout <= 0 {
		_, _ = fmt.Fprintln(stderr, "topechelon-host takes no arguments, and -timeout must be positive: go run ./examples/topechelon-host -timeout 30s")
		return 2
	}
	ctx, cancel := context.WithTimeout(context.Background(), *timeout)
	defer cancel()
	if err := play(ctx, stdout); err != nil {
		_, _ = fmt.Fprintln(stderr, "topechelon-host:", err)
		return 1
	}
	return 0
}
