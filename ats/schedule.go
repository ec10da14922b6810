package ats

import (
	"fmt"
	"strings"
	"time"
)

// Midnight is which midnight a date without a time of day means.
type Midnight int

// The midnights.
const (
	// EndOfDay: the first moment of the next day.
	EndOfDay Midnight = iota
	// StartOfDay: the first moment of the day itself.
	StartOfDay
)

// String returns the words used in settings.
func (m Midnight) String() string { return word(int(m), "end", "start") }

// Schedule is a deadline (one-way) or a start (live): a civil date and time in a
// zone, and the instant that they are. The zero value is no schedule.
type Schedule struct {
	Date Date
	// Time is nil when only a date was given; then Midnight says which end of
	// the day At is.
	Time     *TimeOfDay
	Midnight Midnight
	// Zone is the IANA name.
	Zone string
	// At is the instant, in UTC.
	At time.Time
	// Derivation says where the values came from, for the timeline:
	// "custom fields interview-date + interview-time".
	Derivation string
	// Note is said in the timeline when a clock change needed a decision; may be
	// empty.
	Note string
}

// IsZero reports whether there is no schedule.
func (s Schedule) IsZero() bool { return s.At.IsZero() && s.Date.IsZero() }

// String returns the civil time as people read it: "2026-12-01 14:30
// (Europe/Stockholm)", or the date alone when no time was given.
func (s Schedule) String() string {
	if s.IsZero() {
		return ""
	}
	at := s.Date.String()
	if s.Time != nil {
		at += " " + s.Time.String()
	}
	return at + " (" + s.Zone + ")"
}

// Fields names the fields of a form or message, for refusals. Empty names are
// allowed.
type Fields struct {
	Date string
	Time string
	Zone string
}

// At resolves a civil date and time in a zone. A time that a clock change skips
// is a [*Refusal] with code [CodeTimeDoesNotExist]; one that happens twice is
// the first of the two, said in Schedule.Note. An unknown zone is refused with
// [CodeTimeZoneUnknown], an empty one with [CodeTimeZoneRequired].
func At(d Date, t TimeOfDay, zone string, f Fields) (Schedule, error) {
	loc, err := zoneForField(zone, f.Zone)
	if err != nil {
		return Schedule{}, err
	}
	s := Schedule{Date: d, Time: &t, Zone: loc.String()}
	switch found := instants(d, t, loc); len(found) {
	case 0:
		return Schedule{}, Refuse(CodeTimeDoesNotExist, f.Time,
			fmt.Sprintf("%s on %s does not exist in %s: the clocks change then. Choose another time.", t, d, loc))
	case 1:
		s.At = found[0]
	default:
		s.At = found[0]
		s.Note = fmt.Sprintf("%s happens twice on %s in %s, because the clocks change; the first one is meant.", t, d, loc)
	}
	return s, nil
}

// On resolves a date without a time of day: the midnight that begins or ends it
// in the zone. Where a clock change skips that midnight it is the first moment
// after the gap.
func On(d Date, m Midnight, zone string, f Fields) (Schedule, error) {
	loc, err := zoneForField(zone, f.Zone)
	if err != nil {
		return Schedule{}, err
	}
	day := d
	if m == EndOfDay {
		day = d.AddDays(1)
	}
	return Schedule{Date: d, Midnight: m, Zone: loc.String(), At: firstMoment(day, loc)}, nil
}

// InDays returns the same time of day n calendar days after now in the zone, or,
// without a time of day, the midnight of that date. A time that a clock change
// skips moves to the first moment after it.
func InDays(now time.Time, n int, withTime bool, m Midnight, zone string) (Schedule, error) {
	loc, err := LoadZone(zone)
	if err != nil {
		return Schedule{}, err
	}
	local := now.In(loc)
	d := DateOf(local).AddDays(n)
	derivation := fmt.Sprintf("%d calendar days from today", n)
	if !withTime {
		s, err := On(d, m, zone, Fields{})
		s.Derivation = derivation
		return s, err
	}
	t := TimeOfDay{Hour: local.Hour(), Minute: local.Minute()}
	found := instants(d, t, loc)
	if len(found) == 0 {
		// time.Date maps a skipped time to one on either side of the gap; the
		// gap's end is where the later side's zone begins.
		_, end := time.Date(d.Year, d.Month, d.Day, t.Hour, t.Minute, 0, 0, loc).Add(-24 * time.Hour).ZoneBounds()
		at := end.In(loc)
		t = TimeOfDay{Hour: at.Hour(), Minute: at.Minute()}
		return Schedule{Date: DateOf(at), Time: &t, Zone: loc.String(), At: end.UTC(), Derivation: derivation}, nil
	}
	return Schedule{Date: d, Time: &t, Zone: loc.String(), At: found[0], Derivation: derivation}, nil
}

// RequireFuture refuses a schedule that is not after now, with code
// [CodeExpirationInPast] about field.
func (s Schedule) RequireFuture(now time.Time, field string) error {
	if s.At.After(now) {
		return nil
	}
	return Refuse(CodeExpirationInPast, field, fmt.Sprintf("%s is in the past. Choose a later date and time.", s))
}

// LoadZone returns the location of an IANA zone name. An empty name, "Local" and
// unknown names are a [*Refusal].
func LoadZone(name string) (*time.Location, error) { return zoneForField(name, "time_zone") }

func zoneForField(name, field string) (*time.Location, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return nil, Refuse(CodeTimeZoneRequired, field, "A time zone is needed. Choose one such as Europe/Stockholm.")
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, Refuse(CodeTimeZoneUnknown, field, fmt.Sprintf("%q is not a time zone. Choose one such as Europe/Stockholm.", clip(name)))
	}
	return loc, nil
}

// instants returns the moments at which clocks in loc show d and t, first one
// first: none in a gap, two in a fold, else one.
func instants(d Date, t TimeOfDay, loc *time.Location) []time.Time {
	wall := time.Date(d.Year, d.Month, d.Day, t.Hour, t.Minute, 0, 0, time.UTC)
	var found []time.Time
	// Only offsets in force within a day of the wall time can be the right ones.
	for _, near := range []time.Time{wall.Add(-26 * time.Hour), wall, wall.Add(26 * time.Hour)} {
		_, offset := near.In(loc).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second)
		l := at.In(loc)
		if DateOf(l) != d || l.Hour() != t.Hour || l.Minute() != t.Minute {
			continue
		}
		switch {
		case len(found) == 0:
			found = append(found, at)
		case at.Before(found[0]):
			found = append([]time.Time{at}, found...)
		case at.After(found[len(found)-1]):
			found = append(found, at)
		}
	}
	return found
}

// firstMoment returns the first instant of the date in loc. A day that the zone
// never had, as when a date line moves, begins where the gap ends.
func firstMoment(d Date, loc *time.Location) time.Time {
	if found := instants(d, TimeOfDay{}, loc); len(found) > 0 {
		return found[0]
	}
	before := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Add(-26 * time.Hour)
	_, end := before.In(loc).ZoneBounds()
	return end.UTC()
}
