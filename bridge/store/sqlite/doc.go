// Package sqlite is the store for one process on one SQLite file: the default,
// with nothing else to install or run.
//
//	s, err := sqlite.Open(ctx, "sparkbridge.db")
//
// # Durability
//
// A commit has reached the disk when a method returns (write-ahead log, full
// synchronization). Requests that arrive together share a commit.
//
// # Concurrency
//
// One connection writes, a pool of others reads; readers never wait for the
// writer. A lock file next to the database keeps a second process out.
//
// # Privacy
//
// The files are readable by their owner only. What is overwritten or deleted is
// overwritten with zeros, and after an erasure the write-ahead log is cut as
// well.
package sqlite
