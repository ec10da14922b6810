package main

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
)

// checkCmd validates the configuration, which has happened when it runs.
type checkCmd struct{}

// Run says that the configuration is right.
func (checkCmd) Run(_ context.Context, env environment) error {
	_, err := fmt.Fprintln(env.stdout, "the configuration is right")
	return err
}

// versionCmd prints the version.
type versionCmd struct{}

func (versionCmd) print(w io.Writer) int {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	_, _ = fmt.Fprintln(w, "sparkbridge", version)
	return exitDone
}
