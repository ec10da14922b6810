package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sparkbridge/sparkbridge/internal/config"
	"github.com/sparkbridge/sparkbridge/internal/telemetry"
)

// demoToken opens the API of the demonstration, on this machine only.
const demoToken = "demo" // no secret: it is printed

// demoCmd plays the service's work offline.
type demoCmd struct {
	Stay    bool          `help:"Go on serving afterwards, until Ctrl-C."`
	Timeout time.Duration `help:"How long the stories may take." default:"60s"`
	Verbose bool          `help:"Print the service's log to standard error."`
}

// Run plays one interview for each ATS, with the service on a temporary database.
func (d demoCmd) Run(ctx context.Context, t terminal) (err error) {
	dir, err := os.MkdirTemp("", "sparkbridge-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	// The vendors know where the service is before it runs, as they do in life.
	listener, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // serve does, if it gets that far
	vendors, err := newSimulators(ctx, 0, "http://"+listener.Addr().String(), demoToken)
	if err != nil {
		return err
	}
	defer vendors.close()
	c := config.Default()
	vendors.configure(&c)
	c.Database, c.KeyFile = "sqlite:"+filepath.Join(dir, "demo.db"), filepath.Join(dir, "demo.key")
	c.APITokens = []config.Secret{demoToken}
	env, err := d.environment(ctx, t, c)
	if err != nil {
		return err
	}

	serving, stop := context.WithCancel(ctx)
	defer stop()
	work, serving := errgroup.WithContext(serving)
	address := make(chan string, 1)
	work.Go(func() error {
		defer stop() // so that nobody waits for a service that has ended
		return serve(serving, env, listener, func(at string) { address <- at })
	})
	work.Go(func() error {
		defer stop()
		select {
		case at := <-address:
			return d.play(serving, t, vendors, at)
		case <-serving.Done():
			return nil
		}
	})
	err = work.Wait()
	if ctx.Err() != nil && !d.Stay {
		return errors.New("interrupted")
	}
	return err
}

func (d demoCmd) play(ctx context.Context, t terminal, vendors *simulators, service string) error {
	_, _ = fmt.Fprintf(t.stdout, "Simulators of the vendors, and the service at %s. Every person is invented.\n", service)
	limited, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	if err := vendors.play(limited, service, t.stdout); err != nil {
		return err
	}
	if !d.Stay {
		return nil
	}
	_, _ = fmt.Fprintf(t.stdout, "\nThe service stays. Open %s/console and sign in with the token %q, or try in another terminal:\n  sparkbridge connections list --url=%s --token=%s\nand \"interviews list\" with --connection=ID; Ctrl-C ends it.\n", service, demoToken, service, demoToken)
	<-ctx.Done()
	return nil
}

// environment is that of the service in the demonstration.
func (d demoCmd) environment(ctx context.Context, t terminal, c config.Config) (environment, error) {
	logTo := io.Discard
	if d.Verbose {
		logTo = t.stderr
	}
	log := slog.New(telemetry.Log(c.Log.Logger(logTo).Handler()))
	observed, err := telemetry.New(ctx, telemetry.Config{Getenv: t.getenv, Version: version(), Logger: log})
	if err != nil {
		return environment{}, &usageError{err}
	}
	all, err := adapters(c, log, observed.Client)
	if err != nil {
		return environment{}, err
	}
	return environment{config: c, adapters: all, telemetry: observed, log: log, stdout: t.stdout, signals: t.signals}, nil
}
