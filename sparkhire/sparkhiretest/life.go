package sparkhiretest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// The life of an interview. Every change that the table names can come from a method below; those in brackets also from
// the API, the clock, or both.
//
//	invited               accept                 accepted
//	invited, accepted     expire (clock)         expired
//	any but completed     reschedule (API)       as it was; an expired one as before it expired
//	accepted              complete               completed
//	completed             rate                   completed
//	completed             reset                  invited
//	any                   delete (API)           deleted
//
// [assumed: docs/vendors/sparkhire.md]

// Errors that the methods which act on a record wrap.
var (
	// ErrNotFound says that there is no such record, or that it was deleted.
	ErrNotFound = errors.New("not found")
	// ErrState says that an interview is not in a state, or its job not in a status, that allows the act.
	ErrState = errors.New("not possible now")
)

// Accept lets the candidate accept an invitation, which does not yet start the interview; InterviewAccepted fires.
// It wants an invited interview of an active job. [transcribed: the event; assumed: the change; docs/vendors/sparkhire.md]
func (s *Server) Accept(id string) error {
	return s.act("accept", id, []State{Invited}, func(i *interview) error {
		if i.job.inactive {
			return fmt.Errorf("its job is not active: %w", ErrState)
		}
		s.accept(i)
		return nil
	})
}

// Complete lets the candidate submit an accepted interview of an active job; InterviewCompleted fires, and the
// inviting user gets a notice. [observed: completed_at; assumed: the change; docs/vendors/sparkhire.md]
func (s *Server) Complete(id string) error {
	return s.act("complete", id, []State{Accepted}, func(i *interview) error {
		if i.job.inactive {
			return fmt.Errorf("its job is not active: %w", ErrState)
		}
		i.state, i.updatedAt = Completed, s.moment()
		i.completedAt = i.updatedAt
		s.notify(i)
		s.emitInterview(InterviewCompleted, i)
		return nil
	})
}

// Expire ends an open interview now, whatever its deadline; InterviewExpired fires and GET answers 410 from then on, until
// the interview is rescheduled.
// Deadlines that pass by the clock do the same by themselves: those of open one-way interviews, and the start of a
// live one that was not accepted. [transcribed: the event and 410; assumed: the rest; docs/vendors/sparkhire.md]
func (s *Server) Expire(id string) error {
	return s.act("expire", id, []State{Invited, Accepted}, func(i *interview) error {
		s.expire(i, s.moment())
		return nil
	})
}

// Rate records a rating, any value that marshals to JSON, on a completed interview; InterviewRated fires. The shape of
// real ratings is not public. [transcribed: the event; docs/vendors/sparkhire.md]
func (s *Server) Rate(id string, rating any) error {
	raw, err := json.Marshal(rating)
	if err != nil {
		return fmt.Errorf("rate interview %s: %w", id, err)
	}
	return s.act("rate", id, []State{Completed}, func(i *interview) error {
		i.rating, i.updatedAt = raw, s.moment()
		s.emitInterview(InterviewRated, i)
		return nil
	})
}

// Reset throws the answers and the rating of a completed interview away and invites the candidate again;
// InterviewReset fires. at is the new deadline or start; zero keeps the old one if it is still to come and otherwise
// leaves none. [transcribed: the event; assumed: the effect; docs/vendors/sparkhire.md]
func (s *Server) Reset(id string, at time.Time) error {
	return s.act("reset", id, []State{Completed}, func(i *interview) error {
		now := s.moment()
		switch {
		case !at.IsZero() && !at.After(now):
			return fmt.Errorf("the new date is not in the future: %w", ErrState)
		case !at.IsZero():
			i.scheduledAt = at.UTC().Truncate(time.Second)
		case !i.scheduledAt.After(now):
			i.scheduledAt = time.Time{}
		}
		i.state, i.entered, i.rating, i.completedAt, i.updatedAt = Invited, false, nil, time.Time{}, now
		s.watch(i)
		s.sendMail(i.candidate.Email, EmailReset, i)
		s.emitInterview(InterviewReset, i)
		return nil
	})
}

// Reschedule moves the deadline or start of an interview that is not completed, as the website does when a request
// for more time is granted; an expired one opens again. InterviewRescheduled fires.
// [documented for the website: extensions; transcribed: the event; docs/vendors/sparkhire.md]
func (s *Server) Reschedule(id string, at time.Time) error {
	return s.act("reschedule", id, []State{Invited, Accepted, Expired}, func(i *interview) error {
		if !at.After(s.moment()) {
			return fmt.Errorf("the new date is not in the future: %w", ErrState)
		}
		s.reschedule(i, at.UTC().Truncate(time.Second))
		return nil
	})
}

// Delete removes an interview as the website does, for a cancellation or at the candidate's request;
// InterviewDeleted fires, with the interview as it was. [transcribed: the event; docs/vendors/sparkhire.md]
func (s *Server) Delete(id string) error {
	return s.act("delete", id, []State{Invited, Accepted, Completed, Expired}, func(i *interview) error {
		s.removeInterview(i)
		return nil
	})
}

// ChangeCandidate corrects the candidate's name and address, as candidates can do before they start. No event
// fires. [documented for the website: the change; assumed: no event; docs/vendors/sparkhire.md]
func (s *Server) ChangeCandidate(id string, c Candidate) error {
	return s.act("change candidate of", id, []State{Invited, Accepted}, func(i *interview) error {
		s.setCandidate(i, c)
		i.updatedAt = s.moment()
		return nil
	})
}

// act runs one change of an interview that must be in one of the states. An error means that nothing has changed.
func (s *Server) act(verb, id string, from []State, do func(*interview) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick()
	defer s.kick()
	i, ok := s.interviews.get(id)
	if !ok || i.state == Deleted {
		return fmt.Errorf("%s interview %s: %w", verb, id, ErrNotFound)
	}
	if !slices.Contains(from, i.state) {
		return fmt.Errorf("%s interview %s: it is %s: %w", verb, id, i.state, ErrState)
	}
	if err := do(i); err != nil {
		return fmt.Errorf("%s interview %s: %w", verb, id, err)
	}
	return nil
}

// accept is what a candidate does by following the link in the invitation, or an invite link.
func (s *Server) accept(i *interview) {
	i.state, i.entered, i.updatedAt = Accepted, true, s.moment()
	s.emitInterview(InterviewAccepted, i)
}

// expire ends an interview as of a moment, which is in the past when the clock is looked at late.
func (s *Server) expire(i *interview, at time.Time) {
	i.state, i.updatedAt = Expired, at
	s.emitInterview(InterviewExpired, i)
}

// reschedule moves an interview and writes to the candidate; the same date for an open one changes nothing.
func (s *Server) reschedule(i *interview, at time.Time) {
	if at.Equal(i.scheduledAt) && i.state != Expired {
		return
	}
	if i.state == Expired {
		i.state = Invited
		if i.entered {
			i.state = Accepted
		}
	}
	i.scheduledAt, i.updatedAt = at, s.moment()
	s.watch(i)
	s.sendMail(i.candidate.Email, EmailRescheduled, i)
	s.emitInterview(InterviewRescheduled, i)
}

// removeInterview deletes. Who was still expected to act is told; the event shows the interview's last state.
// [assumed: docs/vendors/sparkhire.md]
func (s *Server) removeInterview(i *interview) {
	if i.state <= Accepted {
		s.sendMail(i.candidate.Email, EmailCanceled, i)
		s.notify(i)
	}
	i.updatedAt = s.moment()
	s.emitInterview(InterviewDeleted, i)
	i.state = Deleted
}

// deadline returns when an interview expires by itself, if it does. [assumed: docs/vendors/sparkhire.md]
func (i *interview) deadline() (time.Time, bool) {
	open := i.state == Invited || i.state == Accepted && i.kind == OneWay
	return i.scheduledAt, open && !i.scheduledAt.IsZero()
}

// watch makes sure that the clock is compared with an interview's deadline.
func (s *Server) watch(i *interview) {
	if at, ok := i.deadline(); ok && (s.nextDue.IsZero() || at.Before(s.nextDue)) {
		s.nextDue = at
	}
}

// expireDue expires what is due by now, in the order of the deadlines, as of those moments.
func (s *Server) expireDue(now time.Time) {
	var due []*interview
	s.nextDue = time.Time{}
	for _, i := range s.interviews.list {
		at, ok := i.deadline()
		switch {
		case ok && !now.Before(at):
			due = append(due, i)
		case ok:
			s.watch(i)
		}
	}
	slices.SortStableFunc(due, func(a, b *interview) int { return a.scheduledAt.Compare(b.scheduledAt) })
	for _, i := range due {
		s.expire(i, i.scheduledAt)
	}
}
