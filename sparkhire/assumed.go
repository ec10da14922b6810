package sparkhire

// Everything that this package assumes about request bodies is in this file. The vendor's reference
// past its rate limiting section could not be read, so the names below come from what responses
// look like, from public programs, and from a community description whose schemas are guesses.
// The details and their sources are in docs/vendors/sparkhire.md.
//
//	body                     names                                           how sure
//	create interview         type                                            observed
//	                         job_uuid, question_set_uuid,                    modelled; the response spells
//	                         candidate_first_name, candidate_last_name,      these things differently
//	                         candidate_email
//	                         scheduled_at for a one-way deadline             assumed: the only date there is
//	update interview         scheduled_at                                    assumed, likewise
//	create, update job       title, status, description                      modelled
//	                         location.formatted_address                      assumed from the response; the
//	                                                                         website requires a location
//	create, update user      first_name, last_name, email                    assumed: as in the response
//	                         permission_level                                modelled
//	question                 text, time_limit, takes, think_time             assumed: as in the response
//	question set             name, questions                                 assumed: as in the response
//	update basic share link  status as 0 or 1                                assumed: the only mutable field
//	advanced share link      interview_uuid, expires_at, allow_ratings       modelled
//	create webhook           url, event                                      transcribed
//
// Also assumed: an update may replace or merge, so callers send every writable field. Times are
// written in UTC with a numeric offset, the form seen in responses.
//
// A name that turns out to be wrong is corrected here and nowhere else. Until then every request
// has Extra, whose entries are merged last and win, and [InterviewsService.CreateRaw] sends any body.

import (
	"maps"
	"time"
)

// body is a JSON object to send.
type body map[string]any

// put adds a value unless it is the zero one.
func put[T comparable](b body, name string, v T) {
	var zero T
	if v != zero {
		b[name] = v
	}
}

// change adds a value unless there is none.
func change[T any](b body, name string, v *T) {
	if v != nil {
		b[name] = *v
	}
}

// putTime adds a time unless it is the zero one.
func putTime(b body, name string, at time.Time) {
	if !at.IsZero() {
		b[name] = formatTime(at)
	}
}

// with merges the caller's own fields last.
func (b body) with(extra map[string]any) body {
	maps.Copy(b, extra)
	return b
}

func formatTime(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05-07:00") }

func (r CreateInterviewRequest) body() body {
	b := body{}
	put(b, "type", r.Type)
	put(b, "job_uuid", r.JobUUID)
	put(b, "question_set_uuid", r.QuestionSetUUID)
	put(b, "candidate_first_name", r.Candidate.FirstName)
	put(b, "candidate_last_name", r.Candidate.LastName)
	put(b, "candidate_email", r.Candidate.Email)
	putTime(b, "scheduled_at", r.ScheduledAt)
	return b.with(r.Extra)
}

func (r UpdateInterviewRequest) body() body {
	b := body{}
	if r.ScheduledAt != nil {
		b["scheduled_at"] = formatTime(*r.ScheduledAt)
	}
	return b.with(r.Extra)
}

func (r CreateJobRequest) body() body {
	b := body{}
	put(b, "title", r.Title)
	put(b, "description", r.Description)
	put(b, "status", r.Status)
	if r.Address != "" {
		b["location"] = body{"formatted_address": r.Address}
	}
	return b.with(r.Extra)
}

func (r UpdateJobRequest) body() body {
	b := body{}
	change(b, "title", r.Title)
	change(b, "description", r.Description)
	change(b, "status", r.Status)
	if r.Address != nil {
		b["location"] = body{"formatted_address": *r.Address}
	}
	return b.with(r.Extra)
}

func (r CreateUserRequest) body() body {
	b := body{}
	put(b, "first_name", r.FirstName)
	put(b, "last_name", r.LastName)
	put(b, "email", r.Email)
	put(b, "permission_level", r.PermissionLevel)
	return b.with(r.Extra)
}

func (r UpdateUserRequest) body() body {
	b := body{}
	change(b, "first_name", r.FirstName)
	change(b, "last_name", r.LastName)
	change(b, "email", r.Email)
	change(b, "permission_level", r.PermissionLevel)
	return b.with(r.Extra)
}

func (r CreateQuestionRequest) body() body {
	b := body{}
	put(b, "text", r.Text)
	put(b, "time_limit", r.TimeLimit)
	put(b, "takes", r.Takes)
	put(b, "think_time", r.ThinkTime)
	return b.with(r.Extra)
}

func (r UpdateQuestionRequest) body() body {
	b := body{}
	change(b, "text", r.Text)
	change(b, "time_limit", r.TimeLimit)
	change(b, "takes", r.Takes)
	change(b, "think_time", r.ThinkTime)
	return b.with(r.Extra)
}

func (r CreateQuestionSetRequest) body() body {
	b := body{"questions": questionBodies(r.Questions)}
	put(b, "name", r.Name)
	return b.with(r.Extra)
}

func (r UpdateQuestionSetRequest) body() body {
	b := body{}
	change(b, "name", r.Name)
	if r.Questions != nil {
		b["questions"] = questionBodies(r.Questions)
	}
	return b.with(r.Extra)
}

func questionBodies(questions []CreateQuestionRequest) []body {
	bodies := make([]body, len(questions))
	for i := range questions {
		bodies[i] = questions[i].body()
	}
	return bodies
}

func (r UpdateBasicShareLinkRequest) body() body {
	b := body{}
	if r.Active != nil {
		status := 0
		if *r.Active {
			status = 1
		}
		b["status"] = status
	}
	return b.with(r.Extra)
}

func (r CreateShareLinkRequest) body() body {
	b := body{}
	put(b, "interview_uuid", r.InterviewUUID)
	putTime(b, "expires_at", r.ExpiresAt)
	put(b, "allow_ratings", r.AllowRatings)
	return b.with(r.Extra)
}

func (r UpdateShareLinkRequest) body() body {
	b := body{}
	change(b, "interview_uuid", r.InterviewUUID)
	if r.ExpiresAt != nil {
		b["expires_at"] = formatTime(*r.ExpiresAt)
	}
	change(b, "allow_ratings", r.AllowRatings)
	return b.with(r.Extra)
}

func (r CreateWebhookRequest) body() body {
	b := body{}
	put(b, "url", r.URL)
	put(b, "event", r.Event)
	return b.with(r.Extra)
}
