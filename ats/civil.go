package ats

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Date is a day of the calendar, without a time zone. The zero value is no date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads YYYY-MM-DD, up to the year 9998. A timestamp, the same followed by T or a space and
// HH:MM, is read as the date it begins with, as written, without converting
// zones. Anything else is a [*Refusal] with code [CodeInvalidDate] about field.
func ParseDate(s, field string) (Date, error) {
	s = strings.TrimSpace(s)
	day := s
	if timestamp.MatchString(s) {
		day = s[:len(time.DateOnly)]
	}
	t, err := time.Parse(time.DateOnly, day)
	if err != nil || t.Year() > lastYear {
		return Date{}, refuseDate(clip(s), field)
	}
	return DateOf(t), nil
}

// lastYear is the last whose days are times in every zone: RFC 3339 ends with 9999.
const lastYear = 9998

// timestamp matches what begins with a date and goes on with a time.
var timestamp = regexp.MustCompile(`^\d{4}-\d\d-\d\d[T ]\d\d:\d\d`)

func refuseDate(s, field string) *Refusal {
	return Refuse(CodeInvalidDate, field, fmt.Sprintf("%q is not a date. Write year, month and day, such as 2026-12-01.", s))
}

// DateOf returns the date that t shows in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{Year: y, Month: m, Day: d}
}

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// valid reports whether the calendar has this day.
func (d Date) valid() bool { return !d.IsZero() && d.AddDays(0) == d && d.Year <= lastYear }

// AddDays returns the date n calendar days later.
func (d Date) AddDays(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 12, 0, 0, 0, time.UTC))
}

// String returns YYYY-MM-DD, or nothing for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// TimeOfDay is a time on the 24-hour clock, to the minute.
type TimeOfDay struct {
	Hour   int
	Minute int
}

// ParseTimeOfDay reads a 24-hour time: 14:30, 9:05, 1430 or 14.30. Seconds, as
// in 14:30:00 or 14.30.00, are dropped. Anything else, such as a time with am or
// pm or one out of range, is a [*Refusal] with code [CodeInvalidTime] about
// field.
func ParseTimeOfDay(s, field string) (TimeOfDay, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return TimeOfDay{}, refuseTime(s, "it is empty", field)
	}
	lower := strings.ToLower(strings.ReplaceAll(s, ".", ""))
	if strings.HasSuffix(lower, "am") || strings.HasSuffix(lower, "pm") {
		return TimeOfDay{}, refuseTime(s, "am and pm are not understood", field)
	}
	for _, form := range []*regexp.Regexp{withColons, withDots, withoutSeparator} {
		m := form.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		hour, _ := strconv.Atoi(m[1]) // one or two digits
		minute, _ := strconv.Atoi(m[2])
		t := TimeOfDay{Hour: hour, Minute: minute}
		if !t.valid() || (len(m) > 3 && m[3] > "59") {
			return TimeOfDay{}, refuseTime(s, "it is out of range", field)
		}
		return t, nil
	}
	return TimeOfDay{}, refuseTime(s, "hours and minutes are needed", field)
}

// The ways to write a time: hours, minutes, and perhaps seconds.
var (
	withColons       = regexp.MustCompile(`^([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?$`)
	withDots         = regexp.MustCompile(`^([0-9]{1,2})\.([0-9]{2})(?:\.([0-9]{2}))?$`)
	withoutSeparator = regexp.MustCompile(`^([0-9]{2})([0-9]{2})$`)
)

func refuseTime(s, why, field string) *Refusal {
	return Refuse(CodeInvalidTime, field, fmt.Sprintf("%q is not a time: %s. Use a 24-hour time such as 14:30.", clip(s), why))
}

// valid reports whether the clock shows this time.
func (t TimeOfDay) valid() bool {
	return t.Hour >= 0 && t.Hour <= 23 && t.Minute >= 0 && t.Minute <= 59
}

// String returns HH:MM.
func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", t.Hour, t.Minute) }

// clip shortens what a person typed, so that a refusal can repeat it.
func clip(s string) string {
	const most = 40
	r := []rune(strings.ToValidUTF8(s, "?"))
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(r)
}

func normalizeWord(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '_', '\t':
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(s)))
}
