// Sparkbridge connects Spark Hire video interviews to applicant tracking
// systems. Run "sparkbridge --help" for its commands.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // deadlines must not depend on what the machine has installed

	"github.com/alecthomas/kong"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/internal/config"
	"github.com/sparkbridge/sparkbridge/internal/telemetry"
)

// The exit statuses.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	os.Exit(run(os.Args[1:], terminal{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ(), signals: signals(),
	}))
}

// signals returns a channel of the signals that stop the service.
func signals() <-chan os.Signal {
	c := make(chan os.Signal, 2)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	return c
}

// cli is the command line.
type cli struct {
	Config    string            `help:"YAML file with the configuration." placeholder:"FILE" type:"path" short:"c"`
	Listen    string            `help:"Address to listen on; port 0 picks one." placeholder:"HOST:PORT"`
	PublicURL string            `name:"public-url" help:"Address at which vendors reach the service." placeholder:"URL"`
	Database  string            `help:"Where the ledger is kept." placeholder:"sqlite:FILE"`
	KeyFile   string            `help:"Key ring for secrets at rest." placeholder:"FILE"`
	LogLevel  string            `help:"debug, info, warn or error." placeholder:"LEVEL"`
	LogFormat string            `help:"text or json." placeholder:"FORMAT"`
	Set       map[string]string `help:"Any key of the configuration, such as sparkhire.sweep_interval=5m. May be repeated. --sparkhire.sweep-interval=5m is the same." placeholder:"KEY=VALUE" mapsep:"none"`
	Version   kong.VersionFlag  `help:"Print the version."`

	Serve       serveCmd       `cmd:"" help:"Run the service."`
	Check       checkCmd       `cmd:"" help:"Validate the configuration; with --online also call every vendor once."`
	Interviews  interviewsCmd  `cmd:"" help:"Look at interviews of a running service and act on them."`
	Connections connectionsCmd `cmd:"" help:"Look at connections of a running service and change them."`
	Deliveries  deliveriesCmd  `cmd:"" help:"Look at reports that an ATS did not take, and try them again."`
	Import      importCmd      `cmd:"" help:"Ask for the interviews of a file."`
	Demo        demoCmd        `cmd:"" help:"Play an interview for each ATS, offline: simulators of all vendors, and the service between them."`
	Sandbox     sandboxCmd     `cmd:"" help:"Run only the simulators of the vendors, for people without accounts there."`
	Keys        keysCmd        `cmd:"" help:"Look after the key ring."`
	Health      healthCmd      `cmd:"" help:"Ask a running service whether it is ready."`
	About       versionCmd     `cmd:"" name:"version" help:"Print the version."`
}

// inOurWords writes out what has a shorter form: every key of the configuration is a
// flag too, --workers=4 for --set workers=4, and "help" stands for --help.
func inOurWords(args []string) ([]string, error) {
	if len(args) > 0 && args[0] == "help" {
		return append(slices.Clone(args[1:]), "--help"), nil
	}
	var out []string
	for n := 0; n < len(args); n++ {
		arg := args[n]
		if arg == "--" {
			return append(out, args[n:]...), nil
		}
		name, value, given := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		key, alone, ok := config.Flag(name)
		if !strings.HasPrefix(arg, "--") || !ok || slices.Contains(ownFlags(), name) {
			out = append(out, arg)
			continue
		}
		switch {
		case given:
		case alone:
			value = "true"
		case n+1 < len(args) && !strings.HasPrefix(args[n+1], "--"):
			n++
			value = args[n]
		default:
			return nil, fmt.Errorf("flag %s needs a value", arg)
		}
		out = append(out, "--set", key+"="+value)
	}
	return out, nil
}

// ownFlags are the keys that kong knows as flags.
func ownFlags() []string {
	return []string{"listen", "public-url", "database", "key-file", "log-level", "log-format"}
}

// flags returns the keys that the command line sets.
func (c cli) flags() map[string]string {
	set := map[string]string{}
	maps.Copy(set, c.Set)
	for key, value := range map[string]string{
		"listen": c.Listen, "public_url": c.PublicURL, "database": c.Database, "key_file": c.KeyFile,
		"log.level": c.LogLevel, "log.format": c.LogFormat,
	} {
		if value != "" {
			set[key] = value
		}
	}
	return set
}

// environment is what a command works with.
type environment struct {
	config    config.Config
	adapters  []ats.Adapter
	telemetry *telemetry.Telemetry
	log       *slog.Logger
	stdout    io.Writer
	signals   <-chan os.Signal
}

// run is the program: it returns the exit status.
func run(args []string, t terminal) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("sparkbridge"),
		kong.Description("Connects Spark Hire video interviews to applicant tracking systems."),
		kong.Writers(t.stdout, t.stderr),
		kong.Exit(func(status int) { exited = status }),
		kong.Vars{"version": "sparkbridge " + version()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.ExplicitGroups([]kong.Group{{Key: "service", Title: "The service that is called:"}}),
	)
	if err != nil {
		return fail(t.stderr, exitFailed, err)
	}
	args, err = inOurWords(args)
	if err != nil {
		return fail(t.stderr, exitUsage, err)
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 {
		return exited // --help or --version was asked for
	}
	if err != nil {
		return fail(t.stderr, exitUsage, fmt.Errorf("%w (see sparkbridge --help)", err))
	}
	ctx, cancel := context.WithCancel(context.Background())
	if parsed.Command() != "serve" { // which has its own way to stop
		ctx, cancel = t.interruptible(ctx)
	}
	defer cancel()
	parsed.BindTo(ctx, (*context.Context)(nil))
	parsed.Bind(t)
	// Only the commands that run a service, or look into one's database, want it.
	if err := parsed.BindToProvider(func() (environment, error) { return c.environment(t) }); err != nil {
		return fail(t.stderr, exitFailed, err)
	}
	if err := parsed.Run(); err != nil {
		if _, ok := errors.AsType[*usageError](err); ok {
			return fail(t.stderr, exitUsage, err)
		}
		return fail(t.stderr, exitFailed, err)
	}
	return exitDone
}

// environment loads the configuration. The error has every problem of it.
func (c cli) environment(t terminal) (environment, error) {
	loaded, err := config.Load(config.Sources{Flags: c.flags(), Environ: t.environ, File: cmp.Or(c.Config, t.getenv("SPARKBRIDGE_CONFIG"))})
	log := slog.New(telemetry.Log(loaded.Log.Logger(t.stderr).Handler()))
	observed, otelErr := telemetry.New(context.Background(), telemetry.Config{Getenv: t.getenv, Version: version(), Logger: log})
	if otelErr != nil {
		return environment{}, &usageError{errors.Join(otelErr, err)}
	}
	all, adaptersErr := adapters(loaded, log, observed.Client)
	if err := problems(err, adaptersErr); err != nil {
		return environment{}, &usageError{fmt.Errorf("the configuration has problems:\n%w", err)}
	}
	return environment{config: loaded, adapters: all, telemetry: observed, log: log, stdout: t.stdout, signals: t.signals}, nil
}

// usageError is a mistake in the configuration that only starting up shows.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func fail(stderr io.Writer, status int, err error) int {
	_, _ = fmt.Fprintln(stderr, "sparkbridge:", err)
	return status
}
