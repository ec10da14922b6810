package main

import (
	"context"
	"fmt"
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

// Run prints the version.
func (versionCmd) Run(t terminal) error {
	_, err := fmt.Fprintln(t.stdout, "sparkbridge", version())
	return err
}

// release is the version that the build was given, by
// -ldflags "-X main.release=v1.2.3".
var release string //nolint:gochecknoglobals // the linker sets it

// version returns the release, or what the go command knows of the source.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}
