// Client uses Spark Hire's API with the bare client: it lists the question sets,
// invites a candidate, and says what became of it. It runs offline, against the
// simulator; give it a real key and leave out WithBaseURL to do it for real.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/sparkbridge/sparkbridge/sparkhire"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "client:", err)
		os.Exit(1)
	}
}

// run prepares the simulator and uses it as Spark Hire.
func run() error {
	sh := sparkhiretest.NewServer()
	defer sh.Close()
	user := sh.AddUser(sparkhiretest.User{Name: "Asha Lind", Email: "asha@care.example"})
	job := sh.AddJob(sparkhiretest.Job{Title: "Ward nurse", Address: "Lund, Sweden"})
	sh.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Nurse basics"})
	sh.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Night shifts"})

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := work(ctx, user.Key, sh.V1URL(), job.ID); err != nil {
		return err
	}
	fmt.Println("Spark Hire sent", len(sh.InvitationsTo("mira.falk@mail.example")), "invitation")
	return nil
}

// work lists the question sets and invites with the first one.
func work(ctx context.Context, apiKey, baseURL, jobID string) error {
	client, err := sparkhire.New(apiKey, sparkhire.WithBaseURL(baseURL))
	if err != nil {
		return err
	}

	var set *sparkhire.QuestionSet
	for q, err := range client.QuestionSets.All(ctx, nil) {
		if err != nil {
			return fmt.Errorf("list question sets: %w", err)
		}
		fmt.Println("question set:", q.Name)
		if set == nil {
			set = q
		}
	}
	if set == nil {
		return errors.New("there is no question set; make one on the website")
	}
	return invite(ctx, client, jobID, set.UUID)
}

// invite asks Spark Hire to invite a candidate, and tells a refusal from an
// answer that was lost: after that one nobody may simply try again.
func invite(ctx context.Context, client *sparkhire.Client, jobID, questionSetID string) error {
	interview, err := client.Interviews.Create(ctx, &sparkhire.CreateInterviewRequest{
		Type:            sparkhire.TypeOneWay,
		JobUUID:         jobID,
		QuestionSetUUID: questionSetID,
		Candidate:       sparkhire.Candidate{FirstName: "Mira", LastName: "Falk", Email: "mira.falk@mail.example"},
		ScheduledAt:     time.Now().AddDate(0, 0, 7),
	})
	var refused *sparkhire.APIError
	switch {
	case errors.Is(err, sparkhire.ErrOutcomeUnknown):
		return fmt.Errorf("look whether the candidate was invited before you try again: %w", err)
	case errors.As(err, &refused):
		return fmt.Errorf("refused by Spark Hire: %s", refused.Reason)
	case err != nil:
		return err
	}
	fmt.Println("invited:", interview.Type, interview.Status)

	same, err := client.Interviews.Get(ctx, interview.UUID)
	if err != nil {
		return fmt.Errorf("get interview: %w", err)
	}
	fmt.Println("completed:", same.Completed())
	return nil
}
