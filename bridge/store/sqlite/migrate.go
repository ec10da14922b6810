package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationTable is ours, so that a host may use goose for its own tables.
const migrationTable = "sparkbridge_migrations"

// migrate brings the tables up to date: ours and the queue's. Repeating it
// changes nothing.
func migrate(ctx context.Context, writer *sql.DB, l *slog.Logger) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	ours, err := goose.NewProvider(database.DialectSQLite3, writer, files,
		goose.WithTableName(migrationTable), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := ours.Up(ctx); err != nil {
		return fmt.Errorf("migrate the ledger: %w", err)
	}
	rivers, err := rivermigrate.New(newRiverDriver(writer), &rivermigrate.Config{Logger: l})
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := rivers.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the queue: %w", err)
	}
	return nil
}
