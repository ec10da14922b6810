package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/sparkbridge/sparkbridge/ats"
)

const (
	writersDefault = 16
	readersDefault = 4
	// connectTimeout bounds a try to reach the server, unless the URL says otherwise.
	connectTimeout = 5 * time.Second
	// closeWait bounds waiting for connections that somebody still uses.
	closeWait = 5 * time.Second
	// versionLeast is the oldest server, as server_version_num has it.
	versionLeast = 140000
)

// CheckURL returns an error that matches [ats.ErrInvalid] when the text is no URL that
// [Open] takes. It does not reach for the server, and the error never has the
// password.
func CheckURL(text string) error {
	_, err := parse(text)
	return err
}

func parse(text string) (*pgxpool.Config, error) {
	u, err := url.Parse(text)
	if err != nil { // which has the whole text
		return nil, fmt.Errorf("the database's URL cannot be read; escape what is special in the password: %w", ats.ErrInvalid)
	}
	if u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, fmt.Errorf("the database's URL must begin with postgres:// or postgresql://: %w", ats.ErrInvalid)
	}
	c, err := pgxpool.ParseConfig(text)
	if err != nil {
		return nil, fmt.Errorf("the database's URL has settings that cannot be used: %w", ats.ErrInvalid)
	}
	if name := strings.TrimPrefix(u.Path, "/"); name == "" || strings.ContainsAny(name, "/@") { // the rest of a password
		return nil, fmt.Errorf("the database's URL must end with the database's name; escape what is special in the password: %w", ats.ErrInvalid)
	}
	if !u.Query().Has("pool_max_conns") {
		c.MaxConns = writersDefault
	}
	if !u.Query().Has("connect_timeout") {
		c.ConnConfig.ConnectTimeout = connectTimeout
	}
	for name, value := range map[string]string{
		"application_name":                    "sparkbridge",
		"lock_timeout":                        "10s", // somebody holds a row for too long: come back later
		"idle_in_transaction_session_timeout": "60s", // a process that hangs must not hold the others up
		// Every query has an index. What the planner knows of tables that were just filled
		// is out of date, and it would keep a plan that reads all of them.
		"enable_seqscan": "off",
		// And so one plan is as good as another: none is made for a single call.
		"plan_cache_mode": "force_generic_plan",
	} {
		if c.ConnConfig.RuntimeParams[name] == "" {
			c.ConnConfig.RuntimeParams[name] = value
		}
	}
	return c, nil
}

// Open connects to the server and creates the tables in the database as needed. An
// error that matches [ats.ErrInvalid] is the URL's, one that matches
// [ats.ErrUnavailable] means that the server cannot be reached now. Neither has the
// password.
//
// Any number of processes may open the same database at the same moment.
func Open(ctx context.Context, url string, opts ...Option) (*Store, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	config, err := parse(url)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	config.PingTimeout, config.ConnConfig.Tracer = pingWithin, answers{o.within}
	config.MaxConns = cmp.Or(int32(o.writers), max(config.MaxConns, 4)) //nolint:gosec // nobody has that many
	write, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	config = config.Copy()
	config.MaxConns, config.MinConns, config.MinIdleConns = int32(o.readers), 0, 0 //nolint:gosec // likewise
	config.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	read, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		write.Close()
		return nil, fmt.Errorf("open store: %w", err)
	}
	s, err := newStore(ctx, write, read, o)
	if err != nil {
		return nil, errors.Join(err, closePools(write, read))
	}
	return s, nil
}

// check refuses servers that the store would not work right on.
func check(ctx context.Context, db *sql.DB) error {
	var version int
	var encoding string
	row := db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_encoding')`)
	if err := row.Scan(&version, &encoding); err != nil {
		return writing.Fail("reach the server", err)
	}
	if version < versionLeast {
		return fmt.Errorf("the server must be PostgreSQL %d or newer: %w", versionLeast/10000, ats.ErrUnsupported)
	}
	if encoding != "UTF8" {
		return fmt.Errorf("the database's encoding is %s; make one with ENCODING 'UTF8': %w", encoding, ats.ErrUnsupported)
	}
	return nil
}

// closePools closes the connections. It does not wait for ever: a handler that was
// left behind may still hold one, and the process is about to end.
func closePools(pools ...*pgxpool.Pool) error {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		for _, p := range pools {
			p.Close()
		}
	}()
	timer := time.NewTimer(closeWait)
	defer timer.Stop()
	select {
	case <-closed:
		return nil
	case <-timer.C:
		return errors.New("close store: some connections are still in use")
	}
}

// handle returns the pool as database/sql has it.
func handle(p *pgxpool.Pool) *sql.DB { return stdlib.OpenDBFromPool(p) }
