package postgres

import (
	"context"
	"database/sql"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/sparkbridge/sparkbridge/bridge/store/internal/queue"
)

const (
	// insertTopic is River's: every process that works listens to it.
	insertTopic   = "river_insert"
	insertPayload = `{"queue":"` + queue.Name + `"}`
	// alarmTopic tells that a transaction which somebody else ended has written an
	// alarm.
	alarmTopic = "sparkbridge_alarm"
	// closeTimeout is how long the server may take to say good-bye.
	closeTimeout = 5 * time.Second
)

// riverDriver is River's driver, whose listening connection also hears of alarms.
//
// River asks others not to implement its driver, because it may change: all that
// could break is in this file, and the compiler or the tests will say so.
type riverDriver struct {
	*riverpgxv5.Driver
	alarm func()
}

func newRiverDriver(pool *pgxpool.Pool, alarm func()) *riverDriver {
	return &riverDriver{riverpgxv5.New(pool), alarm}
}

// GetListener returns River's listener with one topic more.
func (d *riverDriver) GetListener(p *riverdriver.GetListenenerParams) riverdriver.Listener {
	return &listener{d.Driver.GetListener(p), d.alarm}
}

type listener struct {
	riverdriver.Listener
	alarm func()
}

// Connect connects, and looks at the alarms: what was told while nobody listened is
// lost.
func (l *listener) Connect(ctx context.Context) error {
	if err := l.Listener.Connect(ctx); err != nil {
		return err
	}
	l.alarm()
	err := l.Listen(ctx, alarmTopic)
	if err != nil { // River never closes what did not connect, and can not connect what is not closed
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		_ = l.Close(ctx)
	}
	return err
}

// Ping asks whether the connection still works; River does while nothing is told.
func (l *listener) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingWithin)
	defer cancel()
	return l.Listener.Ping(ctx)
}

// WaitForNotification returns what is for River.
func (l *listener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	for {
		n, err := l.Listener.WaitForNotification(ctx)
		if err != nil || n.Topic != alarmTopic {
			return n, err
		}
		l.alarm()
	}
}

// announce makes the processes that work look for jobs once tx is committed.
func (d *riverDriver) announce(ctx context.Context, tx pgx.Tx) error {
	return notify(ctx, d.UnwrapExecutor(tx))
}

func notify(ctx context.Context, e riverdriver.Executor) error {
	return e.NotifyMany(ctx, &riverdriver.NotifyManyParams{Topic: insertTopic, Payload: []string{insertPayload}})
}

// announceLater makes them look at the alarms likewise.
func announceLater(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `SELECT pg_notify(coalesce(current_schema() || '.', '') || $1, '')`, alarmTopic)
	return err
}
