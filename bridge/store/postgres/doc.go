// Package postgres is the store for any number of processes on one PostgreSQL, version
// 14 or newer.
//
//	s, err := postgres.Open(ctx, "postgres://sparkbridge@db.example/ledger?sslmode=verify-full")
//
// The database must be one with the encoding UTF8, and the user must be allowed to make
// tables in it. The names of ours begin with sparkbridge_ and river_. The password can
// be left out of the URL: pgx reads PGPASSWORD, and the file that PGPASSFILE names.
//
// # Durability
//
// A commit has reached the server's disk when a method returns, unless the server's own
// settings say otherwise (fsync, synchronous_commit). Requests that arrive together share
// a commit. When the connection breaks while the server commits, [Store.InTx] says that
// nobody knows; [Store.Accept] stores the request again, which changes nothing if it was.
//
// # Several processes
//
// They share requests, budgets and work: each row of the ledger is carried on by one at a
// time (file locks.go says which lock makes what safe), and a nudge from one process
// wakes the others. A process that dies is noticed after twelve seconds, and what it was
// doing is done again. All of them need the same key ring.
//
// # Connections
//
// A store opens at most 16 connections that write, or what the URL's pool_max_conns says;
// 4 that read; and one that listens. [WithConnections] sets both numbers. More of them
// rarely help: requests share one, and the vendors' budgets bound the rest. The server's
// max_connections must have room for all processes, with some to spare while one is
// replaced by the next.
//
// A pooler between (PgBouncer) must keep sessions: the store prepares statements, listens,
// and takes locks that last a session.
//
// Transactions wait ten seconds for somebody else's lock, then match [ats.ErrUnavailable];
// ?lock_timeout= in the URL sets another time, and any other server setting likewise.
// A server that says nothing at all for half a minute is taken for gone: the statement
// fails with [ats.ErrUnavailable], and its connection is replaced.
//
// # Privacy
//
// What is erased is gone from every query at once. PostgreSQL keeps old versions of rows
// until it vacuums, and the write-ahead log and backups as long as they are kept.
package postgres
