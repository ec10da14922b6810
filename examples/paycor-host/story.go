package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
	"github.com/sparkbridge/sparkbridge/bridge"
	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

const (
	zone   = "America/Chicago"
	job    = "job-4711"
	record = "candidate-0815" // at Paycor a candidate record belongs to one job
)

// story is the company in which it happens. Every person in it is invented.
type story struct {
	*product

	out    io.Writer
	sh     *sparkhiretest.Server
	tenant ats.TenantRef
}

func play(ctx context.Context, out io.Writer) (err error) {
	sh := sparkhiretest.NewServer(sparkhiretest.WithDeterministicIDs())
	defer sh.Close()
	p, err := start(ctx, sh)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	s := &story{product: p, out: out, sh: sh, tenant: ats.TenantRef{Adapter: paycor.Name, Tenant: "501200/harbor-lane"}}
	for _, chapter := range []func(context.Context) error{s.setUp, s.requestAndCancel, s.requestAgain, s.view} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format+"\n", args...) }

// signedIn returns the person behind a session, as the engine sees people.
func (s *story) signedIn(ctx context.Context, session string) (ats.User, error) {
	who, err := s.Actor(ctx, session)
	return ats.User{ID: strconv.Itoa(int(who.UserID)), Name: who.Name, Admin: who.Administrator}, err
}

// setUp is what an administrator does once, and a recruiter for each job.
func (s *story) setUp(ctx context.Context) error {
	ada, err := s.signedIn(ctx, "ada-session")
	if err != nil {
		return err
	}
	tove, err := s.signedIn(ctx, "tove-session")
	if err != nil {
		return err
	}
	key := ats.Secret(s.sh.AddUser(sparkhiretest.User{Name: "Tove Lindqvist", Email: "t.lindqvist@harborlane.example"}).Key)
	c, err := s.engine.CreateConnection(ctx, store.Connection{
		Tenant: s.tenant, Name: "Harbor Lane Foods", TimeZone: zone, Settings: json.RawMessage(`{"feature_enabled": true}`),
	}, bridge.Access{}, ada)
	if err != nil {
		return err
	}
	if _, err := s.engine.SaveUser(ctx, c.ID, tove, &key, ada); err != nil {
		return err
	}
	if _, err := s.engine.UpdateConnection(ctx, c.ID, ada, bridge.Access{}, func(c *store.Connection) error {
		c.Enabled, c.PrimaryUser = true, tove.ID
		return nil
	}); err != nil {
		return err
	}
	s.say("Ada Brandt switches Spark Hire on and adds Tove Lindqvist's key; she is the primary user")

	_, err = s.request(ctx, "too-early")
	if err := s.refused("Tove Lindqvist requests an interview", err); err != nil {
		return err
	}
	set := s.sh.AddQuestionSet(sparkhiretest.QuestionSet{Name: "Leading a shift"}).ID
	l, err := s.engine.LinkJob(ctx, bridge.LinkJobParams{
		ConnectionID: c.ID, JobID: job, QuestionSetID: &set, By: tove,
		Create: &bridge.NewJob{Title: "Shift Supervisor", City: "Duluth", Region: "MN", Country: "USA", Description: "Leads the night shift."},
	})
	if err != nil {
		return err
	}
	s.say("Tove Lindqvist links the job to Spark Hire: %s", l.URL)
	return nil
}

// request asks for a one-way interview of Maya Okafor, due in a week as the form proposes.
func (s *story) request(ctx context.Context, key string) (ats.Interview, error) {
	tove, err := s.signedIn(ctx, "tove-session")
	if err != nil {
		return ats.Interview{}, err
	}
	day, err := paycor.ProposedExpiry(time.Now(), zone)
	if err != nil {
		return ats.Interview{}, err
	}
	due, err := ats.On(day, ats.EndOfDay, zone, ats.Fields{Date: "due.date"})
	if err != nil {
		return ats.Interview{}, err
	}
	return s.engine.Submit(ctx, ats.Request{
		Tenant: s.tenant, Key: key, Origin: ats.OriginAPI, Schedule: due, RequestedBy: tove,
		Job:       ats.Job{ID: job, Title: "Shift Supervisor"},
		Candidate: ats.Candidate{ID: record, FirstName: "Maya", LastName: "Okafor", Email: "maya.okafor@mail.example"},
	})
}

// refused says why the engine refused something; it is an error if it did not.
func (s *story) refused(who string, err error) error {
	refusal, ok := ats.AsRefusal(err)
	if !ok {
		return fmt.Errorf("%s: want a refusal, got: %w", who, err)
	}
	s.say("%s: %s", who, refusal.Message)
	return nil
}

// shows waits for the tab and says what it shows.
func (s *story) shows(ctx context.Context, want paycor.Tab) error {
	tab, err := s.await(ctx, record, want)
	if err != nil {
		return err
	}
	button := "[View Completed Interview]"
	switch {
	case tab.CanCancel:
		button = "[Cancel]"
	case tab.CanRequest:
		button = "[Request]"
	}
	s.say("  the tab: %s, expires on %s  %s", tab.Label, tab.ExpiresOn, button)
	return nil
}

func (s *story) requestAndCancel(ctx context.Context) error {
	first, err := s.request(ctx, "first")
	if err != nil {
		return err
	}
	s.say("Tove Lindqvist requests an interview with Maya Okafor")
	if err := s.shows(ctx, paycor.TabRequested); err != nil {
		return err
	}
	_, err = s.request(ctx, "second")
	if err := s.refused("Tove Lindqvist requests another one", err); err != nil {
		return err
	}
	if _, err := s.engine.Cancel(ctx, first.ID, first.RequestedBy); err != nil {
		return err
	}
	s.say("Tove Lindqvist cancels it")
	return s.shows(ctx, paycor.TabCanceled)
}

func (s *story) requestAgain(ctx context.Context) error {
	if _, err := s.request(ctx, "second"); err != nil {
		return err
	}
	s.say("Tove Lindqvist requests an interview again")
	if err := s.shows(ctx, paycor.TabRequested); err != nil {
		return err
	}
	invitations := s.sh.InvitationsTo("maya.okafor@mail.example")
	there := invitations[len(invitations)-1].InterviewID
	for _, step := range []struct {
		say  string
		do   func(string) error
		want paycor.Tab
	}{
		{"Maya Okafor accepts", s.sh.Accept, paycor.TabAccepted},
		{"Maya Okafor records the answers", s.sh.Complete, paycor.TabCompleted},
	} {
		if err := step.do(there); err != nil {
			return err
		}
		s.say("%s", step.say)
		if err := s.shows(ctx, step.want); err != nil {
			return err
		}
	}
	_, err := s.request(ctx, "third")
	return s.refused("Tove Lindqvist requests another one", err)
}

// view opens the recording for two people without a Spark Hire key: one sees the record.
func (s *story) view(ctx context.Context) error {
	tab, err := s.tab(ctx, record)
	if err != nil {
		return err
	}
	for _, session := range []string{"sam-session", "joe-session"} {
		who, err := s.signedIn(ctx, session)
		if err != nil {
			return err
		}
		url, _, err := s.engine.Recording(ctx, tab.RequestID, who)
		if err == nil {
			s.say("%s, who is on the hiring team, views it: %s", who.Name, url)
		} else if err := s.refused(who.Name+", who is not", err); err != nil {
			return err
		}
	}
	texts, err := s.newsfeed(ctx, record)
	s.say("The newsfeed:\n  %s", strings.Join(texts, "\n  "))
	return err
}
