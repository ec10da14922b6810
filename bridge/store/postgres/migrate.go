package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationTable is ours, so that a host may use goose for its own tables.
const migrationTable = "sparkbridge_migrations"

// migrationLock is the key of the lock that one migrating process holds.
const migrationLock = 0x737061726b // "spark"

// migrate brings the tables up to date: ours and the queue's. Repeating it changes
// nothing. However many processes start at the same moment, one does it and the
// others wait.
func migrate(ctx context.Context, pool *pgxpool.Pool, db *sql.DB, l *slog.Logger) (err error) {
	ctx = unbounded(ctx)
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	// Whoever waits does so for as long as a migration takes.
	if _, err := conn.Exec(ctx, `SELECT set_config('lock_timeout', '0', false), pg_advisory_lock($1)`, migrationLock); err != nil {
		return fmt.Errorf("wait for other processes: %w", err)
	}
	defer func() { // ends what was set, and the lock
		err = errors.Join(err, conn.Conn().Close(context.WithoutCancel(ctx)))
	}()

	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	ours, err := goose.NewProvider(database.DialectPostgres, db, files,
		goose.WithTableName(migrationTable), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := ours.Up(ctx); err != nil {
		return fmt.Errorf("migrate the ledger: %w", err)
	}
	rivers, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: l})
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := rivers.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	return nil
}
