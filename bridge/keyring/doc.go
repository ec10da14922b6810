// Package keyring seals secrets before they reach a database. A [Ring] holds
// AES-256 keys: the newest seals, all of them open, so that keys can be rotated
// while old values are still in store. A sealed value carries a format version
// and the id of its key, and is bound to a context (the associated data) that
// must be given again to open it: a value copied to another row does not open.
//
// [Ring.Digest] names a secret without revealing it. It is keyed by the ring's
// own random pepper, so that short secrets cannot be found by trying them all
// against a stolen database.
//
// # Files
//
// [OpenFile] reads a ring from a file that only its owner may read (0600), and
// makes the file with one random key when there is none. The file is what
// protects every stored secret: back it up apart from the database.
//
// # Concurrency
//
// A Ring is safe for concurrent use; it never changes after it was made.
package keyring
