package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge"
)

// checkCmd validates the configuration, which has happened when it runs.
type checkCmd struct {
	Online bool `help:"Also try every credential in the database, with the cheapest call that needs it. On SQLite the service must not run."`
}

// Run says that the configuration is right, and whether the credentials work.
func (c checkCmd) Run(ctx context.Context, env environment) (err error) {
	if len(env.adapters) == 0 {
		if err := env.say("no adapter is enabled: the service answers, and nobody can connect"); err != nil {
			return err
		}
	}
	if err := env.say("the configuration is right"); err != nil || !c.Online {
		return err
	}
	if file, ok := strings.CutPrefix(env.config.Database, "sqlite:"); ok {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return env.say("there is no database yet, so there are no credentials to try")
		}
	}
	b, closeStore, err := open(ctx, env)
	if err != nil {
		return stopFirst(err)
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	failed, tried := 0, 0
	for p, err := range b.Probes(ctx) {
		if err != nil {
			return err
		}
		tried++
		word := "works"
		switch {
		case errors.Is(p.Err, ats.ErrUnsupported):
			word = "cannot be tried"
		case p.Err != nil:
			failed++
			word = "FAILS: " + p.Err.Error()
		}
		if err := env.say("%s", plain(probed(p)+": "+word)); err != nil {
			return err
		}
	}
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted")
	case failed > 0:
		return fmt.Errorf("%d of %d credentials do not work", failed, tried)
	case tried == 0:
		return env.say("there is no connection yet, so there are no credentials to try")
	}
	return nil
}

// probed names what was tried.
func probed(p bridge.Probe) string {
	about := p.ConnectionID + " " + p.Tenant.Adapter + " "
	switch {
	case p.ATS:
		return about + "ATS"
	case p.UserID == "":
		return about + "Spark Hire organization key"
	}
	return about + "Spark Hire key of user " + p.UserID
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
