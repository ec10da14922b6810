package ledger

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// The JSON in the tables. Its names are a storage format of our own, so that
// renaming a field of package ats loses nothing.

type candidateDoc struct {
	First      string     `json:"first,omitempty"`
	Last       string     `json:"last,omitempty"`
	Email      string     `json:"email,omitempty"`
	Phone      string     `json:"phone,omitempty"`
	DoNotEmail bool       `json:"do_not_email,omitempty"`
	Fields     []fieldDoc `json:"fields,omitempty"`
}

type fieldDoc struct {
	Name  string `json:"name"`
	Type  string `json:"type,omitempty"`
	Value string `json:"value,omitempty"`
}

type jobDoc struct {
	Title   string `json:"title,omitempty"`
	Status  string `json:"status,omitempty"`
	City    string `json:"city,omitempty"`
	Region  string `json:"region,omitempty"`
	Country string `json:"country,omitempty"`
}

type sparkHireDoc struct {
	JobID         string   `json:"job,omitempty"`
	QuestionSetID string   `json:"question_set,omitempty"`
	Status        string   `json:"status,omitempty"`
	WatchURL      string   `json:"watch_url,omitempty"`
	ShareURL      string   `json:"share_url,omitempty"`
	Score         *float64 `json:"score,omitempty"`
	Summary       string   `json:"summary,omitempty"`
	Announced     []string `json:"announced,omitempty"`
}

type scheduleDoc struct {
	Date       [3]int       `json:"date"`
	Time       *[2]int      `json:"time,omitempty"`
	Midnight   ats.Midnight `json:"midnight,omitempty"`
	Zone       string       `json:"zone,omitempty"`
	At         int64        `json:"at,omitempty"`
	Derivation string       `json:"derivation,omitempty"`
	Note       string       `json:"note,omitempty"`
}

type userDoc struct {
	ID       string `json:"id,omitempty"`
	Name     string `json:"name,omitempty"`
	Email    string `json:"email,omitempty"`
	TimeZone string `json:"zone,omitempty"`
	Admin    bool   `json:"admin,omitempty"`
	Linked   bool   `json:"linked,omitempty"`
	KeyHint  string `json:"key_hint,omitempty"`
}

type remarksDoc struct {
	Reason *reasonDoc `json:"reason,omitempty"`
	Notice *reasonDoc `json:"notice,omitempty"`
}

type reasonDoc struct {
	Code    ats.Code `json:"code"`
	Message string   `json:"message,omitempty"`
}

// encode returns the JSON of a document; the zero document is no text.
func encode(doc any) (string, error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return "", fmt.Errorf("encode %T: %w", doc, err)
	}
	if string(text) == "{}" {
		return "", nil
	}
	return string(text), nil
}

func decode[T any](text string) (T, error) {
	var doc T
	if text == "" {
		return doc, nil
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		// The text may be personal data: the error must not quote it.
		return doc, fmt.Errorf("decode %T: the stored text is damaged", doc)
	}
	return doc, nil
}

func candidateToDoc(c ats.Candidate) candidateDoc {
	doc := candidateDoc{First: c.FirstName, Last: c.LastName, Email: c.Email, Phone: c.Phone, DoNotEmail: c.DoNotEmail}
	for _, f := range c.CustomFields {
		doc.Fields = append(doc.Fields, fieldDoc{Name: f.APIName, Type: f.Type, Value: f.Value})
	}
	return doc
}

func candidateFromDoc(id string, doc candidateDoc) ats.Candidate {
	c := ats.Candidate{ID: id, FirstName: doc.First, LastName: doc.Last, Email: doc.Email, Phone: doc.Phone, DoNotEmail: doc.DoNotEmail}
	for _, f := range doc.Fields {
		c.CustomFields = append(c.CustomFields, ats.CustomField{APIName: f.Name, Type: f.Type, Value: f.Value})
	}
	return c
}

func scheduleToDoc(s ats.Schedule) scheduleDoc {
	doc := scheduleDoc{
		Date:       [3]int{s.Date.Year, int(s.Date.Month), s.Date.Day},
		Midnight:   s.Midnight,
		Zone:       s.Zone,
		At:         micros(s.At),
		Derivation: s.Derivation,
		Note:       s.Note,
	}
	if s.Time != nil {
		doc.Time = &[2]int{s.Time.Hour, s.Time.Minute}
	}
	return doc
}

func scheduleFromDoc(doc scheduleDoc) ats.Schedule {
	s := ats.Schedule{
		Date:       ats.Date{Year: doc.Date[0], Month: time.Month(doc.Date[1]), Day: doc.Date[2]},
		Midnight:   doc.Midnight,
		Zone:       doc.Zone,
		At:         fromMicros(doc.At),
		Derivation: doc.Derivation,
		Note:       doc.Note,
	}
	if doc.Time != nil {
		s.Time = &ats.TimeOfDay{Hour: doc.Time[0], Minute: doc.Time[1]}
	}
	return s
}

func reasonToDoc(r *ats.Reason) *reasonDoc {
	if r == nil {
		return nil
	}
	return &reasonDoc{Code: r.Code, Message: r.Message}
}

func reasonFromDoc(doc *reasonDoc) *ats.Reason {
	if doc == nil {
		return nil
	}
	return &ats.Reason{Code: doc.Code, Message: doc.Message}
}
