// Package store is what the engine needs of a database: the ledger of
// interviews and the queue of nudges as one contract, because they share
// transactions.
//
// The ledger is the truth; a job is only a nudge. A [Nudge] carries a kind and
// an id, never data, so that running it twice, late or for nothing changes
// nothing twice. A backlog is rows, not jobs: requests wait as interviews in
// state requested, and one drain nudge per Spark Hire credential takes as many
// of them as the budget allows.
//
// Package sqlite implements the contract for one process on one file, package
// postgres for any number of processes on one database. Package
// storetest is its specification: an implementation is right when
// storetest.Run passes.
//
// # Time
//
// Every time comes from the caller, in UTC, truncated to microseconds by
// [Time]. SQL asks for the time only where processes are told dead from alive.
//
// # Errors
//
// Methods return errors that match [ats.ErrNotFound], [ats.ErrConflict] or
// [ats.ErrUnavailable] as their comments say, and otherwise the driver's error,
// wrapped. Error texts hold no personal data.
package store
