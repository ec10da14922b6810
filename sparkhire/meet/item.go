package meet

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/sparkbridge/sparkbridge/sparkhire/internal/wire"
)

// ItemType is the kind of an assessment. Expect values that are not listed here: the product has live
// interviews, a behavioral assessment and reference checks too.
type ItemType string

// TypeOneWay is the one kind that is observed [docs/vendors/sparkhire.md].
const TypeOneWay ItemType = "one_way"

// ItemStatus is the vendor's word for an item's state. None is certain, so keep the word and decide by
// facts: [Item.Completed] and [IsGone].
type ItemStatus string

// UnmarshalJSON accepts a number too.
func (s *ItemStatus) UnmarshalJSON(b []byte) error { *s = ItemStatus(wire.Scalar(b)); return nil }

// Item is one candidate's assessment: the invitation and what became of it [observed:
// docs/vendors/sparkhire.md]. Every field but UUID may be missing. All times are in UTC.
//
// Nothing in version 2.0 is known to lead to a recording: neither a share link nor an address to
// watch at.
type Item struct {
	UUID   string     `json:"uuid"`
	Type   ItemType   `json:"type"`
	Status ItemStatus `json:"status"`

	DueAt       time.Time `json:"due_at,omitzero"` // the deadline; it may be moved on the website
	CompletedAt time.Time `json:"completed_at,omitzero"`

	// Completed says that the candidate has submitted: the vendor says so, or there is a CompletedAt.
	Completed bool `json:"completed"`

	// AvgRating is the reviewers' average, 0 while there is none. Its scale is not public.
	AvgRating float64 `json:"avg_rating"`

	Candidate *Person  `json:"candidate"`
	Job       *Job     `json:"job"`
	Summary   *Summary `json:"summary"` // with [LoadAISummary]

	// Raw is the item as received. It holds personal data, and whatever [LoadAIReview] brings: the
	// name of that field is not public.
	Raw json.RawMessage `json:"-"`
}

// Person is a candidate as an item refers to one. Candidates can correct name and address before
// they begin: tell items apart by their UUID.
type Person struct {
	Name   string `json:"name"` // in full
	Email  string `json:"email"`
	Avatar string `json:"avatar"` // address of a picture that expires; do not keep it
}

// LogValue does not name the person.
func (Person) LogValue() slog.Value { return slog.StringValue("person") }

// Summary is what the vendor's machine makes of the answers.
type Summary struct {
	Items []SummaryItem `json:"items"`
}

// LogValue holds none of it.
func (Summary) LogValue() slog.Value { return slog.StringValue("summary") }

// SummaryItem is the summary of one answer.
type SummaryItem struct {
	UUID     string `json:"uuid"`
	Question string `json:"question_summary"`
	Answer   string `json:"answer_summary"` // personal data
}

// LogValue is the uuid.
func (s SummaryItem) LogValue() slog.Value { return logUUID(s.UUID) }

// LogValue is what may be seen of an item in a log: nothing about the candidate.
func (i Item) LogValue() slog.Value {
	return logUUID(i.UUID, slog.String("type", string(i.Type)), slog.String("status", string(i.Status)))
}

func (i Item) id() string { return i.UUID }

// UnmarshalJSON reads the vendor's form, tolerating fields of other types.
func (i *Item) UnmarshalJSON(b []byte) error {
	type shape Item // without methods
	w := struct {
		*shape
		DueAt       timeInto   `json:"due_at"`
		CompletedAt timeInto   `json:"completed_at"`
		Completed   boolInto   `json:"completed"`
		AvgRating   numberInto `json:"avg_rating"`
	}{
		(*shape)(i), timeInto{&i.DueAt}, timeInto{&i.CompletedAt}, boolInto{&i.Completed}, numberInto{&i.AvgRating},
	}
	err := wire.Fill(b, &w)
	i.Completed = i.Completed || !i.CompletedAt.IsZero()
	if i.Job != nil {
		i.Job.Raw = nil
	}
	i.Raw = bytes.Clone(b)
	return err
}
