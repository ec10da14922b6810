// Package pgtest gives tests a PostgreSQL server, and a database of their own on it.
//
// The server is the one that the variable SPARKBRIDGE_TEST_POSTGRES names by its URL
// (scripts/postgres starts one), or else one that the test binary starts from
// Debian's package "postgresql": in a temporary folder, on a free port of 127.0.0.1,
// without waiting for the disk. It ends with the binary.
package pgtest
