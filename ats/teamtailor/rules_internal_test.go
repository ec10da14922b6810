package teamtailor

import (
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

// The rules of rules.go, by number.
func TestRules(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	const (
		fields   = "custom fields interview-date + interview-time"
		box      = "the form's schedule-interview"
		fieldsAt = "2026-04-02 14:30 (Europe/Stockholm)"
		boxAt    = "2026-05-03 09:15 (Europe/Stockholm)"
	)
	all := formData{
		fieldRecruiter: "asha-lind", fieldType: "one_way", fieldJob: "b7e0", fieldZone: "Europe/Stockholm",
		fieldQuestionSet: "qs-12", fieldSchedule: "2026-05-03T09:15",
	}
	form := func(changes ...string) formData {
		f := maps.Clone(all)
		for i := 0; i < len(changes); i += 2 {
			delete(f, changes[i])
			choose(f, changes[i], changes[i+1])
		}
		return f
	}
	type result struct {
		at, from string
		code     ats.Code
		field    string
	}
	for _, c := range []struct {
		rule        string
		origin      ats.Origin
		form        formData
		date, clock string
		settings    Settings
		want        result
	}{
		{"T2 automatic one-way uses the custom fields", ats.OriginTrigger, form(), "2026-04-02", "14:30", Settings{}, result{at: fieldsAt, from: fields}},
		{"T2 automatic one-way ignores the box", ats.OriginTrigger, form(), "", "", Settings{}, result{code: ats.CodeExpirationRequired, field: "interview-date"}},
		{"T2 automatic one-way ignores the box for a time", ats.OriginTrigger, form(), "2026-04-02", "", Settings{}, result{code: ats.CodeTimeRequired, field: "interview-time"}},
		{"T3 automatic live uses the custom fields", ats.OriginTrigger, form(fieldType, "live"), "2026-04-02", "14:30", Settings{}, result{at: fieldsAt, from: fields}},
		{"T3 automatic live ignores the box", ats.OriginTrigger, form(fieldType, "live"), "", "", Settings{LiveFormTime: true}, result{code: ats.CodeExpirationRequired, field: "interview-date"}},
		{"T4 manual one-way uses the box", ats.OriginManual, form(), "", "", Settings{}, result{at: boxAt, from: box}},
		{"T4 manual one-way uses the custom fields", ats.OriginManual, form(fieldSchedule, ""), "2026-04-02", "14:30", Settings{}, result{at: fieldsAt, from: fields}},
		{"T4 manual one-way prefers the custom fields", ats.OriginManual, form(), "2026-04-02", "14:30", Settings{}, result{at: fieldsAt, from: fields}},
		{"T4 manual one-way needs one of the two", ats.OriginManual, form(fieldSchedule, ""), "", "", Settings{}, result{code: ats.CodeExpirationRequired, field: "interview-date"}},
		{"T4 filled fields that are wrong are not passed over", ats.OriginManual, form(), "2026-04-02", "2:30 PM", Settings{}, result{code: ats.CodeInvalidTime, field: "interview-time"}},
		{"T5 manual live uses the custom fields", ats.OriginManual, form(fieldType, "live"), "2026-04-02", "14:30", Settings{}, result{at: fieldsAt, from: fields}},
		{"T5 manual live ignores the box", ats.OriginManual, form(fieldType, "live"), "", "", Settings{}, result{code: ats.CodeExpirationRequired, field: "interview-date"}},
		{"T5 manual live uses the box if the settings say so", ats.OriginManual, form(fieldType, "live"), "", "", Settings{LiveFormTime: true}, result{at: boxAt, from: box}},
		{"T5 manual live prefers the custom fields even then", ats.OriginManual, form(fieldType, "live"), "2026-04-02", "14:30", Settings{LiveFormTime: true}, result{at: fieldsAt, from: fields}},
		{"T6 bulk one-way uses the box", ats.OriginBulk, form(), "", "", Settings{}, result{at: boxAt, from: box}},
		{"T6 bulk one-way prefers each candidate's custom fields", ats.OriginBulk, form(), "2026-04-02", "14:30", Settings{}, result{at: fieldsAt, from: fields}},
		{"T6 bulk live ignores the box", ats.OriginBulk, form(fieldType, "live"), "", "", Settings{}, result{code: ats.CodeExpirationRequired, field: "interview-date"}},
		{"T6 bulk live uses the box if the settings say so", ats.OriginBulk, form(fieldType, "live"), "", "", Settings{LiveFormTime: true}, result{at: boxAt, from: box}},
		{"T7 a date without a time leaves it to the box", ats.OriginManual, form(), "2026-04-02", "", Settings{}, result{at: boxAt, from: box}},
		{"T7 a time without a date leaves it to the box", ats.OriginManual, form(), "", "14:30", Settings{}, result{at: boxAt, from: box}},
		{"T7 without a box the missing time is named", ats.OriginManual, form(fieldSchedule, ""), "2026-04-02", "", Settings{}, result{code: ats.CodeTimeRequired, field: "interview-time"}},
		{"T8 no type is one-way", ats.OriginTrigger, form(fieldType, ""), "2026-04-02", "14:30", Settings{}, result{at: fieldsAt, from: fields}},
		{"T8 one-way may be written otherwise", ats.OriginTrigger, form(fieldType, "One-way"), "2026-04-02", "14:30", Settings{}, result{at: fieldsAt, from: fields}},
		{"T8 an unknown type is refused", ats.OriginTrigger, form(fieldType, "phone"), "2026-04-02", "14:30", Settings{}, result{code: ats.CodeUnsupportedType, field: fieldType}},
		{"T9 an unknown recruiter is refused", ats.OriginTrigger, form(fieldRecruiter, "eva-ny"), "2026-04-02", "14:30", Settings{}, result{code: ats.CodeUserNotLinked, field: fieldRecruiter}},
		{"T9 a recruiter may be named", ats.OriginTrigger, form(fieldRecruiter, "Asha  LIND"), "2026-04-02", "14:30", Settings{}, result{at: fieldsAt, from: fields}},
		{"T9 no recruiter is refused", ats.OriginTrigger, form(fieldRecruiter, ""), "2026-04-02", "14:30", Settings{}, result{code: ats.CodeUserNotLinked, field: fieldRecruiter}},
		{"T10 no job is refused", ats.OriginTrigger, form(fieldJob, ""), "2026-04-02", "14:30", Settings{}, result{code: ats.CodeJobRequired, field: fieldJob}},
		{"T10 one-way without a question set is refused", ats.OriginTrigger, form(fieldQuestionSet, ""), "2026-04-02", "14:30", Settings{}, result{code: ats.CodeQuestionSetRequired, field: fieldQuestionSet}},
		{"T10 live needs no question set", ats.OriginTrigger, form(fieldType, "live", fieldQuestionSet, ""), "2026-04-02", "14:30", Settings{}, result{at: fieldsAt, from: fields}},
		{"T11 without a zone the connection's counts", ats.OriginTrigger, form(fieldZone, ""), "2026-04-02", "14:30", Settings{}, result{at: "2026-04-02 14:30 (America/Chicago)", from: fields}},
		{"T11 an unknown zone is refused", ats.OriginTrigger, form(fieldZone, "Mars/Olympus"), "2026-04-02", "14:30", Settings{}, result{code: ats.CodeTimeZoneUnknown, field: fieldZone}},
		{"T12 a time that does not exist is refused", ats.OriginTrigger, form(), "2026-03-29", "02:30", Settings{}, result{code: ats.CodeTimeDoesNotExist, field: "interview-time"}},
		{"T12 a box time that does not exist is refused", ats.OriginManual, form(fieldSchedule, "2026-03-29T02:30"), "", "", Settings{}, result{code: ats.CodeTimeDoesNotExist, field: fieldSchedule}},
		{"T12 the past is refused", ats.OriginTrigger, form(), "2026-03-01", "14:30", Settings{}, result{code: ats.CodeExpirationInPast, field: "interview-date"}},
		{"T12 a date that is none is refused", ats.OriginTrigger, form(), "next week", "14:30", Settings{}, result{code: ats.CodeInvalidDate, field: "interview-date"}},
		{"T12 a time without a colon is read", ats.OriginTrigger, form(), "2026-04-02", "1430", Settings{}, result{at: fieldsAt, from: fields}},
		{"T12 a timestamp counts as the date it shows", ats.OriginTrigger, form(), "2026-04-02T23:30:00-08:00", "14:30", Settings{}, result{at: fieldsAt, from: fields}},
		{"T12 a box with seconds is read", ats.OriginManual, form(fieldSchedule, "2026-05-03T09:15:00"), "", "", Settings{}, result{at: boxAt, from: box}},
		{"T12 a box with fractions is read", ats.OriginManual, form(fieldSchedule, "2026-05-03T09:15:00.000"), "", "", Settings{}, result{at: boxAt, from: box}},
		{"T12 a box with a space is read", ats.OriginManual, form(fieldSchedule, "2026-05-03 09:15"), "", "", Settings{}, result{at: boxAt, from: box}},
		{"T12 a box with an offset is an instant", ats.OriginManual, form(fieldSchedule, "2026-05-03T07:15Z"), "", "", Settings{}, result{at: boxAt, from: box}},
		{"T12 a box with offset and seconds is one too", ats.OriginManual, form(fieldSchedule, "2026-05-03T03:15:00-04:00"), "", "", Settings{}, result{at: boxAt, from: box}},
		{"T12 a box that cannot be read is refused", ats.OriginManual, form(fieldSchedule, "3 May, 9.15"), "", "", Settings{}, result{code: ats.CodeInvalidDate, field: fieldSchedule}},
		{"T12 a box in an unknown zone is refused", ats.OriginManual, form(fieldSchedule, "2026-05-03T07:15Z", fieldZone, "Local"), "", "", Settings{}, result{code: ats.CodeTimeZoneUnknown, field: fieldZone}},
		{"a stage rule counts calendar days", ats.OriginTrigger, form(fieldSchedule, ""), "", "", Settings{DateField: "days"}, result{at: "2026-03-30 10:30 (Europe/Stockholm)", from: "28 calendar days from today"}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			in := terms{
				origin: c.origin, form: c.form, zone: "America/Chicago", settings: c.settings, now: now,
				users: []ats.User{{ID: "asha-lind", Name: "Asha Lind"}},
				candidate: ats.Candidate{ID: "81234", Email: "mira.falk@mail.example", CustomFields: []ats.CustomField{
					{APIName: "Interview-Date", Value: c.date}, {APIName: "interview-time", Value: c.clock},
				}},
			}
			if c.settings.DateField == "days" {
				in.dueDays = 28
			}
			in.settings.DateField, in.settings.TimeField = DefaultDateField, DefaultTimeField
			r, err := in.request()
			if c.want.code != "" {
				refusal, ok := ats.AsRefusal(err)
				require.True(t, ok, "%v", err)
				require.Equal(t, c.want.code, refusal.Code)
				require.Equal(t, c.want.field, refusal.Field)
				require.LessOrEqual(t, len([]rune(refusal.Message)), maxText, refusal.Message)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want.at, r.Schedule.String())
			require.Equal(t, c.want.from, r.Schedule.Derivation)
			require.Equal(t, "asha-lind", r.RequestedFor)
		})
	}

	t.Run("T13 without an e-mail address nothing is sent", func(t *testing.T) {
		t.Parallel()
		in := terms{origin: ats.OriginTrigger, form: all, now: now, users: []ats.User{{ID: "asha-lind"}}, candidate: ats.Candidate{ID: "1", Email: "  "}}
		_, err := in.request()
		refusal, ok := ats.AsRefusal(err)
		require.True(t, ok)
		require.Equal(t, ats.CodeCandidateEmailMissing, refusal.Code)
	})
}

func TestT1HowARunWasStarted(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]ats.Origin{
		`{"partner-event":{"candidate":{"job":{"id":4711,"trigger-id":77}}}}`:   ats.OriginTrigger,
		`{"partner-event":{"candidate":{"job":{"id":"4711","trigger-id":""}}}}`: ats.OriginManual,
		`{"partner-event":{"candidate":{"job":{"id":4711}}}}`:                   ats.OriginManual,
		`{"partner-event":{"candidate":{"job":{}}}}`:                            ats.OriginBulk,
		`{"partner-event":{"candidate":{"job":null}}}`:                          ats.OriginBulk,
		`{"partner-event":{"candidate":{}}}`:                                    ats.OriginBulk,
	} {
		call, err := decodeTrigger([]byte(body))
		require.NoError(t, err)
		require.Equal(t, want, call.Event.origin(), body)
	}
}

// An instant in the second of two equal hours stays the second.
func TestBoxWithAnOffsetKnowsWhichHour(t *testing.T) {
	t.Parallel()
	s, err := terms{}.fromBox("2026-10-25T02:30:00+01:00", "Europe/Stockholm")
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC), s.At)
	require.Empty(t, s.Note)
}

// Every kind of run has exactly one rule.
func TestScheduleRulesAreComplete(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for _, r := range scheduleRules() {
		seen[string(r.origin)+" "+string(r.typ)]++
		require.Regexp(t, `^T[2-6]$`, r.name)
	}
	require.Len(t, seen, 6)
	for _, o := range []ats.Origin{ats.OriginTrigger, ats.OriginManual, ats.OriginBulk} {
		for _, typ := range []ats.InterviewType{ats.OneWay, ats.Live} {
			require.Equal(t, 1, seen[string(o)+" "+string(typ)])
		}
	}
	require.False(t, boxAllowed(ats.OriginStage, ats.OneWay, Settings{LiveFormTime: true}))
}

func TestLabelsAndClipping(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Interview date", label("interview-date"))
	require.Equal(t, "Ålder", label("ålder"))
	require.Empty(t, label(""))
	require.Equal(t, "ab…", clip("abcd", 3))
	require.Equal(t, "a?b", clip("a\xffb", 3))
}
