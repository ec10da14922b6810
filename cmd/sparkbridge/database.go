package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/postgres"
	"github.com/sparkbridge/sparkbridge/bridge/store/sqlite"
	"github.com/sparkbridge/sparkbridge/internal/config"
)

// openStore opens the database and the key ring that belongs to it. Only for a new
// database is a new ring made: with another one than its own, an old database would
// accept requests and send nothing.
func openStore(ctx context.Context, env environment) (store.Store, *keyring.Ring, error) {
	c, log := env.config, env.log
	file, onFile := strings.CutPrefix(c.Database, "sqlite:")
	if !onFile {
		return openPostgres(ctx, c, log)
	}
	if info, err := os.Stat(file); keysMissing(c.KeyFile) && err == nil && info.Size() > 0 {
		return nil, nil, lostKeys(c.KeyFile, file)
	}
	keys, err := keyring.OpenFile(c.KeyFile)
	if err != nil {
		return nil, nil, &usageError{err}
	}
	st, err := sqlite.Open(ctx, file, sqlite.WithLogger(log))
	if err != nil {
		return nil, nil, fmt.Errorf("open database: %w", err)
	}
	return st, keys, nil
}

// openPostgres opens the database first, because only it can tell whether it is new.
func openPostgres(ctx context.Context, c config.Config, log *slog.Logger) (_ store.Store, _ *keyring.Ring, err error) {
	st, err := postgres.Open(ctx, c.Database, postgres.WithLogger(log))
	if err != nil {
		err = fmt.Errorf("open database: %w", err)
		if errors.Is(err, ats.ErrInvalid) || errors.Is(err, ats.ErrUnsupported) {
			err = &usageError{err}
		}
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, st.Close())
		}
	}()
	if keysMissing(c.KeyFile) {
		some, _, err := st.ListConnections(ctx, store.ListConnectionsParams{Limit: 1})
		if err != nil {
			return nil, nil, fmt.Errorf("open database: %w", err)
		}
		if len(some) > 0 {
			return nil, nil, lostKeys(c.KeyFile, "the database")
		}
	}
	keys, err := keyring.OpenFile(c.KeyFile)
	if err != nil {
		return nil, nil, &usageError{err}
	}
	return st, keys, nil
}

func keysMissing(file string) bool {
	_, err := os.Stat(file)
	return errors.Is(err, fs.ErrNotExist)
}

func lostKeys(file, database string) error {
	return &usageError{fmt.Errorf("key_file: %s is not there, and only it opens the secrets in %s: put it back", file, database)}
}
