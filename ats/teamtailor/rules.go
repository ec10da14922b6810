package teamtailor

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/sparkbridge/sparkbridge/ats"
)

// The field ids of the trigger form. They are part of the contract with saved
// triggers, which send them for years. No underscores: Teamtailor turns them into
// hyphens [documented: docs/vendors/teamtailor.md].
const (
	fieldRecruiter   = "recruiter"
	fieldType        = "interview-type"
	fieldJob         = "job"
	fieldZone        = "timezone"
	fieldQuestionSet = "question-set"
	fieldSchedule    = "schedule-interview"
)

// What the form and the custom fields mean, by number. The tests name these.
//
//	T1  A trigger-id makes a run automatic; a job without one makes it manual; no
//	    job makes it bulk.
//	T2  Automatic, one-way: the custom fields are required, the box is not used.
//	T3  Automatic, live: the same.
//	T4  Manual, one-way: the custom fields or the box; filled fields win.
//	T5  Manual, live: the custom fields are required. With the setting
//	    live_form_time the box serves when they are empty.
//	T6  Bulk: as manual, for each candidate by itself.
//	T7  One of two custom fields does not win over the box; without a box the
//	    missing one is named.
//	T8  The type is one_way when the form has none; an unknown one is refused.
//	T9  The recruiter is one of the linked users.
//	T10 A Spark Hire job is required; a question set for one-way, and for live it is
//	    dropped.
//	T11 The zone is the form's, else the connection's; without one nothing is sent.
//	T12 A time is on the 24-hour clock, exists on that day in that zone, and is in
//	    the future.
//	T13 The candidate has an e-mail address.

// boxUse is what the form's date and time are good for.
type boxUse int

const (
	boxIgnored    boxUse = iota // T2, T3
	boxIfEmpty                  // T4
	boxIfSettings               // T5: when the connection's settings say so
)

// scheduleRule says where the date and time of one kind of run come from.
type scheduleRule struct {
	name   string
	origin ats.Origin
	typ    ats.InterviewType
	box    boxUse
}

func scheduleRules() [6]scheduleRule {
	return [...]scheduleRule{
		{"T2", ats.OriginTrigger, ats.OneWay, boxIgnored},
		{"T3", ats.OriginTrigger, ats.Live, boxIgnored},
		{"T4", ats.OriginManual, ats.OneWay, boxIfEmpty},
		{"T5", ats.OriginManual, ats.Live, boxIfSettings},
		{"T6", ats.OriginBulk, ats.OneWay, boxIfEmpty},
		{"T6", ats.OriginBulk, ats.Live, boxIfSettings},
	}
}

// boxAllowed reports whether the form's date and time may serve for such a run.
func boxAllowed(o ats.Origin, t ats.InterviewType, s Settings) bool {
	for _, r := range scheduleRules() {
		if r.origin == o && r.typ == t {
			return r.box == boxIfEmpty || r.box == boxIfSettings && s.LiveFormTime
		}
	}
	return false
}

// terms are what is asked for, before the engine sees it.
type terms struct {
	origin    ats.Origin
	candidate ats.Candidate
	form      formData
	users     []ats.User
	zone      string // the connection's
	settings  Settings
	dueDays   int // of a stage rule; see [StageRule]
	now       time.Time
}

// request applies the rules. What is against one is an [*ats.Refusal] whose message
// fits on the candidate's card.
func (t terms) request() (ats.Request, error) {
	r := ats.Request{Origin: t.origin, Candidate: t.candidate}
	steps := [...]func(*ats.Request) error{t.setType, t.setRecruiter, t.setJob, t.checkEmail, t.setSchedule}
	for _, step := range steps {
		if err := step(&r); err != nil {
			return ats.Request{}, err
		}
	}
	return r, nil
}

func (t terms) setType(r *ats.Request) error {
	r.Type = ats.OneWay
	word, given := t.form[fieldType]
	if !given {
		return nil
	}
	typ, ok := ats.ParseInterviewType(word)
	if !ok {
		return ats.Refuse(ats.CodeUnsupportedType, fieldType,
			fmt.Sprintf("The interview type %q is not known. Choose one-way or live in the form.", clip(word, 30)))
	}
	r.Type = typ
	return nil
}

func (t terms) setRecruiter(r *ats.Request) error {
	id := t.form[fieldRecruiter]
	if id == "" {
		return ats.Refuse(ats.CodeUserNotLinked, fieldRecruiter, "No recruiter is chosen. Choose one in the form.")
	}
	for _, u := range t.users {
		if u.ID == id || u.ID == userID(id) {
			r.RequestedFor = u.ID
			return nil
		}
	}
	return ats.Refuse(ats.CodeUserNotLinked, fieldRecruiter,
		fmt.Sprintf("The recruiter %q is not among the users in the Spark Hire settings. Add the user there, or choose another.", clip(id, 30)))
}

func (t terms) setJob(r *ats.Request) error {
	r.SparkHireJobID = t.form[fieldJob]
	if r.SparkHireJobID == "" {
		return ats.Refuse(ats.CodeJobRequired, fieldJob, "No Spark Hire job is chosen. Choose one in the form.")
	}
	if r.Type == ats.Live {
		return nil
	}
	r.QuestionSetID = t.form[fieldQuestionSet]
	if r.QuestionSetID == "" {
		return ats.Refuse(ats.CodeQuestionSetRequired, fieldQuestionSet, "A one-way interview needs a question set. Choose one in the form.")
	}
	return nil
}

func (t terms) checkEmail(*ats.Request) error {
	if strings.TrimSpace(t.candidate.Email) != "" {
		return nil
	}
	return ats.Refuse(ats.CodeCandidateEmailMissing, "candidate.email",
		"The candidate has no e-mail address, so no invitation can be sent. Add one and try again.")
}

func (t terms) setSchedule(r *ats.Request) error {
	zone, err := t.zoneOf()
	if err != nil {
		return err
	}
	s, err := t.schedule(r.Type, zone)
	if err != nil {
		return err
	}
	r.Schedule = s
	return s.RequireFuture(t.now, t.settings.DateField)
}

func (t terms) zoneOf() (string, error) {
	zone := orDefault(t.form[fieldZone], t.zone)
	if zone == "" {
		return "", ats.Refuse(ats.CodeTimeZoneRequired, fieldZone, "No time zone is chosen. Choose one in the form.")
	}
	return zone, nil
}

// schedule reads the custom fields, or the box where the rules let it serve.
func (t terms) schedule(typ ats.InterviewType, zone string) (ats.Schedule, error) {
	if t.dueDays > 0 {
		return ats.InDays(t.now, t.dueDays, true, ats.EndOfDay, zone)
	}
	date, hasDate := t.field(t.settings.DateField)
	clock, hasClock := t.field(t.settings.TimeField)
	box, hasBox := t.form[fieldSchedule]
	switch {
	case hasDate && hasClock:
		return t.fromFields(date, clock, zone)
	case hasBox && boxAllowed(t.origin, typ, t.settings):
		return t.fromBox(box, zone)
	case !hasDate:
		return ats.Schedule{}, missing(t.settings.DateField, ats.CodeExpirationRequired, "Fill in a date")
	default:
		return ats.Schedule{}, missing(t.settings.TimeField, ats.CodeTimeRequired, "Fill in a 24-hour time such as 14:30")
	}
}

func (t terms) field(name string) (string, bool) {
	value, _ := t.candidate.Field(name)
	value = strings.TrimSpace(value)
	return value, value != ""
}

func (t terms) fromFields(date, clock, zone string) (ats.Schedule, error) {
	d, err := ats.ParseDate(date, t.settings.DateField)
	if err != nil {
		return ats.Schedule{}, ats.Refuse(ats.CodeInvalidDate, t.settings.DateField,
			fmt.Sprintf("The custom field %q says %q, which is no date. Use a date such as 2026-12-01.", label(t.settings.DateField), clip(date, 20)))
	}
	at, err := ats.ParseTimeOfDay(clock, t.settings.TimeField)
	if err != nil {
		return ats.Schedule{}, ats.Refuse(ats.CodeInvalidTime, t.settings.TimeField,
			fmt.Sprintf("The custom field %q says %q. Use a 24-hour time such as 14:30.", label(t.settings.TimeField), clip(clock, 20)))
	}
	s, err := ats.At(d, at, zone, ats.Fields{Date: t.settings.DateField, Time: t.settings.TimeField, Zone: fieldZone})
	s.Derivation = "custom fields " + t.settings.DateField + " + " + t.settings.TimeField
	return s, err
}

// fromBox reads a datetime-local value: YYYY-MM-DDTHH:MM, with a space for the T,
// with seconds, or with an offset, which makes it an instant
// [assumed: docs/vendors/teamtailor.md].
func (t terms) fromBox(box, zone string) (ats.Schedule, error) {
	names := ats.Fields{Date: fieldSchedule, Time: fieldSchedule, Zone: fieldZone}
	text := strings.Replace(box, " ", "T", 1)
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		instant, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		loc, err := ats.LoadZone(zone)
		if err != nil {
			return ats.Schedule{}, rename(err, fieldZone)
		}
		local := instant.In(loc)
		s, err := ats.At(ats.DateOf(local), ats.TimeOfDay{Hour: local.Hour(), Minute: local.Minute()}, zone, names)
		s.At, s.Note = instant.Truncate(time.Minute).UTC(), ""
		s.Derivation = "the form's " + fieldSchedule
		return s, err
	}
	for _, layout := range [...]string{"2006-01-02T15:04", "2006-01-02T15:04:05"} { // fractions of seconds are read too
		civil, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		s, err := ats.At(ats.DateOf(civil), ats.TimeOfDay{Hour: civil.Hour(), Minute: civil.Minute()}, zone, names)
		s.Derivation = "the form's " + fieldSchedule
		return s, err
	}
	return ats.Schedule{}, ats.Refuse(ats.CodeInvalidDate, fieldSchedule,
		fmt.Sprintf("The form's date and time %q cannot be read. Choose them again.", clip(box, 30)))
}

// missing refuses an empty custom field. Whether private ones are sent is not
// public [assumed: docs/vendors/teamtailor.md].
func missing(field string, code ats.Code, what string) error {
	return ats.Refuse(code, field, fmt.Sprintf("The custom field %q is empty. %s and try again. If it is filled, it may be private.", label(field), what))
}

// rename returns a refusal about another field.
func rename(err error, field string) error {
	if r, ok := errors.AsType[*ats.Refusal](err); ok {
		return ats.Refuse(r.Code, field, r.Message)
	}
	return err
}

// label is a custom field's name as people know it, guessed from its API name.
func label(apiName string) string {
	words := []rune(clip(strings.ReplaceAll(apiName, "-", " "), 24))
	if len(words) > 0 {
		words[0] = unicode.ToUpper(words[0])
	}
	return string(words)
}

// clip shortens a text to n characters.
func clip(s string, n int) string {
	r := []rune(strings.ToValidUTF8(s, "?"))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:n-1]) + "…"
}
