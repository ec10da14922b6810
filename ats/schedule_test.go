package ats_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sparkbridge/sparkbridge/ats"
)

// The clock changes of the tables below are those of the IANA database: both
// directions, changes at midnight, of half an hour and of two hours, and moves
// over the date line.

func TestATimeThatAClockChangeSkipsDoesNotExist(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, date, skipped string
		before, after       string // the neighbors exist
	}{
		{"Europe/Stockholm", "2026-03-29", "02:30", "01:59", "03:00"},
		{"Europe/London", "2026-03-29", "01:30", "00:59", "02:00"},
		{"America/Chicago", "2026-03-08", "02:30", "01:59", "03:00"},
		{"America/St_Johns", "2026-03-08", "02:30", "01:59", "03:00"},
		{"Australia/Sydney", "2026-10-04", "02:30", "01:59", "03:00"},
		{"Australia/Lord_Howe", "2026-10-04", "02:15", "01:59", "02:30"}, // half an hour
		{"Pacific/Chatham", "2026-09-27", "03:00", "02:44", "03:45"},
		{"Pacific/Auckland", "2026-09-27", "02:00", "01:59", "03:00"},
		{"Antarctica/Troll", "2026-03-29", "02:59", "00:59", "03:00"}, // two hours
		{"Asia/Jerusalem", "2026-03-27", "02:00", "01:59", "03:00"},
		{"Africa/Casablanca", "2026-03-22", "02:30", "01:59", "03:00"}, // the end of Ramadan
		{"America/Santiago", "2026-09-06", "00:00", "", "01:00"},
		{"Asia/Beirut", "2026-03-29", "00:30", "", "01:00"},
		{"Africa/Cairo", "2026-04-24", "00:59", "", "01:00"},
		{"America/Havana", "2026-03-08", "00:00", "", "01:00"},
		{"Asia/Tehran", "2022-03-22", "00:15", "", "01:00"},
		{"America/Nuuk", "2026-03-28", "23:30", "22:59", ""}, // the last hour of a day
		{"Pacific/Apia", "2011-12-30", "12:00", "", ""},      // the day that Samoa left out
		{"Pacific/Kwajalein", "1993-08-21", "08:00", "", ""}, // the same on the Marshall Islands
	} {
		t.Run(c.zone+" "+c.date, func(t *testing.T) {
			t.Parallel()
			_, err := ats.At(date(t, c.date), clock(t, c.skipped), c.zone, fields())
			refusal := refused(t, err, ats.CodeTimeDoesNotExist, "due.time")
			for _, part := range []string{c.skipped, c.date, c.zone} {
				require.Contains(t, refusal.Message, part)
			}
			for _, exists := range []string{c.before, c.after} {
				if exists == "" {
					continue
				}
				s, err := ats.At(date(t, c.date), clock(t, exists), c.zone, fields())
				require.NoError(t, err, exists)
				require.Empty(t, s.Note)
			}
		})
	}
}

func TestATimeThatHappensTwiceIsTheFirst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, date, twice, first string
		once                     string // a neighbor that happens once
	}{
		{"Europe/Stockholm", "2026-10-25", "02:30", "2026-10-25T00:30:00Z", "03:00"},
		{"Europe/London", "2026-10-25", "01:00", "2026-10-25T00:00:00Z", "02:00"},
		{"America/Chicago", "2026-11-01", "01:30", "2026-11-01T06:30:00Z", "02:00"},
		{"America/St_Johns", "2026-11-01", "01:30", "2026-11-01T04:00:00Z", "02:00"},
		{"Australia/Sydney", "2026-04-05", "02:30", "2026-04-04T15:30:00Z", "01:59"},
		{"Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45:00Z", "01:29"},
		{"Pacific/Chatham", "2026-04-05", "03:00", "2026-04-04T13:15:00Z", "02:44"},
		{"Pacific/Apia", "2012-04-01", "03:30", "2012-03-31T13:30:00Z", "04:00"},
		{"Antarctica/Troll", "2026-10-25", "02:30", "2026-10-25T00:30:00Z", "03:00"},
		{"Asia/Jerusalem", "2026-10-25", "01:30", "2026-10-24T22:30:00Z", "02:00"},
		{"Africa/Casablanca", "2026-02-15", "02:30", "2026-02-15T01:30:00Z", "03:00"},
		{"America/Santiago", "2026-04-04", "23:30", "2026-04-05T02:30:00Z", "22:59"},
		{"Asia/Beirut", "2026-10-24", "23:30", "2026-10-24T20:30:00Z", "22:59"},
		{"Africa/Cairo", "2026-10-29", "23:30", "2026-10-29T20:30:00Z", "22:59"},
		{"America/Havana", "2026-11-01", "00:30", "2026-11-01T04:30:00Z", "01:00"},
		{"America/Nuuk", "2026-10-24", "23:30", "2026-10-25T00:30:00Z", "22:59"},
		{"America/St_Johns", "2010-11-07", "00:00", "2010-11-07T02:30:00Z", "00:01"},  // at one minute past midnight
		{"Pacific/Kwajalein", "1969-09-30", "13:00", "1969-09-30T02:00:00Z", "00:59"}, // 23 hours,
	} {
		t.Run(c.zone+" "+c.date, func(t *testing.T) {
			t.Parallel()
			s, err := ats.At(date(t, c.date), clock(t, c.twice), c.zone, fields())
			require.NoError(t, err)
			require.Equal(t, c.first, s.At.Format(time.RFC3339))
			require.Equal(t, time.UTC, s.At.Location())
			require.Contains(t, s.Note, "twice")

			s, err = ats.At(date(t, c.date), clock(t, c.once), c.zone, fields())
			require.NoError(t, err)
			require.Empty(t, s.Note)
		})
	}
}

func TestAtKeepsWhatItWasGiven(t *testing.T) {
	t.Parallel()
	tod := clock(t, "14:30")
	s, err := ats.At(date(t, "2026-12-01"), tod, " Asia/Kathmandu ", fields())
	require.NoError(t, err)
	require.Equal(t, ats.Schedule{
		Date: date(t, "2026-12-01"),
		Time: &tod,
		Zone: "Asia/Kathmandu",
		At:   time.Date(2026, 12, 1, 8, 45, 0, 0, time.UTC),
	}, s)
	require.Equal(t, "2026-12-01 14:30 (Asia/Kathmandu)", s.String())
}

func TestAMidnightIsTheFirstMomentOfADay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, date string
		start, end string
	}{
		{"America/Chicago", "2026-03-17", "2026-03-17T05:00:00Z", "2026-03-18T05:00:00Z"},
		{"America/Chicago", "2026-03-08", "2026-03-08T06:00:00Z", "2026-03-09T05:00:00Z"}, // a day of 23 hours
		{"America/Chicago", "2026-11-01", "2026-11-01T05:00:00Z", "2026-11-02T06:00:00Z"}, // one of 25
		{"Europe/Stockholm", "2026-12-01", "2026-11-30T23:00:00Z", "2026-12-01T23:00:00Z"},
		{"Pacific/Chatham", "2026-12-31", "2026-12-30T10:15:00Z", "2026-12-31T10:15:00Z"},
		{"UTC", "2028-02-29", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"},

		// Midnight is skipped: the day begins at one o'clock, and so the day before ends then.
		{"America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"},
		{"America/Santiago", "2026-09-05", "2026-09-05T04:00:00Z", "2026-09-06T04:00:00Z"},
		{"Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"},
		{"Asia/Beirut", "2026-03-28", "2026-03-27T22:00:00Z", "2026-03-28T22:00:00Z"},
		{"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"},
		{"America/Havana", "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
		{"America/Nuuk", "2026-03-28", "2026-03-28T02:00:00Z", "2026-03-29T01:00:00Z"}, // the hour before it is skipped

		// Midnight happens twice, or the hour before it does.
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
		{"Asia/Beirut", "2026-10-24", "2026-10-23T21:00:00Z", "2026-10-24T22:00:00Z"},
		{"America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z"},

		// Samoa went from the 29th to the 31st.
		{"Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
	} {
		t.Run(c.zone+" "+c.date, func(t *testing.T) {
			t.Parallel()
			for midnight, want := range map[ats.Midnight]string{ats.StartOfDay: c.start, ats.EndOfDay: c.end} {
				s, err := ats.On(date(t, c.date), midnight, c.zone, fields())
				require.NoError(t, err)
				require.Equal(t, want, s.At.Format(time.RFC3339), "%s of day", midnight)
				require.Equal(t, midnight, s.Midnight)
				require.Nil(t, s.Time)
				require.Equal(t, c.date+" ("+c.zone+")", s.String())
			}
		})
	}
}

func TestInDaysCountsDaysOfTheCalendar(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		now, zone string
		days      int
		want, at  string
		note      bool
	}{
		"over a change to summer time the time of day stays": {"2026-03-01T15:00:42Z", "America/Chicago", 7, "2026-03-08 09:00", "2026-03-08T14:00:00Z", false},
		"over a change to winter time the time of day stays": {"2026-10-20T07:00:00Z", "Europe/Stockholm", 7, "2026-10-27 09:00", "2026-10-27T08:00:00Z", false},
		"a time that is skipped moves behind the gap":        {"2026-03-01T08:30:00Z", "America/Chicago", 7, "2026-03-08 03:00", "2026-03-08T08:00:00Z", true},
		"half an hour that is skipped":                       {"2026-09-26T15:45:00Z", "Australia/Lord_Howe", 7, "2026-10-04 02:30", "2026-10-03T15:30:00Z", true},
		"a midnight that is skipped":                         {"2026-03-21T22:00:00Z", "Asia/Beirut", 7, "2026-03-29 01:00", "2026-03-28T22:00:00Z", true},
		"a day that is skipped":                              {"2011-12-23T20:00:00Z", "Pacific/Apia", 7, "2011-12-31 00:00", "2011-12-30T10:00:00Z", true},
		"a time that happens twice is the first":             {"2026-10-25T06:30:00Z", "America/Chicago", 7, "2026-11-01 01:30", "2026-11-01T06:30:00Z", true},
		"from the second of two":                             {"2026-11-01T07:30:00Z", "America/Chicago", 1, "2026-11-02 01:30", "2026-11-02T07:30:00Z", false},
		"the day is that of the zone":                        {"2026-03-10T03:00:00Z", "America/Chicago", 1, "2026-03-10 22:00", "2026-03-11T03:00:00Z", false},
		"over the end of a year":                             {"2026-12-28T11:00:00Z", "Australia/Sydney", 7, "2027-01-04 22:00", "2027-01-04T11:00:00Z", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := ats.InDays(instant(t, c.now), c.days, true, ats.StartOfDay, c.zone)
			require.NoError(t, err)
			require.Equal(t, c.want+" ("+c.zone+")", s.String())
			require.Equal(t, c.at, s.At.Format(time.RFC3339))
			require.Equal(t, time.UTC, s.At.Location())
			require.Equal(t, c.note, s.Note != "", s.Note)
			require.Contains(t, s.Derivation, "calendar days")
		})
	}
}

func TestInDaysWithoutATimeIsAMidnight(t *testing.T) {
	t.Parallel()
	now := instant(t, "2026-03-11T04:30:00Z") // the 10th in Chicago
	for midnight, want := range map[ats.Midnight]string{ats.EndOfDay: "2026-03-18T05:00:00Z", ats.StartOfDay: "2026-03-17T05:00:00Z"} {
		s, err := ats.InDays(now, 7, false, midnight, "America/Chicago")
		require.NoError(t, err)
		require.Equal(t, "2026-03-17 (America/Chicago)", s.String())
		require.Equal(t, want, s.At.Format(time.RFC3339))
		require.Equal(t, midnight, s.Midnight)
		require.Equal(t, "7 calendar days from today", s.Derivation)
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	for zone, code := range map[string]ats.Code{
		"":                   ats.CodeTimeZoneRequired,
		"  ":                 ats.CodeTimeZoneRequired,
		"Local":              ats.CodeTimeZoneUnknown,
		"Europe/Sparkville":  ats.CodeTimeZoneUnknown,
		"+02:00":             ats.CodeTimeZoneUnknown,
		"../etc/passwd":      ats.CodeTimeZoneUnknown,
		"/etc/localtime":     ats.CodeTimeZoneUnknown,
		"Central (Chicago)":  ats.CodeTimeZoneUnknown,
		"Europe/Stockholm\n": "",
	} {
		_, errAt := ats.At(date(t, "2026-12-01"), clock(t, "14:30"), zone, fields())
		_, errOn := ats.On(date(t, "2026-12-01"), ats.EndOfDay, zone, fields())
		_, errIn := ats.InDays(instant(t, "2026-12-01T00:00:00Z"), 7, false, ats.EndOfDay, zone)
		_, errLoad := ats.LoadZone(zone)
		if code == "" {
			for _, err := range []error{errAt, errOn, errIn, errLoad} {
				require.NoError(t, err, zone)
			}
			continue
		}
		refused(t, errAt, code, "due.zone")
		refused(t, errOn, code, "due.zone")
		refused(t, errIn, code, "time_zone")
		refused(t, errLoad, code, "time_zone")
	}
}

func TestDaysAndTimesThatNobodyCanReadOffACalendarAreRefused(t *testing.T) {
	t.Parallel()
	for _, d := range []ats.Date{{}, {Year: 2026, Month: time.February, Day: 30}, {Year: 2026, Month: 13, Day: 1}, {Year: 2026, Month: time.May}} {
		_, err := ats.At(d, clock(t, "14:30"), "UTC", fields())
		refused(t, err, ats.CodeInvalidDate, "due.date")
		_, err = ats.On(d, ats.EndOfDay, "UTC", fields())
		refused(t, err, ats.CodeInvalidDate, "due.date")
	}
	for _, tod := range []ats.TimeOfDay{{Hour: 24}, {Hour: -1}, {Minute: 60}, {Minute: -1}} {
		_, err := ats.At(date(t, "2026-12-01"), tod, "UTC", fields())
		refused(t, err, ats.CodeInvalidTime, "due.time")
	}
}

func TestRequireFuture(t *testing.T) {
	t.Parallel()
	s, err := ats.At(date(t, "2026-12-01"), clock(t, "14:30"), "Europe/Stockholm", fields())
	require.NoError(t, err)
	require.NoError(t, s.RequireFuture(s.At.Add(-time.Second), "due"))
	for _, late := range []time.Duration{0, time.Second, 24 * time.Hour} {
		refusal := refused(t, s.RequireFuture(s.At.Add(late), "due"), ats.CodeExpirationInPast, "due")
		require.Contains(t, refusal.Message, "2026-12-01 14:30 (Europe/Stockholm)")
	}
}

func TestNoSchedule(t *testing.T) {
	t.Parallel()
	require.True(t, ats.Schedule{}.IsZero())
	require.Empty(t, ats.Schedule{}.String())
	s, err := ats.On(date(t, "2026-12-01"), ats.EndOfDay, "UTC", fields())
	require.NoError(t, err)
	require.False(t, s.IsZero())
}

// zones have had every kind of clock change since 1970.
var zones = []string{
	"UTC", "Europe/Stockholm", "Europe/London", "Europe/Moscow", "Europe/Dublin", "America/Chicago", "America/Havana",
	"America/Santiago", "America/Sao_Paulo", "America/St_Johns", "America/Caracas", "America/Nuuk", "America/Adak",
	"Africa/Cairo", "Africa/Casablanca", "Africa/Windhoek", "Asia/Beirut", "Asia/Tehran", "Asia/Gaza", "Asia/Kathmandu",
	"Asia/Pyongyang", "Asia/Anadyr", "Australia/Lord_Howe", "Australia/Eucla", "Antarctica/Troll", "Antarctica/Casey",
	"Pacific/Apia", "Pacific/Kiritimati", "Pacific/Kwajalein", "Pacific/Chatham", "Pacific/Norfolk",
}

// nearChange draws a wall time close to a clock change of the zone, where it has
// one, because elsewhere little can go wrong.
func nearChange(t *rapid.T, loc *time.Location) time.Time {
	at := time.Unix(rapid.Int64Range(0, 2_300_000_000).Draw(t, "unix"), 0)
	if _, end := at.In(loc).ZoneBounds(); !end.IsZero() && rapid.Bool().Draw(t, "near a change") {
		at = end
	}
	return at.Add(time.Duration(rapid.IntRange(-30*60, 30*60).Draw(t, "minutes")) * time.Minute).In(loc)
}

// showing finds by brute force the instants at which clocks show a wall time.
func showing(wall time.Time, loc *time.Location) []time.Time {
	var found []time.Time
	for m := -27 * 60; m <= 27*60; m++ {
		at := wall.Add(time.Duration(m) * time.Minute)
		if l := at.In(loc); ats.DateOf(l) == ats.DateOf(wall) && l.Hour() == wall.Hour() && l.Minute() == wall.Minute() {
			found = append(found, at)
		}
	}
	return found
}

func TestEveryScheduleShowsTheWallTimeThatWasGiven(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		// What some clock in the zone shows, moved a little: perhaps into a gap.
		l := nearChange(t, loc).Add(time.Duration(rapid.IntRange(-90, 90).Draw(t, "shift")) * time.Minute)
		d, tod := ats.DateOf(l), ats.TimeOfDay{Hour: l.Hour(), Minute: rapid.IntRange(0, 59).Draw(t, "minute")}
		if rapid.Bool().Draw(t, "another hour") {
			tod.Hour = rapid.IntRange(0, 23).Draw(t, "hour")
		}
		wall := time.Date(d.Year, d.Month, d.Day, tod.Hour, tod.Minute, 0, 0, time.UTC)
		want := showing(wall, loc)

		s, err := ats.At(d, tod, zone, ats.Fields{})
		if len(want) == 0 {
			refusal, ok := ats.AsRefusal(err)
			require.True(t, ok)
			require.Equal(t, ats.CodeTimeDoesNotExist, refusal.Code)
			return
		}
		require.NoError(t, err)
		require.Equal(t, want[0], s.At)
		require.Equal(t, len(want) > 1, s.Note != "")
	})
}

func TestEveryMidnightSeparatesTwoDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		d := ats.DateOf(nearChange(t, loc))
		start, err := ats.On(d, ats.StartOfDay, zone, ats.Fields{})
		require.NoError(t, err)
		end, err := ats.On(d, ats.EndOfDay, zone, ats.Fields{})
		require.NoError(t, err)
		next, err := ats.On(d.AddDays(1), ats.StartOfDay, zone, ats.Fields{})
		require.NoError(t, err)

		require.Equal(t, next.At, end.At, "a day ends where the next begins")
		require.True(t, end.At.After(start.At))
		require.Equal(t, d, ats.DateOf(start.At.In(loc)), "a day begins on its own date")
		require.NotEqual(t, d, ats.DateOf(start.At.Add(-time.Second).In(loc)), "and not before")
	})
}

func TestInDaysNeverDrifts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		n := rapid.IntRange(1, 400).Draw(t, "days")
		now := nearChange(t, loc).AddDate(0, 0, -n)
		s, err := ats.InDays(now, n, true, ats.EndOfDay, zone)
		require.NoError(t, err)
		l := s.At.In(loc)
		require.Equal(t, s.Date, ats.DateOf(l), "date and instant agree")
		require.Equal(t, l.Format("15:04"), s.Time.String())
		if s.Note == "" {
			require.Equal(t, ats.DateOf(now).AddDays(n), s.Date)
			require.Equal(t, now.Hour(), l.Hour())
			require.Equal(t, now.Minute(), l.Minute())
		}
	})
}

func fields() ats.Fields { return ats.Fields{Date: "due.date", Time: "due.time", Zone: "due.zone"} }

func date(t *testing.T, s string) ats.Date {
	t.Helper()
	d, err := ats.ParseDate(s, "")
	require.NoError(t, err)
	return d
}

func clock(t *testing.T, s string) ats.TimeOfDay {
	t.Helper()
	tod, err := ats.ParseTimeOfDay(s, "")
	require.NoError(t, err)
	return tod
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return at
}
