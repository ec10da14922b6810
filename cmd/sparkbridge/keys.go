package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/keyring"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// keysCmd looks after the key ring.
type keysCmd struct {
	Rotate keysRotate `cmd:"" help:"Add a key to the ring and seal every secret with it."`
	Reseal keysReseal `cmd:"" help:"Seal every secret with the newest key of the ring: the second half of rotate."`
}

// keysRotate adds a key.
type keysRotate struct{}

// Help says what else has to be done.
func (keysRotate) Help() string {
	return `The new key is in the key file before anything is sealed with it, so that the
command may be interrupted anywhere; "keys reseal" does what is left. Back up
the key file afterwards, and keep the old one for as long as backups of the
database from before.

On SQLite stop the service first. On PostgreSQL this only adds the key: give the
file to every process, start each of them anew, then run "keys reseal".`
}

// Run adds a key and, where no other process can have the old ring, seals with it.
func (keysRotate) Run(ctx context.Context, env environment) (err error) {
	if _, err := os.Stat(env.config.KeyFile); err != nil {
		return &usageError{fmt.Errorf("key_file: %w", err)}
	}
	if !strings.HasPrefix(env.config.Database, "sqlite:") {
		keys, err := keyring.OpenFile(env.config.KeyFile)
		if err != nil {
			return &usageError{err}
		}
		if err := keys.Rotated().WriteFile(env.config.KeyFile); err != nil {
			return err
		}
		return env.say("a key was added to %s; give the file to every process, start each of them anew, then run: sparkbridge keys reseal", env.config.KeyFile)
	}
	st, keys, err := openStore(ctx, env)
	if err != nil {
		return stopFirst(err)
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	// A ring that does not open everything is not the right one to go on with.
	if _, err := bridge.Reseal(ctx, st, keys); err != nil {
		return fmt.Errorf("no key was added: %w", err)
	}
	keys = keys.Rotated()
	if err := keys.WriteFile(env.config.KeyFile); err != nil {
		return err
	}
	if err := env.say("a key was added to %s", env.config.KeyFile); err != nil {
		return err
	}
	return reseal(ctx, env, st, keys)
}

// keysReseal seals every secret anew.
type keysReseal struct{}

// Run seals what is not sealed by the newest key. It may be repeated.
func (keysReseal) Run(ctx context.Context, env environment) (err error) {
	if _, err := os.Stat(env.config.KeyFile); err != nil {
		return &usageError{fmt.Errorf("key_file: %w", err)}
	}
	st, keys, err := openStore(ctx, env)
	if err != nil {
		return stopFirst(err)
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return reseal(ctx, env, st, keys)
}

func reseal(ctx context.Context, env environment, st store.Store, keys *keyring.Ring) error {
	done, err := bridge.Reseal(ctx, st, keys)
	if sayErr := env.say("%d secrets, %d of them sealed anew", done.Found, done.Changed); err == nil {
		err = sayErr
	}
	return err
}

// stopFirst adds to an error about a database in use what to do.
func stopFirst(err error) error {
	if strings.Contains(err.Error(), "in use by another process") {
		return fmt.Errorf("%w: stop the service first", err)
	}
	return err
}

// say prints a line.
func (e environment) say(format string, args ...any) error {
	_, err := fmt.Fprintf(e.stdout, format+"\n", args...)
	return err
}
