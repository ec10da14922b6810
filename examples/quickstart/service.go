package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// service is Sparkbridge: the engine on a SQLite file, behind an HTTP server.
type service struct {
	url    string
	engine *bridge.Bridge
	stop   func() error
}

// startService is what a program of your own would do: an adapter for each ATS, a
// store, a key ring, and the engine between them.
func startService(ctx context.Context, partner *teamtailortest.Partner, tt *teamtailortest.Server, sh *sparkhiretest.Server, logTo io.Writer) (*service, error) {
	log := slog.New(slog.NewTextHandler(logTo, nil))
	adapter, err := teamtailor.New(teamtailor.Config{
		PartnerAPIKeys: map[teamtailor.Stack]ats.Secret{teamtailor.AnyStack: ats.Secret(partner.APIKey())},
		WebhookSecrets: map[teamtailor.Stack]ats.Secret{teamtailor.AnyStack: ats.Secret(partner.WebhookSecret())},
		APIURLs:        []string{tt.URL}, // Teamtailor's own addresses by default
		Logger:         log,
	})
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sparkbridge-quickstart-")
	if err != nil {
		return nil, err
	}
	ledger, err := sqlite.Open(ctx, filepath.Join(dir, "ledger.db"))
	if err != nil {
		return nil, err
	}
	keys, err := keyring.OpenFile(filepath.Join(dir, "ledger.key"))
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &service{url: "http://" + listener.Addr().String()}
	engine, err := bridge.New(bridge.Config{
		Store:     ledger,
		Keys:      keys,
		Adapters:  []ats.Adapter{adapter},
		PublicURL: s.url,
		SparkHire: bridge.SparkHireConfig{V1URL: sh.V1URL(), V2URL: sh.V2URL()},
		Logger:    log,
	})
	if err != nil {
		return nil, err
	}

	s.engine = engine
	server := &http.Server{Handler: engine.Handler(), ReadHeaderTimeout: 5 * time.Second}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 2)
	go func() { ended <- engine.Run(running) }()
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			ended <- fmt.Errorf("serve: %w", err)
			return
		}
		ended <- nil
	}()
	s.stop = func() error {
		cancel()
		return errors.Join(server.Shutdown(context.WithoutCancel(ctx)), <-ended, <-ended, ledger.Close(), os.RemoveAll(dir))
	}
	return s, nil
}
