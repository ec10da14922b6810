package ats

import (
	"fmt"
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

// ParseDate reads YYYY-MM-DD. A timestamp is read as the date it begins with, as
// written, without converting zones. Anything else is a [*Refusal] with code
// [CodeInvalidDate] about field.
func ParseDate(s, field string) (Date, error) {
	s = strings.TrimSpace(s)
	day := s
	if len(s) > 10 && (s[10] == 'T' || s[10] == ' ') {
		day = s[:10]
	}
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return Date{}, Refuse(CodeInvalidDate, field, fmt.Sprintf("%q is not a date. Write year, month and day, such as 2026-12-01.", clip(s)))
	}
	return DateOf(t), nil
}

// DateOf returns the date that t shows in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{Year: y, Month: m, Day: d}
}

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

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

// ParseTimeOfDay reads a 24-hour time: 14:30, 9:05, 1430 or 14.30, with or
// without seconds, which are dropped. Anything with am or pm, or out of range,
// is a [*Refusal] with code [CodeInvalidTime] about field.
func ParseTimeOfDay(s, field string) (TimeOfDay, error) {
	s = strings.TrimSpace(s)
	refuse := func(why string) (TimeOfDay, error) {
		return TimeOfDay{}, Refuse(CodeInvalidTime, field, fmt.Sprintf("%q is not a time: %s. Use a 24-hour time such as 14:30.", clip(s), why))
	}
	if s == "" {
		return refuse("it is empty")
	}
	lower := strings.ToLower(strings.ReplaceAll(s, ".", ""))
	if strings.HasSuffix(lower, "am") || strings.HasSuffix(lower, "pm") {
		return refuse("am and pm are not understood")
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ':' || r == '.' })
	if len(parts) == 1 && len(s) == 4 {
		parts = []string{s[:2], s[2:]}
	}
	if n := len(parts); n < 2 || n > 3 || strings.Count(s, ":")+strings.Count(s, ".") > 2 || strings.Contains(s, "::") || strings.Contains(s, "..") {
		return refuse("hours and minutes are needed")
	}
	var v [3]int
	for i, p := range parts {
		if len(p) > 2 || (i > 0 && len(p) != 2) || strings.Trim(p, "0123456789") != "" {
			return refuse("hours and minutes are needed")
		}
		v[i], _ = strconv.Atoi(p) // one or two digits
	}
	if v[0] > 23 || v[1] > 59 || v[2] > 59 {
		return refuse("it is out of range")
	}
	return TimeOfDay{Hour: v[0], Minute: v[1]}, nil
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
