package memory

import (
	"maps"
	"slices"

	"github.com/sparkbridge/sparkbridge/ats"
)

// What callers give and get shares no memory with what is kept.

func cloneCandidate(c ats.Candidate) ats.Candidate {
	c.CustomFields = slices.Clone(c.CustomFields)
	c.Raw = slices.Clone(c.Raw)
	return c
}

func cloneInterview(iv ats.Interview) ats.Interview {
	iv.Candidate = cloneCandidate(iv.Candidate)
	iv.Job.Raw = slices.Clone(iv.Job.Raw)
	iv.Reason = clonePointer(iv.Reason)
	iv.Notice = clonePointer(iv.Notice)
	iv.SparkHire.Score = clonePointer(iv.SparkHire.Score)
	iv.Schedule.Time = clonePointer(iv.Schedule.Time)
	return iv
}

func cloneRequest(r ats.Request) ats.Request {
	r.Candidate = cloneCandidate(r.Candidate)
	r.Job.Raw = slices.Clone(r.Job.Raw)
	r.Schedule.Time = clonePointer(r.Schedule.Time)
	r.ReplyTo = slices.Clone(r.ReplyTo)
	return r
}

func cloneReport(r ats.Report) ats.Report {
	r.Interview = cloneInterview(r.Interview)
	r.Events = cloneEvents(r.Events)
	r.ReplyTo = slices.Clone(r.ReplyTo)
	return r
}

func cloneEvents(events []ats.Event) []ats.Event {
	events = slices.Clone(events)
	for i := range events {
		events[i].Data = maps.Clone(events[i].Data)
	}
	return events
}

func clonePolicy(p ats.Policy) ats.Policy {
	p.Types = slices.Clone(p.Types)
	p.QuestionSet = maps.Clone(p.QuestionSet)
	p.Codes, p.Words = maps.Clone(p.Codes), maps.Clone(p.Words)
	return p
}

func clonePointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
