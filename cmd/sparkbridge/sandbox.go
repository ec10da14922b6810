package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/internal/config"
)

// sandboxToken opens the API of the service beside a sandbox.
const sandboxToken = "sandbox" // no secret: it is printed

// sandboxCmd runs the simulators for a service that runs elsewhere.
type sandboxCmd struct {
	Port int    `help:"Spark Hire's port; the others follow." default:"18080"`
	URL  string `name:"url" help:"Address of the service that the stories are played with. Also SPARKBRIDGE_URL; default http://127.0.0.1:8080." placeholder:"URL"`
}

// Help says how to use it.
func (sandboxCmd) Help() string {
	return `It prints the configuration with which a service reaches the simulators; what is
not configuration is a comment, so that all of it can go into a file:

  sparkbridge sandbox | tee sandbox.yaml
  sparkbridge serve --config sandbox.yaml

With that service running, each line on the standard input (the Enter key) plays
one interview for each ATS. A sandbox forgets everything when it ends, and a
service does not: delete its database before the sandbox is started again.`
}

// Run runs until a signal.
func (s sandboxCmd) Run(ctx context.Context, t terminal) error {
	service := strings.TrimRight(cmp.Or(s.URL, t.getenv("SPARKBRIDGE_URL"), "http://127.0.0.1:8080"), "/")
	at, err := url.Parse(service)
	if err != nil || at.Host == "" || (at.Scheme != "http" && at.Scheme != "https") {
		return &usageError{fmt.Errorf("the address of the service must be an http or https address")}
	}
	vendors, err := newSimulators(ctx, s.Port, service, sandboxToken)
	if err != nil {
		return err
	}
	defer vendors.close()
	_, _ = fmt.Fprintf(t.stdout, "# Simulators of the vendors. Every person is invented; the keys open nothing else.\n#\n# %s\n\n%s\n%s\n",
		strings.Join(vendors.about(), "\n# "), strings.Join(s.serviceKeys(at), "\n"), strings.Join(vendors.configure(&config.Config{}), "\n"))
	_, _ = fmt.Fprintf(t.stdout, "# Press Enter to play an interview for each ATS with the service at %s; Ctrl-C ends this.\n", service)

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
		err := vendors.play(limited, service, comments{t.stdout})
		cancel()
		if err != nil && ctx.Err() == nil {
			_, _ = fmt.Fprintln(t.stderr, "sparkbridge:", err)
		}
	}
}

// comments writes lines as comments: all that a sandbox prints is a configuration.
type comments struct{ to io.Writer }

// Write implements [io.Writer] for whole lines.
func (c comments) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		if _, err := io.WriteString(c.to, "# "+line); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// serviceKeys are the keys of the configuration that are about the service itself.
// One that is not on this machine, or behind a proxy, knows its address best.
func (sandboxCmd) serviceKeys(at *url.URL) []string {
	lines := []string{"database: sqlite:sandbox.db", "key_file: sandbox.key", "api_tokens: [" + sandboxToken + "]"}
	if at.Scheme == "http" && at.Port() != "" && (at.Hostname() == "127.0.0.1" || at.Hostname() == "localhost") {
		return append([]string{"listen: " + strconv.Quote(at.Host)}, lines...)
	}
	return append([]string{"public_url: " + strconv.Quote(at.String())}, lines...)
}
