package ats_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"2026-12-01":                    "2026-12-01",
		"  2026-12-01\n":                "2026-12-01",
		"2028-02-29":                    "2028-02-29",
		"2026-12-01T14:30":              "2026-12-01",
		"2026-12-01T23:59:59.999-11:00": "2026-12-01", // as written, not as in UTC
		"2026-12-01 00:00:00 UTC":       "2026-12-01",
	} {
		d, err := ats.ParseDate(given, "due.date")
		require.NoError(t, err, given)
		require.Equal(t, want, d.String(), given)
	}
	for _, given := range []string{
		"9999-01-01", "9999-12-31T23:59", "", " ", "2026", "2026-12", "2026-1-2", "26-12-01", "01.12.2026", "12/01/2026", "2026/12/01", "20261201",
		"2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "tomorrow", "2026-12-01T", "2026-12-01 at noon",
		"2026-12-01 to 2026-12-05", "-2026-12-01", "２０２６-12-01", "2026-12-01\x00", "\xff\xfe",
	} {
		d, err := ats.ParseDate(given, "due.date")
		refused(t, err, ats.CodeInvalidDate, "due.date")
		require.True(t, d.IsZero(), given)
	}
}

func TestParseTimeOfDay(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"14:30":    "14:30",
		"9:05":     "09:05",
		"09:05":    "09:05",
		"1430":     "14:30",
		"0905":     "09:05",
		"0000":     "00:00",
		"14.30":    "14:30",
		"9.05":     "09:05",
		"0:00":     "00:00",
		"23:59":    "23:59",
		"14:30:59": "14:30",
		"14.30.00": "14:30",
		"07:00:00": "07:00",
	} {
		tod, err := ats.ParseTimeOfDay(given, "due.time")
		require.NoError(t, err, given)
		require.Equal(t, want, tod.String(), given)
	}
	tod, err := ats.ParseTimeOfDay(" 14:30\t", "due.time")
	require.NoError(t, err, "spaces around it do not matter")
	require.Equal(t, "14:30", tod.String())
	for given, why := range map[string]string{
		"":                    "it is empty",
		"   ":                 "it is empty",
		"2:30 PM":             "am and pm are not understood",
		"2:30pm":              "am and pm are not understood",
		"2:30 p.m.":           "am and pm are not understood",
		"11:30 A.M.":          "am and pm are not understood",
		"12AM":                "am and pm are not understood",
		"noonpm":              "am and pm are not understood",
		"24:00":               "it is out of range",
		"2400":                "it is out of range",
		"25:10":               "it is out of range",
		"14:60":               "it is out of range",
		"14:30:60":            "it is out of range",
		"9:5":                 "hours and minutes are needed",
		"9":                   "hours and minutes are needed",
		"14":                  "hours and minutes are needed",
		"930":                 "hours and minutes are needed",
		"143000":              "hours and minutes are needed",
		"14:":                 "hours and minutes are needed",
		":30":                 "hours and minutes are needed",
		"14:30:":              "hours and minutes are needed",
		"14::30":              "hours and minutes are needed",
		"14:30.00":            "hours and minutes are needed",
		"14:30:00:00":         "hours and minutes are needed",
		"-9:05":               "hours and minutes are needed",
		"+9:05":               "hours and minutes are needed",
		"14h30":               "hours and minutes are needed",
		"14:30Z":              "hours and minutes are needed",
		"14:30+02:00":         "hours and minutes are needed",
		"14 30":               "hours and minutes are needed",
		"quarter past two":    "hours and minutes are needed",
		"１４:３０":               "hours and minutes are needed",
		"14:30\x00":           "hours and minutes are needed",
		"in the early \xff..": "hours and minutes are needed",
	} {
		_, err := ats.ParseTimeOfDay(given, "due.time")
		refusal := refused(t, err, ats.CodeInvalidTime, "due.time")
		require.Contains(t, refusal.Message, why, given)
		require.Contains(t, refusal.Message, "14:30", "the message shows how to write one")
	}
}

func TestRefusalsRepeatOnlyTheBeginningOfWhatWasTyped(t *testing.T) {
	t.Parallel()
	_, err := ats.ParseTimeOfDay(strings.Repeat("å", 500), "time")
	refusal := refused(t, err, ats.CodeInvalidTime, "time")
	require.Less(t, utf8.RuneCountInString(refusal.Message), 150)
}

func TestDate(t *testing.T) {
	t.Parallel()
	d := ats.Date{Year: 2026, Month: time.February, Day: 27}
	require.Equal(t, "2026-02-27", d.AddDays(0).String())
	require.Equal(t, "2026-03-01", d.AddDays(2).String())
	require.Equal(t, "2025-12-31", d.AddDays(-58).String())
	require.True(t, ats.Date{}.IsZero())
	require.Empty(t, ats.Date{}.String())

	chicago, err := time.LoadLocation("America/Chicago")
	require.NoError(t, err)
	at := time.Date(2026, 3, 18, 4, 59, 0, 0, time.UTC)
	require.Equal(t, "2026-03-18", ats.DateOf(at).String())
	require.Equal(t, "2026-03-17", ats.DateOf(at.In(chicago)).String())
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{"2026-12-01", "2026-12-01T14:30", "2026-02-30", "", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ats.ParseDate(s, "date")
		if err != nil {
			refused(t, err, ats.CodeInvalidDate, "date")
			return
		}
		again, err := ats.ParseDate(d.String(), "date")
		require.NoError(t, err)
		require.Equal(t, d, again)
		require.True(t, strings.HasPrefix(strings.TrimSpace(s), d.String()))
	})
}

func FuzzParseTimeOfDay(f *testing.F) {
	for _, seed := range []string{"14:30", "9:05", "1430", "14.30", "14:30:15", "2:30 PM", "24:00", "", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tod, err := ats.ParseTimeOfDay(s, "time")
		if err != nil {
			refused(t, err, ats.CodeInvalidTime, "time")
			return
		}
		again, err := ats.ParseTimeOfDay(tod.String(), "time")
		require.NoError(t, err)
		require.Equal(t, tod, again)
		require.Less(t, tod.Hour*60+tod.Minute, 24*60)
	})
}

// refused requires a refusal with the code about the field, fit to be shown.
func refused(t *testing.T, err error, code ats.Code, field string) *ats.Refusal {
	t.Helper()
	refusal, ok := ats.AsRefusal(err)
	require.True(t, ok, "want a refusal with code %s, got: %v", code, err)
	require.Equal(t, code, refusal.Code, refusal.Message)
	require.Equal(t, field, refusal.Field)
	require.NotEmpty(t, refusal.Message)
	require.True(t, utf8.ValidString(refusal.Message))
	return refusal
}
