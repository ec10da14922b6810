package store

import (
	"context"
	"log/slog"
	"time"
)

// Kind is what a nudge asks for.
type Kind string

// KindDrain is what [Tx.Accept] nudges; the id is the interview's credential.
const KindDrain Kind = "drain"

// Nudge asks for a unit of work. At most one immediate nudge of a kind and id
// waits at a time: another one is dropped, because the first will see the same
// ledger. One that pauses after an error is waiting too.
//
// A nudge for a later time is separate from immediate ones; those for the same
// tenth of a second, rounded up, are one. When its time comes it is an immediate
// one.
type Nudge struct {
	Kind Kind
	// ID names a row; it holds no personal data.
	ID string
	// At is when; the zero time and times that have passed mean now. Later nudges
	// never come early. They come within 250 ms of their time while the process that
	// asked lives, and within 10 s after a restart or by another process.
	At time.Time
}

// Job is a nudge that is being run.
type Job struct {
	Kind Kind
	ID   string
	// Attempt counts from 1.
	Attempt int
	// Ref is the implementation's own handle, for [Tx.Finish].
	Ref any
}

// Handler does the work of a kind. It may run twice, late or for nothing, but
// never concurrently for the same kind and id within one process. An error
// makes the job run again after a growing pause (seconds to minutes), for as
// long as it takes. A panic counts as an error, and so does a kind without a
// handler.
//
// A handler that looks at the ledger once more after [Tx.Finish], in the same
// transaction, has seen every nudge so far; those that come until the commit are run.
// One that ends with [Tx.Complete], or returns nil without either, is run once more
// when a nudge for the same work arrived meanwhile.
type Handler func(ctx context.Context, j Job) error

// WorkConfig configures [Store.Work].
type WorkConfig struct {
	Handlers map[Kind]Handler
	// Workers is how many handlers run at once. Default 8.
	Workers int
	// JobTimeout ends a handler's context. Default two minutes.
	JobTimeout time.Duration
	// StopTimeout bounds waiting for handlers when the context ends. Default 30 s.
	StopTimeout time.Duration
	// Logger is told about failed jobs, without personal data. Default: discard.
	Logger *slog.Logger
	// Started is called once when the queue works; may be nil.
	Started func()
}
