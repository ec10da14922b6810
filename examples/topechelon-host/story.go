package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/topechelon"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// The records of the agency. Every person is invented.
const (
	engineer = "2342" // a job
	maya     = "481516"
	jonas    = "481517"
)

// play tells the story.
func play(ctx context.Context, out io.Writer) (err error) {
	sh := sparkhiretest.NewServer()
	defer sh.Close()
	account := sh.AddUser(sparkhiretest.User{Name: "Tove Lindqvist", Email: "tove@agency.example"})
	questions := sh.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Engineer basics"})

	b := &backend{
		agency: "ag-12",
		sessions: map[string]ats.User{
			"tove-session": {ID: "u1", Name: "Tove", TimeZone: "America/New_York"},
			"nils-session": {ID: "u2", Name: "Nils", TimeZone: "America/Chicago"},
		},
		people: map[string]ats.Candidate{
			maya:  {FirstName: "Maya", LastName: "Okafor", Email: "maya.okafor@mail.example"},
			jonas: {FirstName: "Jonas", LastName: "Weber", Email: "jonas.weber@mail.example"},
		},
		jobs:      map[string]ats.Job{engineer: {Title: "Controls Engineer"}},
		pipelines: map[string][]string{engineer: {maya, jonas}},
		column:    map[topechelon.PipelineRef]topechelon.InterviewStatus{},
		changed:   make(chan struct{}),
	}
	stop, err := b.start(ctx, sh)
	if err != nil {
		return fmt.Errorf("start the engine: %w", err)
	}
	defer func() { err = errors.Join(err, stop()) }()
	s := &story{backend: b, sh: sh, out: out, tove: b.sessions["tove-session"], nils: b.sessions["nils-session"]}

	key := ats.Secret(account.Key)
	if _, err := b.engine.SaveUser(ctx, b.connection, s.tove, &key, s.tove); err != nil {
		return fmt.Errorf("save the key: %w", err)
	}
	s.say("Tove pastes her Spark Hire key and saves. Nils has none.\n")
	for _, part := range []func(context.Context) error{
		s.sendTheJob,
		func(ctx context.Context) error { return s.fromThePerson(ctx, questions.ID) },
		s.fromThePipeline,
		s.notConnected,
		s.theCandidates,
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// story is told on the pages of two users.
type story struct {
	*backend
	sh         *sparkhiretest.Server
	out        io.Writer
	tove, nils ats.User
}

func (s *story) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format+"\n", args...) }

// sendTheJob presses the button on the card of the job.
func (s *story) sendTheJob(ctx context.Context) error {
	s.say("The job Controls Engineer:")
	if err := s.jobCards(ctx); err != nil {
		return err
	}
	create := &bridge.NewJob{Title: "Controls Engineer", City: "Akron", Region: "OH", Country: "United States"}
	if _, err := s.engine.LinkJob(ctx, bridge.LinkJobParams{ConnectionID: s.connection, JobID: engineer, Create: create, By: s.tove}); err != nil {
		return fmt.Errorf("send the job: %w", err)
	}
	s.say("Tove sends it:")
	return s.jobCards(ctx)
}

func (s *story) jobCards(ctx context.Context) error {
	c, err := s.seen(ctx)
	if err != nil {
		return err
	}
	for _, u := range []ats.User{s.tove, s.nils} {
		card, err := s.adapter.JobCard(ctx, c, u, engineer)
		if err != nil {
			return err
		}
		switch {
		case !card.Shown:
			s.say("  %s sees no card", u.Name)
		case card.Action == topechelon.ActionView:
			link, err := s.engine.JobLink(ctx, c.ID, engineer)
			if err != nil {
				return err
			}
			s.say("  %s sees [%s] %s", u.Name, card.Text, link.URL)
		default:
			s.say("  %s sees [%s]", u.Name, card.Text)
		}
	}
	return nil
}

// fromThePerson schedules a one-way interview from the card of a person.
func (s *story) fromThePerson(ctx context.Context, questionSet string) error {
	c, err := s.seen(ctx)
	if err != nil {
		return err
	}
	card, err := s.adapter.PersonCard(ctx, c, s.tove, maya)
	if err != nil {
		return err
	}
	s.say("\nThe person Maya Okafor:\n  Tove sees [%s], %d job to choose from", topechelon.TextSchedule, len(card.Jobs))
	form := card.Form
	form.JobID, form.QuestionSetID, form.Message = card.Jobs[0].JobID, questionSet, "Looking forward to meeting you."
	form.Date, form.Time = inDays(7), "17:00"
	for range 2 { // an impatient finger
		if err := s.schedule(ctx, s.tove, "page-1", form); err != nil {
			return fmt.Errorf("schedule: %w", err)
		}
	}
	if err := s.await(ctx, maya, "Invited"); err != nil {
		return err
	}
	s.say("  Tove schedules a one-way interview and clicks twice: %d e-mail from Spark Hire", len(s.sh.InvitationsTo("maya.okafor@mail.example")))
	return s.pipeline(ctx, s.tove)
}

// fromThePipeline schedules a live interview from the icon in a row.
func (s *story) fromThePipeline(ctx context.Context) error {
	row, err := s.row(ctx, s.tove, engineer, jonas)
	if err != nil {
		return err
	}
	form := row.Form.WithType(ats.Live)
	s.say("\nTove clicks the icon beside Jonas Weber: job and interviewee are filled in.\nShe chooses Live. The question set is disabled: %t.", form.QuestionSetDisabled())
	form.Date, form.Time = inDays(3), "09:30"
	if err := s.schedule(ctx, s.tove, "page-2", form); err != nil {
		return fmt.Errorf("schedule: %w", err)
	}
	if err := s.await(ctx, jonas, "Invited"); err != nil {
		return err
	}
	if row, err = s.row(ctx, s.tove, engineer, jonas); err != nil {
		return err
	}
	s.say("She schedules. Opened again, the form says: %s", row.Form.Notice)
	return nil
}

// notConnected lets Nils call the backend without a button.
func (s *story) notConnected(ctx context.Context) error {
	form := topechelon.NewForm(engineer, maya).WithType(ats.Live)
	form.Date, form.Time = inDays(3), "10:00"
	err := s.schedule(ctx, s.nils, "page-3", form)
	refusal, ok := ats.AsRefusal(err)
	if !ok {
		return fmt.Errorf("nils was not refused: %w", err)
	}
	s.say("\nNils schedules without a button: %s.\n  %s", refusal.Code, refusal.Message)
	return nil
}

// theCandidates take part, and the column follows.
func (s *story) theCandidates(ctx context.Context) error {
	first, second := s.sh.InvitationsTo("maya.okafor@mail.example"), s.sh.InvitationsTo("jonas.weber@mail.example")
	if len(first) != 1 || len(second) != 1 {
		return fmt.Errorf("%d and %d invitations were sent, not one each", len(first), len(second))
	}
	if err := errors.Join(s.sh.Accept(first[0].InterviewID), s.sh.Complete(first[0].InterviewID), s.sh.Accept(second[0].InterviewID)); err != nil {
		return err
	}
	if err := errors.Join(s.await(ctx, maya, "Completed"), s.await(ctx, jonas, "Accepted")); err != nil {
		return err
	}
	s.say("\nMaya completes her interview, Jonas accepts his.")
	return s.pipeline(ctx, s.tove, s.nils)
}

// pipeline prints the page of the job's pipeline as users see it.
func (s *story) pipeline(ctx context.Context, users ...ats.User) error {
	for _, u := range users {
		s.say("The pipeline of Controls Engineer, for %s:", u.Name)
		for _, person := range s.pipelines[engineer] {
			row, err := s.row(ctx, u, engineer, person)
			if err != nil {
				return err
			}
			line := "  " + s.people[person].Name()
			if row.Shown {
				line += fmt.Sprintf("  %-9s", row.Status.Label)
			}
			if !row.Status.DueAt.IsZero() {
				line += row.Status.DueAt.Format("  due 2006-01-02 15:04 -07:00")
			}
			if row.Icon {
				line += "  [icon]"
			}
			if row.Status.ResultURL != "" {
				line += "  " + row.Status.ResultURL
			}
			s.say("%s", line)
		}
	}
	return nil
}

// inDays returns a date as the form has it.
func inDays(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }
