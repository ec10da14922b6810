package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
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
	vendors, err := newSimulators(ctx, 0)
	if err != nil {
		return err
	}
	defer vendors.close()
	c := config.Default()
	vendors.configure(&c)
	c.Listen = "127.0.0.1:0"
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
		return serve(serving, env, func(at string) { address <- at })
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
	_, _ = fmt.Fprintf(t.stdout, "\nThe service stays. Try, in another terminal:\n  sparkbridge interviews list --url=%s --token=%s\nCtrl-C ends it.\n", service, demoToken)
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

// sandboxCmd runs the simulators for a service that runs elsewhere.
type sandboxCmd struct {
	Port int    `help:"Spark Hire's port; the others follow." default:"18080"`
	URL  string `name:"url" help:"Address of the service that the stories are played with. Also SPARKBRIDGE_URL; default http://127.0.0.1:8080." placeholder:"URL"`
}

// Help says how to use it.
func (sandboxCmd) Help() string {
	return `It prints the configuration with which a service reaches the simulators. With
that service running, each line on the standard input (the Enter key) plays one
interview for each ATS.`
}

// Run runs until a signal.
func (s sandboxCmd) Run(ctx context.Context, t terminal) error {
	vendors, err := newSimulators(ctx, s.Port)
	if err != nil {
		return err
	}
	defer vendors.close()
	var c config.Config
	service := strings.TrimRight(cmp.Or(s.URL, t.getenv("SPARKBRIDGE_URL"), "http://127.0.0.1:8080"), "/")
	_, _ = fmt.Fprintf(t.stdout, `# Simulators of the vendors. Start a service with this configuration:
%s
# Spark Hire's organization key is %s, a recruiter's is %s.
# Press Enter to play an interview for each ATS with the service at %s; Ctrl-C ends this.
`, strings.Join(vendors.configure(&c), "\n"), vendors.sparkHire.organization.Key, vendors.sparkHire.recruiter.Key, service)

	lines := make(chan struct{})
	go func() {
		for in := bufio.NewScanner(t.stdin); in.Scan(); {
			select {
			case lines <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-lines:
		}
		limited, cancel := context.WithTimeout(ctx, time.Minute)
		err := vendors.play(limited, service, t.stdout)
		cancel()
		if err != nil && ctx.Err() == nil {
			_, _ = fmt.Fprintln(t.stderr, "sparkbridge:", err)
		}
	}
}
