// Package queue is the queue of the store over River. It is generic over River's
// driver, so that every database shares it.
//
// # What is River's and what is not
//
// Immediate nudges are River jobs of one kind, unique by nudge while they wait,
// pause after an error, or run. River fetches, runs, retries after a crash,
// cleans up and elects who does so.
//
// Later nudges are rows of the ledger, called alarms, that become River jobs when
// their time comes. River's own scheduled jobs are not used: its scheduler looks
// every five seconds only, and on SQLite reads every scheduled row each time (0.2
// seconds per million, on the only writing connection).
//
// A failed job is snoozed, not errored: River stores the text of every error with
// the job and gives up after a number of attempts; a snooze stores a counter. The
// snooze is ours, because River's goes through that scheduler.
//
// # Nudges that arrive while their job runs
//
// River cannot insert a job that is equal to a running one. Such a nudge is
// dropped, which is right when the handler looks at the ledger once more in the
// transaction that finishes the job. For handlers that do not, because they have
// looked before it or at something outside the ledger, the nudge is counted
// in the job that stood in the way, in the nudging transaction, which holds the job's
// lock. Whoever ends the job compares the count with the one that it knows of, and
// inserts the job anew when there were more. This holds across processes.
//
// # Processes that die
//
// River takes a job for a dead process's when it has run for longer than it may,
// which is minutes. Where several processes work, each says that it lives every few
// seconds, and the jobs of one that has not for a while are made available.
package queue
