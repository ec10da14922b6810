package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
	"modernc.org/sqlite"

	"github.com/sparkbridge/sparkbridge/ats"
)

// readers is how many connections read at once. Each keeps half a megabyte of pages; the
// system keeps the file.
const readers = 4

// CheckPath returns an error that matches [ats.ErrInvalid] for what [Open] takes for no
// path of a file: ":memory:", an address such as "file:x.db", and nothing at all.
func CheckPath(path string) error {
	if path == "" || path == ":memory:" || strings.HasPrefix(path, "file:") {
		return fmt.Errorf("%q is not the path of a file: %w", path, ats.ErrInvalid)
	}
	return nil
}

// Open opens the store in the file at path, creates it and its tables as needed,
// and locks it for this process. While another process holds it, the error
// matches [ats.ErrUnavailable] and names the lock file.
//
// The file is created readable by its owner only; the directory must exist. There is no
// store in memory, see [CheckPath]; a test can name a file in a temporary directory.
func Open(ctx context.Context, path string, opts ...Option) (*Store, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	if err := CheckPath(path); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("open store: lock %s: %w", lock.Path(), err)
	}
	if !held {
		return nil, fmt.Errorf("open store: %s is in use by another process, which holds %s: %w", path, lock.Path(), ats.ErrUnavailable)
	}
	s, err := openFile(ctx, path, o)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s.closers = append(s.closers, lock.Close)
	return s, nil
}

func openFile(ctx context.Context, path string, o options) (*Store, error) {
	// SQLite gives its other files the rights of this one.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the caller says which file
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	writer, err := openPool(path, 1, "_txlock=immediate", "_pragma=journal_mode(WAL)")
	if err != nil {
		return nil, err
	}
	reader, err := openPool(path, readers, "_pragma=query_only(1)", "_pragma=cache_size(-512)")
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	s, err := newStore(ctx, writer, reader, o)
	if err != nil {
		return nil, errors.Join(err, reader.Close(), writer.Close())
	}
	s.closers = append(s.closers, reader.Close, writer.Close)
	return s, nil
}

// openPool returns a pool of at most size connections to the file.
func openPool(path string, size int, settings ...string) (*sql.DB, error) {
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: "_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)" +
		"&_pragma=synchronous(FULL)&_pragma=secure_delete(1)"}
	for _, s := range settings {
		dsn.RawQuery += "&" + s
	}
	connector, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	db := sql.OpenDB(parsingOnce{connector})
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}
