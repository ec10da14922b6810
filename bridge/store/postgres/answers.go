package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// answerWithin bounds a statement, unless the server still answers that somebody
	// holds a lock: it is well over lock_timeout. A server that goes away without a word,
	// as when its machine fails over, would else hold callers and their connections for
	// as long as the network takes to notice, which is a quarter of an hour.
	answerWithin = 30 * time.Second
	// pingWithin bounds the question to an idle connection whether it still works.
	pingWithin = 5 * time.Second
)

// answers bounds statements: pgx lets a tracer put another context in the place of a
// statement's. A connection whose statement took too long is closed, and the pool opens
// another.
type answers struct{ within time.Duration }

var (
	_ pgx.QueryTracer = answers{}
	_ pgx.BatchTracer = answers{}
)

type (
	// stopKey finds what ends the bound of a statement.
	stopKey struct{}
	// unboundedKey marks statements that may take as long as they need.
	unboundedKey struct{}
)

// unbounded returns a context for statements whose time grows with the tables.
func unbounded(ctx context.Context) context.Context {
	return context.WithValue(ctx, unboundedKey{}, true)
}

func (a answers) start(ctx context.Context) context.Context {
	if ctx.Value(unboundedKey{}) != nil {
		return ctx
	}
	ctx, stop := context.WithTimeout(ctx, a.within)
	return context.WithValue(ctx, stopKey{}, stop)
}

func (a answers) end(ctx context.Context) {
	if stop, ok := ctx.Value(stopKey{}).(context.CancelFunc); ok {
		stop()
	}
}

// TraceQueryStart implements [pgx.QueryTracer].
func (a answers) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return a.start(ctx)
}

// TraceQueryEnd implements [pgx.QueryTracer].
func (a answers) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) { a.end(ctx) }

// TraceBatchStart implements [pgx.BatchTracer].
func (a answers) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return a.start(ctx)
}

// TraceBatchQuery implements [pgx.BatchTracer].
func (answers) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements [pgx.BatchTracer].
func (a answers) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchEndData) { a.end(ctx) }
