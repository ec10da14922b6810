package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/internal/config"
	"github.com/sparkbridge/sparkbridge/internal/telemetry"
)

// stopTimeout is how long running work may take to finish after the first signal.
const stopTimeout = 30 * time.Second

// serveCmd runs the service until a signal.
type serveCmd struct{}

// Run serves until the first signal, finishes what runs and returns nil. A second
// signal ends the program at once.
func (serveCmd) Run(ctx context.Context, env environment) error {
	log := env.log
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		if s, ok := <-env.signals; ok {
			log.Info("stopping", "signal", s.String())
			cancel()
		}
		if _, ok := <-env.signals; ok {
			os.Exit(exitFailed)
		}
	}()

	listener, err := listen(ctx, env.config.Listen)
	if err != nil {
		return err
	}
	return serve(ctx, env, listener, func(address string) { _, _ = fmt.Fprintln(env.stdout, "listening on", address) })
}

// listen opens the address of the service.
func listen(ctx context.Context, at string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", at)
	switch {
	case errors.Is(err, syscall.EADDRINUSE): // nothing is wrong with what was written
		return nil, fmt.Errorf("listen: %w", err)
	case err != nil:
		return nil, &usageError{fmt.Errorf("listen: %w", err)}
	}
	return listener, nil
}

// serve runs the service until ctx ends and finishes what runs then. It closes the
// listener. ready is told where it listens.
func serve(ctx context.Context, env environment, listener net.Listener, ready func(address string)) (err error) {
	log := env.log
	defer func() { _ = listener.Close() }()
	address := "http://" + listener.Addr().String()
	if env.config.PublicURL == "" {
		env.config.PublicURL = address
	}
	b, closeStore, err := open(ctx, env)
	if errors.Is(err, context.Canceled) {
		return nil // the signal came while it started
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()

	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := env.telemetry.Close(stop); err != nil {
			log.Warn("the last traces were not delivered", "error", err)
		}
	}()

	server := &http.Server{
		Handler:           env.telemetry.Handler(routes(b, env.telemetry), log),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	if len(env.adapters) == 0 {
		log.Warn("no adapter is enabled, so nobody can connect: set teamtailor.enabled, topechelon.enabled or paycor.enabled")
	}
	log.Info("listening", "address", address)
	ready(address)

	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	work.Go(func() error { return b.Run(ctx) })
	work.Go(func() error {
		<-ctx.Done()
		// The last answers are given although the context has ended.
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		err := server.Shutdown(stop)
		if errors.Is(err, context.DeadlineExceeded) {
			log.Warn("some callers did not finish in time; they are cut off")
			return server.Close()
		}
		return err
	})
	return work.Wait()
}

// routes is everything that the service answers.
func routes(b *bridge.Bridge, t *telemetry.Telemetry) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", b.Handler())
	mux.Handle("GET /metrics", t.Metrics(b.Backlogs))
	mux.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	})
	return mux
}

// open makes the engine over its database.
func open(ctx context.Context, env environment) (*bridge.Bridge, func() error, error) {
	c := env.config
	st, keys, err := openStore(ctx, env)
	if err != nil {
		return nil, nil, err
	}
	retention := c.Retention
	if retention == 0 {
		retention = -1
	}
	b, err := bridge.New(bridge.Config{
		Store: st, Keys: keys, Adapters: env.adapters,
		PublicURL: c.PublicURL, APITokens: apiTokens(c.APITokens),
		SparkHire: bridge.SparkHireConfig{
			V1URL: c.SparkHire.V1URL, V2URL: c.SparkHire.V2URL, AppURL: c.SparkHire.AppURL,
			RequestsPerMinute: c.SparkHire.RequestsPerMinute,
			RequestTimeout:    c.SparkHire.RequestTimeout,
			SettleTime:        c.SparkHire.SettleTime,
			ConfirmWindow:     c.SparkHire.ConfirmWindow,
			SweepInterval:     c.SparkHire.SweepInterval,
			NoWebhooks:        !c.SparkHire.RegisterWebhooks,
			HTTPClient:        env.telemetry.Client("sparkhire", c.SparkHire.RequestTimeout),
		},
		ReconcileInterval: c.Teamtailor.ReconcileInterval,
		ReconcileEvery:    reconcileEvery(env.adapters),
		Retention:         retention,
		Workers:           c.Workers,
		StopTimeout:       stopTimeout,
		Hooks:             env.telemetry.Hooks(),
		Logger:            env.log,
	})
	if err != nil {
		return nil, nil, errors.Join(&usageError{err}, st.Close())
	}
	return b, st.Close, nil
}

// reconcileEvery is how often adapters with a pace of their own look for what was
// lost: Paycor tells nobody of anything, so its lists are read as often as they may be.
func reconcileEvery(adapters []ats.Adapter) map[string]time.Duration {
	every := map[string]time.Duration{}
	for _, a := range adapters {
		if a.Name() == paycor.Name {
			every[a.Name()] = paycor.DefaultPollInterval
		}
	}
	return every
}

func apiTokens(from []config.Secret) []ats.Secret {
	tokens := make([]ats.Secret, len(from))
	for n, t := range from {
		tokens[n] = ats.Secret(t.Reveal())
	}
	return tokens
}
