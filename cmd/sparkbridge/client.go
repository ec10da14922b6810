package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sparkbridge/sparkbridge/internal/client"
)

// terminal is what a command works with that calls a running service: it needs
// no configuration of one.
type terminal struct {
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	environ []string
	signals <-chan os.Signal
}

// getenv returns a variable of the environment; empty when it is not there.
func (t terminal) getenv(name string) string {
	for _, pair := range t.environ {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
}

// interruptible returns a context that the first signal ends. A second one ends
// the program at once.
func (t terminal) interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-t.signals:
			cancel()
		case <-ctx.Done():
			return
		}
		if _, ok := <-t.signals; ok {
			os.Exit(exitFailed)
		}
	}()
	return ctx, cancel
}

// read returns the content of a file, or of the standard input for "-".
func (t terminal) read(file string) ([]byte, error) {
	const most = 1 << 20
	in := t.stdin
	if file != "-" {
		f, err := os.Open(file) //nolint:gosec // the operator names the file
		if err != nil {
			return nil, &usageError{err}
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, most+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	if len(text) > most {
		return nil, &usageError{fmt.Errorf("%s is larger than 1 MiB", file)}
	}
	return text, nil
}

// secret returns the first word of a file, or of the standard input for "-":
// what is on a command line, every user of the machine can read.
func (t terminal) secret(file string) (string, error) {
	text, err := t.read(file)
	if err != nil {
		return "", err
	}
	words := strings.Fields(string(text))
	if len(words) != 1 {
		return "", &usageError{fmt.Errorf("%s must hold one word and nothing else", file)}
	}
	return words[0], nil
}

// clientFlags say which service is called, and as whom.
type clientFlags struct {
	URL             string `name:"url" help:"Address of the service. Also SPARKBRIDGE_URL; default http://127.0.0.1:8080." placeholder:"URL" group:"service"`
	Token           string `help:"API token; better in SPARKBRIDGE_TOKEN or a file, where other users of the machine cannot see it." placeholder:"TOKEN" group:"service"`
	TokenFile       string `help:"File with the API token. Also SPARKBRIDGE_TOKEN_FILE." placeholder:"FILE" group:"service"`
	ActorID         string `name:"actor-id" help:"Who acts, by the id that the ATS knows. Also SPARKBRIDGE_ACTOR_ID." placeholder:"ID" group:"service"`
	ActorName       string `help:"That person's name." placeholder:"NAME" group:"service"`
	ActorEmail      string `help:"That person's e-mail address." placeholder:"ADDRESS" group:"service"`
	ActorTimeZone   string `help:"That person's time zone." placeholder:"ZONE" group:"service"`
	ActorAdmin      bool   `help:"That person is an administrator." group:"service"`
	ActorCredential string `help:"What the ATS's host knows the person by, instead of the above. Also SPARKBRIDGE_ACTOR_CREDENTIAL." placeholder:"CREDENTIAL" group:"service"`
	JSON            bool   `name:"json" help:"Print JSON as the service writes it; of a list, an item to a line." group:"service"`
}

// open returns the client that the flags, then the environment, describe.
func (f clientFlags) open(t terminal) (*client.Client, error) {
	token := f.Token
	if file := f.TokenFile; token == "" && file != "" {
		var err error
		if token, err = t.secret(file); err != nil {
			return nil, err
		}
	}
	token = cmp.Or(token, t.getenv("SPARKBRIDGE_TOKEN"))
	if file := t.getenv("SPARKBRIDGE_TOKEN_FILE"); token == "" && file != "" {
		var err error
		if token, err = t.secret(file); err != nil {
			return nil, err
		}
	}
	if token == "" {
		return nil, &usageError{fmt.Errorf("an API token is needed: SPARKBRIDGE_TOKEN, --token-file or --token")}
	}
	c, err := client.New(client.Config{
		URL: cmp.Or(f.URL, t.getenv("SPARKBRIDGE_URL"), "http://127.0.0.1:8080"), Token: token, UserAgent: "sparkbridge/" + version(),
		Actor: client.Actor{
			ID: cmp.Or(f.ActorID, t.getenv("SPARKBRIDGE_ACTOR_ID")), Name: f.ActorName, Email: f.ActorEmail,
			TimeZone: f.ActorTimeZone, Admin: f.ActorAdmin,
			Credential: cmp.Or(f.ActorCredential, t.getenv("SPARKBRIDGE_ACTOR_CREDENTIAL")),
		},
	})
	if err != nil {
		return nil, &usageError{err}
	}
	return c, nil
}

// onlyConnection returns the connection that was named or, when none was, the
// only one that there is.
func onlyConnection(ctx context.Context, c *client.Client, named string) (string, error) {
	if named != "" {
		return named, nil
	}
	ids, err := allConnections(ctx, c)
	if err != nil {
		return "", err
	}
	if len(ids) > 1 {
		return "", &usageError{fmt.Errorf("there are several connections: name one with --connection (see sparkbridge connections list)")}
	}
	if len(ids) == 0 {
		return "", fmt.Errorf("there is no connection yet")
	}
	return ids[0], nil
}

// allConnections returns the ids of all connections, oldest first.
func allConnections(ctx context.Context, c *client.Client) ([]string, error) {
	var ids []string
	for item, err := range c.List(ctx, "/connections", nil) {
		if err != nil {
			return nil, err
		}
		one, err := decode[client.Connection](item)
		if err != nil {
			return nil, err
		}
		ids = append(ids, one.ID)
	}
	return ids, nil
}
