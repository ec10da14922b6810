package sparkhiretest

import (
	"net/http"
	"time"
)

// listInterviews lists the interviews of the jobs that the user may see, whoever invited. Expired ones are among them
// unless [WithExpiredUnlisted] is set. [assumed: docs/vendors/sparkhire.md]
func (s *Server) listInterviews(c *call) (any, *problem) {
	words := s.cfg.words
	var all []*interview
	for _, i := range s.interviews.list {
		if i.state == Deleted || i.state == Expired && s.cfg.expiredHidden || !mayView(c.user, i.job) {
			continue
		}
		if c.picked("status[]", words.interview(i.state)) && c.picked("type[]", i.kind) && c.pickedJob(i.job.id) {
			all = append(all, i)
		}
	}
	return list(s, c, all, s.interviewJSON, orders[*interview]{
		"created":   byTime(func(i *interview) time.Time { return i.createdAt }),
		"updated":   byTime(func(i *interview) time.Time { return i.updatedAt }),
		"scheduled": byTime(func(i *interview) time.Time { return i.scheduledAt }),
		"completed": byTime(func(i *interview) time.Time { return i.completedAt }),
		"status":    byText(func(i *interview) string { return words.interview(i.state) }),
	})
}

// namedInterview finds the interview in the path, if the user may see its job.
func (s *Server) namedInterview(c *call) (*interview, *problem) {
	i, ok := s.interviews.get(c.args["uuid"])
	if !ok || i.state == Deleted || !mayView(c.user, i.job) {
		return nil, notFound("Interview")
	}
	return i, nil
}

// getInterview shows an interview; an expired one is gone. [transcribed: 410; docs/vendors/sparkhire.md]
func (s *Server) getInterview(_ *call, i *interview) (any, *problem) {
	if i.state == Expired {
		return nil, refusal(http.StatusGone, "Interview has expired.")
	}
	return s.interviewJSON(i), nil
}

// createInterview invites a candidate. It has no idempotency: the same call twice is two interviews and two e-mails,
// unless [WithDuplicatesRefused] is set.
// [transcribed: the operation; observed: type; modeled and assumed: all other fields; docs/vendors/sparkhire.md]
func (s *Server) createInterview(c *call) (any, *problem) {
	d := draft{by: c.user}
	if p := s.read(c, func(f *fields) {
		d.readFrom(f)
		s.examine(f, &d, c.now)
	}); p != nil {
		return nil, p
	}
	return s.interviewJSON(s.keepInterview(&d, ByAPI, c.body)), nil
}

// updateInterview changes what the body names. Another scheduled_at is what moves a deadline or a start; it opens an
// expired interview again. Before the candidate has accepted, the candidate and the question set can change too.
// [assumed: docs/vendors/sparkhire.md]
func (s *Server) updateInterview(c *call, i *interview) (any, *problem) {
	was := draftOf(i)
	d := was
	var moved, edited bool
	if p := s.read(c, func(f *fields) {
		d.readFrom(f)
		moved, edited = s.examineChange(f, i, &d, c.now)
	}); p != nil {
		return nil, p
	}
	if edited {
		s.setCandidate(i, d.candidate)
		if d.setID != was.setID {
			i.set, i.questions = d.set, s.questionsFrom(d.set)
		}
		i.updatedAt = s.moment()
	}
	if moved {
		s.reschedule(i, d.at)
	}
	return s.interviewJSON(i), nil
}

// examineChange says what speaks against turning an interview into the draft, and whether its date, or its candidate or
// question set, would be another.
func (s *Server) examineChange(f *fields, i *interview, d *draft, now time.Time) (moved, edited bool) {
	was := draftOf(i)
	reopens := i.state == Expired && f.has("scheduled_at") && d.at.After(now)
	moved = reopens || !d.at.Equal(was.at)
	edited = d.candidate != was.candidate || d.setID != was.setID
	if d.kind != i.kind {
		f.refuse("type cannot change.")
	}
	if d.jobID != i.job.id {
		f.refuse("job_uuid cannot change.")
	}
	if moved && i.state == Completed {
		f.refuse("scheduled_at cannot change: the interview is completed.")
	}
	if moved && !d.at.After(now) {
		f.refuse("scheduled_at must be in the future.")
	}
	if edited && i.state != Invited {
		f.refuse("the candidate and question_set_uuid cannot change: the interview is %s.", i.state)
	}
	if edited {
		s.examineCandidate(f, d)
	}
	if d.setID != was.setID {
		s.examineSet(f, d)
	}
	return moved, edited
}

// deleteInterview removes an interview for good and tells the candidate, unless it was over.
// [transcribed: 204; assumed: the rest; docs/vendors/sparkhire.md]
func (s *Server) deleteInterview(_ *call, i *interview) (any, *problem) {
	s.removeInterview(i)
	return nil, nil
}
