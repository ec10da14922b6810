package sparkhiretest

import (
	"slices"
	"strings"
	"time"
)

// QuestionSet is a list of questions that interviews start from.
type QuestionSet struct {
	// ID is the set's UUID. The server sets it.
	ID string
	// AccountID says where the set belongs; empty is the first account.
	AccountID string
	Name      string
	// Questions are copied into each interview that is made from the set. The API accepts at most ten.
	// [documented for the website: ten; docs/vendors/sparkhire.md]
	Questions []Question
}

type questionSet struct {
	id                   string
	account              *account
	name                 string
	questions            []Question
	deleted              bool
	createdAt, updatedAt time.Time
}

// setJSON is a question set as the API shows it. [observed: docs/vendors/sparkhire.md]
type setJSON struct {
	UUID      string         `json:"uuid"`
	Name      string         `json:"name"`
	CreatedAt wireTime       `json:"created_at"`
	UpdatedAt wireTime       `json:"updated_at"`
	Questions []questionJSON `json:"questions"`
}

// AddQuestionSet adds a question set as if somebody had made it on the website, and returns it with all IDs. It
// panics when the account is unknown.
func (s *Server) AddQuestionSet(q QuestionSet) QuestionSet {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := &questionSet{account: s.mustAccount(q.AccountID), name: q.Name, questions: s.copyQuestions(q.Questions)}
	s.keepSet(rec)
	return rec.snapshot()
}

// QuestionSet returns a question set as it is now. It reports false when there is none or it was deleted.
func (s *Server) QuestionSet(id string) (QuestionSet, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, ok := s.sets.get(id)
	if !ok || q.deleted {
		return QuestionSet{}, false
	}
	return q.snapshot(), true
}

func (s *Server) keepSet(q *questionSet) {
	q.id = s.cfg.ids.uuid()
	q.createdAt = s.moment()
	q.updatedAt = q.createdAt
	s.sets.add(q.id, q)
}

func (q *questionSet) snapshot() QuestionSet {
	return QuestionSet{ID: q.id, AccountID: q.account.id, Name: q.name, Questions: slices.Clone(q.questions)}
}

func (q *questionSet) json() setJSON {
	return setJSON{q.id, q.name, wireTime(q.createdAt), wireTime(q.updatedAt), rendered(q.questions, Question.json)}
}

// namedSet finds the question set in the path; everybody in the account sees every one.
// [assumed: docs/vendors/sparkhire.md]
func (s *Server) namedSet(c *call) (*questionSet, *problem) {
	q, ok := s.sets.get(c.args["uuid"])
	if !ok || q.deleted || q.account != c.user.account {
		return nil, notFound("Question set")
	}
	return q, nil
}

func (s *Server) listSets(c *call) (any, *problem) {
	var all []*questionSet
	for _, q := range s.sets.list {
		if q.account == c.user.account && !q.deleted {
			all = append(all, q)
		}
	}
	return list(s, c, all, (*questionSet).json, orders[*questionSet]{
		"created": byTime(func(q *questionSet) time.Time { return q.createdAt }),
		"updated": byTime(func(q *questionSet) time.Time { return q.updatedAt }),
		"name":    byText(func(q *questionSet) string { return q.name }),
	})
}

func (s *Server) getSet(_ *call, q *questionSet) (any, *problem) { return q.json(), nil }

func (s *Server) createSet(c *call) (any, *problem) {
	q := &questionSet{account: c.user.account}
	if p := s.readSet(c, q); p != nil {
		return nil, p
	}
	s.keepSet(q)
	return q.json(), nil
}

// updateSet changes a set. Questions that are sent replace all the old ones and get new UUIDs; interviews keep their
// copies. [assumed: docs/vendors/sparkhire.md]
func (s *Server) updateSet(c *call, q *questionSet) (any, *problem) {
	draft := *q
	if s.cfg.putReplaces {
		draft.name, draft.questions = "", nil
	}
	if p := s.readSet(c, &draft); p != nil {
		return nil, p
	}
	*q = draft
	q.updatedAt = s.moment()
	return q.json(), nil
}

// readSet reads the writable fields into dst. [observed: name; assumed: required; docs/vendors/sparkhire.md]
func (s *Server) readSet(c *call, dst *questionSet) *problem {
	return s.read(c, func(f *fields) {
		f.text("name", &dst.name)
		f.require("name", strings.TrimSpace(dst.name) != "")
		s.readQuestions(f, &dst.questions)
	})
}

func (s *Server) deleteSet(_ *call, q *questionSet) (any, *problem) {
	q.deleted = true
	return nil, nil
}
