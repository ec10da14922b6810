package sparkhiretest

import (
	"encoding/json"
	"slices"
	"strconv"
)

// unlimited is how a think time without a limit is spelled. [assumed: docs/vendors/sparkhire.md]
const unlimited = "unlimited"

// maxQuestions is how many questions a set may hold. [documented for the website: docs/vendors/sparkhire.md]
const maxQuestions = 10

// Question is one question of a set or an interview.
// [observed: the fields; unit of the limit not public; docs/vendors/sparkhire.md]
type Question struct {
	// ID is the question's UUID. The server sets it.
	ID   string
	Text string
	// TimeLimit bounds an answer; zero is shown as null.
	TimeLimit int
	// Takes is how often an answer may be recorded; zero is shown as null.
	Takes int
	// ThinkTime is text on the wire; empty is unlimited.
	ThinkTime string
}

// questionJSON is a question as the API shows it. [observed: docs/vendors/sparkhire.md]
type questionJSON struct {
	UUID      string `json:"uuid"`
	Text      string `json:"text"`
	TimeLimit *int   `json:"time_limit"`
	Takes     *int   `json:"takes"`
	ThinkTime string `json:"think_time"`
}

func (q Question) json() questionJSON {
	out := questionJSON{UUID: q.ID, Text: q.Text, ThinkTime: q.ThinkTime}
	if q.TimeLimit > 0 {
		out.TimeLimit = &q.TimeLimit
	}
	if q.Takes > 0 {
		out.Takes = &q.Takes
	}
	return out
}

// settled applies the rule that a limited think time allows one take.
// [documented for the website: docs/vendors/sparkhire.md]
func (q Question) settled() Question {
	if q.ThinkTime == "" {
		q.ThinkTime = unlimited
	}
	if q.ThinkTime != unlimited {
		q.Takes = 1
	}
	return q
}

// readQuestion reads the writable fields into q. Think time may be text or a number.
func readQuestion(f *fields, q *Question) {
	f.text("text", &q.Text)
	f.number("time_limit", &q.TimeLimit)
	f.number("takes", &q.Takes)
	var n int
	if value, ok := f.take("think_time"); ok && json.Unmarshal(value, &n) == nil && string(value) != "null" {
		q.ThinkTime = strconv.Itoa(n)
	} else {
		f.text("think_time", &q.ThinkTime)
	}
	f.require("text", q.Text != "")
	*q = q.settled()
}

// copyQuestions gives an interview questions of its own. [assumed: docs/vendors/sparkhire.md]
func (s *Server) copyQuestions(of []Question) []Question {
	out := slices.Clone(of)
	for i := range out {
		out[i] = out[i].settled()
		out[i].ID = s.cfg.ids.uuid()
	}
	return out
}

// asked is a question of an interview: the one at a position.
type asked struct {
	in *interview
	at int
}

// namedQuestion finds the question in the path. Unlike the interview itself, the questions of an expired one can be
// read. [assumed: docs/vendors/sparkhire.md]
func (s *Server) namedQuestion(c *call) (asked, *problem) {
	i, p := s.namedInterview(c)
	if p != nil {
		return asked{}, p
	}
	at := slices.IndexFunc(i.questions, func(q Question) bool { return q.ID == c.args["question_uuid"] })
	if at < 0 {
		return asked{}, notFound("Question")
	}
	return asked{i, at}, nil
}

// changeable refuses to change questions once the candidate has accepted. [assumed: docs/vendors/sparkhire.md]
func (s *Server) changeable(i *interview) *problem {
	if i.state != Invited {
		return refusal(s.cfg.refusal, "The questions cannot change: the interview is %s.", i.state)
	}
	return nil
}

// listQuestions shows all questions, unpaged. [transcribed: no range; docs/vendors/sparkhire.md]
func (s *Server) listQuestions(_ *call, i *interview) (any, *problem) {
	return rendered(i.questions, Question.json), nil
}

func (s *Server) getQuestion(_ *call, q asked) (any, *problem) {
	return q.in.questions[q.at].json(), nil
}

func (s *Server) createQuestion(c *call, i *interview) (any, *problem) {
	if p := s.changeable(i); p != nil {
		return nil, p
	}
	if len(i.questions) >= maxQuestions {
		return nil, refusal(s.cfg.refusal, "An interview has at most %d questions.", maxQuestions)
	}
	var q Question
	if p := s.read(c, func(f *fields) { readQuestion(f, &q) }); p != nil {
		return nil, p
	}
	q.ID = s.cfg.ids.uuid()
	i.questions = append(i.questions, q)
	i.updatedAt = s.moment()
	return q.json(), nil
}

func (s *Server) updateQuestion(c *call, which asked) (any, *problem) {
	if p := s.changeable(which.in); p != nil {
		return nil, p
	}
	q := which.in.questions[which.at]
	if s.cfg.putReplaces {
		q = Question{ID: q.ID}
	}
	if p := s.read(c, func(f *fields) { readQuestion(f, &q) }); p != nil {
		return nil, p
	}
	which.in.questions[which.at] = q
	which.in.updatedAt = s.moment()
	return q.json(), nil
}

func (s *Server) deleteQuestion(_ *call, which asked) (any, *problem) {
	if p := s.changeable(which.in); p != nil {
		return nil, p
	}
	which.in.questions = slices.Delete(which.in.questions, which.at, which.at+1)
	which.in.updatedAt = s.moment()
	return nil, nil
}

// readQuestions reads the array of questions in a question set's body; what is wrong in one is said with its place.
func (s *Server) readQuestions(f *fields, dst *[]Question) {
	var bodies []map[string]json.RawMessage
	f.raw("questions", "an array of questions", &bodies)
	if len(bodies) > maxQuestions {
		f.refuse("questions must hold at most %d questions.", maxQuestions)
	}
	if !f.has("questions") {
		return
	}
	*dst = make([]Question, len(bodies))
	for n, body := range bodies {
		inner, q := newFields(body), &(*dst)[n]
		readQuestion(inner, q)
		if p := inner.done(&s.cfg); p != nil {
			f.refuse("questions[%d]: %s", n, p.reason)
		}
		q.ID = s.cfg.ids.uuid()
	}
}
