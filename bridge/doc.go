// Package bridge is the engine of Sparkbridge. It accepts requests for video
// interviews from applicant tracking systems, has Spark Hire invite each
// candidate exactly once, follows the interview, and reports what happens back
// to where the recruiter looks.
//
// A program makes a [Bridge] with [New], mounts [Bridge.Handler] where vendors
// can reach it, and calls [Bridge.Run]. A backend that asks for interviews
// itself calls [Bridge.Submit], or [Bridge.SubmitTx] inside its own database
// transaction: then its row and the request become true together.
//
// # What it promises
//
// A request that was accepted survives a kill in the next instruction. Spark
// Hire's call to invite has no idempotency key, so the engine records each
// attempt before it makes it. An attempt without an answer is never repeated
// blindly: after a settle time the engine looks for the interview at Spark Hire,
// adopts it when there is exactly one, tries again when there provably is none,
// and otherwise leaves it unconfirmed, for a person to decide with
// [Bridge.Resolve].
//
// Webhooks are hints: what they say is read again with our own key before
// anything is recorded, and a sweep finds what no webhook told. Reports reach
// the ATS in order and are repeated until they are acknowledged; one that cannot
// be delivered becomes a dead letter, never nothing.
//
// # Spark Hire's two APIs
//
// A connection uses Spark Hire's API v1.0, with a key for each user, or v2.0, with one
// client that acts for every user by e-mail address: see [MeetKey] and [Access]. The
// engine is the same. What v2.0 is not known to do is refused with the reason, never
// pretended: canceling, live interviews, share links. It has no list either, so a
// lost answer is cleared up by the webhook that announces the item, within
// SparkHireConfig.ConfirmWindow, or by a person. A connection can move from v1.0 to
// v2.0 while interviews run: [Bridge.UpdateConnection].
//
// # Errors
//
// Methods return a [*ats.Refusal] for what is against the rules, and otherwise
// errors that match the kinds of package ats. [New] returns every problem of a
// [Config] at once.
//
// # Concurrency
//
// A Bridge is safe for concurrent use. A SQLite file belongs to one process.
//
// # Limits
//
// One budget per Spark Hire key, or client of API v2.0, 400 calls a minute by default, is kept in the
// store and shared by everything that uses the key. A backlog waits as rows: a
// million requests cost a million rows and one job.
package bridge
