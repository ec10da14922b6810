package queue

import (
	"encoding/json"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/sparkbridge/sparkbridge/bridge/store"
)

// Name is the River queue; a host may run queues of its own in the same tables.
const Name = "sparkbridge"

// maxAttempts is the most that every River driver can store. Only crashes count:
// see the package comment.
const maxAttempts = 32767

// nudge is the River job: a kind and an id, never data.
type nudge struct {
	Work store.Kind `json:"kind"`
	ID   string     `json:"id"`
}

// Kind implements [river.JobArgs].
func (nudge) Kind() string { return "sparkbridge_nudge" }

// InsertOpts implements [river.JobArgsWithInsertOpts].
func (nudge) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		MaxAttempts: maxAttempts,
		Queue:       Name,
		UniqueOpts: river.UniqueOpts{
			ByArgs: true,
			// River's default has completed too, which would drop nudges after the work.
			ByState: []rivertype.JobState{
				rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
				rivertype.JobStateRunning, rivertype.JobStateScheduled,
			},
		},
	}
}

// metadata is what the queue keeps with a job.
type metadata struct {
	// Snoozes counts the pauses after errors.
	Snoozes int `json:"snoozes"`
	// Missed counts the nudges that the job stood in the way of while it ran.
	Missed int64 `json:"missed"`
}

func metadataOf(job *rivertype.JobRow) (m metadata) {
	_ = json.Unmarshal(job.Metadata, &m) // zero, if somebody has written nonsense into it
	return m
}

// attempt returns which run of the job this is, from 1: River's attempts and the
// snoozes after errors.
func attempt(job *rivertype.JobRow) int { return job.Attempt + metadataOf(job).Snoozes }

func missed(job *rivertype.JobRow) int64 { return metadataOf(job).Missed }
