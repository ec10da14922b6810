package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/sparkbridge/sparkbridge/bridge/store/internal/queue"
)

// riverDriver is River's SQLite driver, told that there is one process.
//
// Notifications stay inside the process instead of going through a table: a job
// is fetched as soon as the transaction that inserted it has ended, and an idle
// queue need not poll twenty times a second. The leader stays the leader without
// writing so every five seconds: a process at rest leaves the disk alone.
//
// River asks others not to implement its driver, because it may change: all that
// could break is in this file, and the compiler or the tests will say so.
type riverDriver struct {
	*riversqlite.Driver
	inserted chan struct{}
}

func newRiverDriver(writer *sql.DB) *riverDriver {
	return &riverDriver{Driver: riversqlite.New(writer), inserted: make(chan struct{}, 1)}
}

// GetExecutor returns the executor that the queue's own services use.
func (d *riverDriver) GetExecutor() riverdriver.Executor {
	return executor{d.Driver.GetExecutor()}
}

type executor struct{ riverdriver.Executor }

// LeaderAttemptReelect returns the leader itself: nobody else could be.
func (executor) LeaderAttemptReelect(_ context.Context, p *riverdriver.LeaderReelectParams) (*riverdriver.Leader, error) {
	return &riverdriver.Leader{ElectedAt: p.ElectedAt, ExpiresAt: time.Now().Add(p.TTL), LeaderID: p.LeaderID}, nil
}

// notify wakes the listener. The fetch that follows waits for the writing
// connection, and so for a transaction that has not ended yet.
func (d *riverDriver) notify() {
	select {
	case d.inserted <- struct{}{}:
	default:
	}
}

// SupportsListenNotify keeps River from writing notifications.
func (d *riverDriver) SupportsListenNotify() bool { return false }

// GetListener returns a listener for [riverDriver.notify].
func (d *riverDriver) GetListener(p *riverdriver.GetListenenerParams) riverdriver.Listener {
	return &listener{schema: p.Schema, inserted: d.inserted}
}

type listener struct {
	schema   string
	inserted <-chan struct{}
}

func (l *listener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.inserted:
		return &riverdriver.Notification{Topic: "river_insert", Payload: `{"queue":"` + queue.Name + `"}`}, nil
	}
}

func (l *listener) Close(context.Context) error            { return nil }
func (l *listener) Connect(context.Context) error          { return nil }
func (l *listener) Listen(context.Context, string) error   { return nil }
func (l *listener) Ping(context.Context) error             { return nil }
func (l *listener) Schema() string                         { return l.schema }
func (l *listener) SetAfterConnectExec(string)             {}
func (l *listener) Unlisten(context.Context, string) error { return nil }
