// Package memory is an applicant tracking system without a vendor, and an engine
// without a database: doubles of both sides of package ats, for examples, demos
// and the tests of what is built on the contract.
//
//   - [Adapter] implements [ats.Adapter] and every capability over accounts that
//     live in the process. What was published can be read as a [Card], and every
//     call can be made to fail.
//   - [Inbox] implements [ats.Inbox]: connections, policies, idempotency,
//     cancellation and erasure, as the engine promises them to an adapter.
//
// Both are held to the contract: the adapter passes the same conformance suite
// as the ones with a vendor (package atstest), and that suite runs on the inbox.
//
// # Concurrency
//
// All methods are safe for concurrent use. What they return are copies.
//
// # Testing
//
// [Adapter.FailNext], [Adapter.LoseNext] and [Inbox.FailNext] make calls go
// wrong on demand. The clocks are injected.
//
// # Limits
//
// Everything ends with the process. The package imports the standard library and
// package ats only.
package memory
