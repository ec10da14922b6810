package postgres

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/riverqueue/river/riverdriver"
)

const (
	// beatEvery is how often a process says that it lives, and deadAfter how long it
	// may be silent.
	beatEvery = 3 * time.Second
	deadAfter = 12 * time.Second
	// forgetAfter is when the row of a process that was killed is removed.
	forgetAfter = time.Hour
)

// processes knows which processes live, by the server's clock.
type processes struct {
	db      *sql.DB
	queue   string
	foundBy riverdriver.Executor // tells the others of jobs that were freed

	mu   sync.Mutex
	last time.Time // of the last successful beat
}

// beat says that the process lives, and makes the jobs of those available that have
// been silent for too long. After trouble with the database everybody has been silent:
// then nobody is taken for dead before the others had the time to say something.
func (p *processes) beat(ctx context.Context, process string) error {
	ctx, cancel := context.WithTimeout(ctx, deadAfter)
	defer cancel()
	_, err := p.db.ExecContext(ctx, `INSERT INTO sparkbridge_processes (id, seen) VALUES ($1, clock_timestamp())
		ON CONFLICT (id) DO UPDATE SET seen = excluded.seen`, process)
	if err != nil {
		return err
	}
	if !p.steady(time.Now()) {
		return nil
	}
	freed, err := p.db.ExecContext(ctx, `UPDATE river_job SET state = 'available', scheduled_at = least(scheduled_at, now())
		WHERE state = 'running' AND queue = $1 AND attempted_at < clock_timestamp() - make_interval(secs => $2)
			AND NOT EXISTS (SELECT 1 FROM sparkbridge_processes AS p
				WHERE p.id = attempted_by[array_upper(attempted_by, 1)] AND p.seen > clock_timestamp() - make_interval(secs => $2))`,
		p.queue, deadAfter.Seconds())
	if err != nil {
		return err
	}
	if n, err := freed.RowsAffected(); err != nil || n == 0 {
		return err
	}
	_, err = p.db.ExecContext(ctx, `DELETE FROM sparkbridge_processes WHERE seen < clock_timestamp() - make_interval(secs => $1)`,
		forgetAfter.Seconds())
	if err != nil {
		return err
	}
	return notify(ctx, p.foundBy)
}

// steady notes a beat, and reports whether the one before was in time.
func (p *processes) steady(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.last
	p.last = now
	return now.Sub(before) < 2*beatEvery
}

// leave says that the process ends. Jobs that it leaves behind are freed when their
// time is up.
func (p *processes) leave(ctx context.Context, process string) error {
	_, err := p.db.ExecContext(ctx, `DELETE FROM sparkbridge_processes WHERE id = $1`, process)
	return err
}
