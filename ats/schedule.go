package ats

import (
	"fmt"
	"slices"
	"strings"
	"sync"
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
// [CodeTimeZoneUnknown], an empty one with [CodeTimeZoneRequired], and what no
// calendar or clock shows with [CodeInvalidDate] or [CodeInvalidTime].
func At(d Date, t TimeOfDay, zone string, f Fields) (Schedule, error) {
	loc, err := zoneForField(zone, f.Zone)
	if err != nil {
		return Schedule{}, err
	}
	if !d.valid() {
		return Schedule{}, refuseDate(d.String(), f.Date)
	}
	if !t.valid() {
		return Schedule{}, refuseTime(t.String(), "it is out of range", f.Time)
	}
	found := instants(d, t, loc)
	if len(found) == 0 {
		return Schedule{}, Refuse(CodeTimeDoesNotExist, f.Time,
			fmt.Sprintf("%s on %s does not exist in %s: the clocks change then. Choose another time.", t, d, loc))
	}
	return Schedule{Date: d, Time: &t, Zone: loc.String(), At: found[0], Note: noteOn(d, t, loc, found)}, nil
}

// noteOn says which of two instants was chosen, if there was a choice.
func noteOn(d Date, t TimeOfDay, loc *time.Location, found []time.Time) string {
	if len(found) < 2 {
		return ""
	}
	return fmt.Sprintf("%s happens twice on %s in %s, because the clocks change; the first one is meant.", t, d, loc)
}

// On resolves a date without a time of day: the midnight that begins or ends it
// in the zone. Where a clock change skips that midnight it is the first moment
// after the gap; where it happens twice it is the first. Refusals are as for
// [At].
func On(d Date, m Midnight, zone string, f Fields) (Schedule, error) {
	loc, err := zoneForField(zone, f.Zone)
	if err != nil {
		return Schedule{}, err
	}
	if !d.valid() {
		return Schedule{}, refuseDate(d.String(), f.Date)
	}
	day := d
	if m == EndOfDay {
		day = d.AddDays(1)
	}
	return Schedule{Date: d, Midnight: m, Zone: loc.String(), At: firstMoment(day, loc)}, nil
}

// InDays returns the same time of day n calendar days after now in the zone, or,
// without a time of day, the midnight of that date. A time that a clock change
// skips moves to the first moment after it, and one that happens twice is the
// first of the two; both are said in Schedule.Note. Seconds are dropped.
func InDays(now time.Time, n int, withTime bool, m Midnight, zone string) (Schedule, error) {
	loc, err := LoadZone(zone)
	if err != nil {
		return Schedule{}, err
	}
	local := now.In(loc)
	d := DateOf(local).AddDays(n)
	s := Schedule{Date: d, Zone: loc.String(), Derivation: fmt.Sprintf("%d calendar days from today", n)}
	if !withTime {
		on, err := On(d, m, zone, Fields{})
		if err != nil {
			return Schedule{}, err
		}
		s.Midnight, s.At = on.Midnight, on.At
		return s, nil
	}
	t := TimeOfDay{Hour: local.Hour(), Minute: local.Minute()}
	if found := instants(d, t, loc); len(found) > 0 {
		s.Time, s.At, s.Note = &t, found[0], noteOn(d, t, loc, found)
		return s, nil
	}
	s.At = gapEnd(d, t, loc)
	after := s.At.In(loc)
	s.Date = DateOf(after)
	s.Time = &TimeOfDay{Hour: after.Hour(), Minute: after.Minute()}
	s.Note = fmt.Sprintf("%s on %s does not exist in %s, because the clocks change; the first moment after it is meant.", t, d, loc)
	return s, nil
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
	loc, err := zones.load(name)
	if err != nil || name == "Local" {
		return nil, Refuse(CodeTimeZoneUnknown, field, fmt.Sprintf("The time zone %q is not known. Choose one such as Europe/Stockholm.", clip(name)))
	}
	return loc, nil
}

// zones spares reading the same zone from disk for every deadline.
var zones zoneCache //nolint:gochecknoglobals // what it keeps never changes

// zoneCache keeps the zones that exist. There are some six hundred; a name with
// other slashes is another one, so the number is bounded.
type zoneCache struct {
	mu     sync.RWMutex
	byName map[string]*time.Location
}

func (z *zoneCache) load(name string) (*time.Location, error) {
	z.mu.RLock()
	loc, ok := z.byName[name]
	z.mu.RUnlock()
	if ok {
		return loc, nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, err
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.byName == nil {
		z.byName = map[string]*time.Location{}
	}
	if len(z.byName) < 1024 {
		z.byName[name] = loc
	}
	return loc, nil
}

// instants returns the moments at which clocks in loc show d and t, first one
// first: none in a gap, two in a fold, else one.
func instants(d Date, t TimeOfDay, loc *time.Location) []time.Time {
	wall := wallTime(d, t)
	var found []time.Time
	// Only offsets in force within a day of the wall time can be the right ones.
	for _, near := range []time.Time{wall.Add(-aDay), wall, wall.Add(aDay)} {
		_, offset := near.In(loc).Zone()
		at := wall.Add(-time.Duration(offset) * time.Second)
		if _, shown := at.In(loc).Zone(); shown == offset && !slices.Contains(found, at) {
			found = append(found, at)
		}
	}
	slices.SortFunc(found, time.Time.Compare)
	return found
}

// wallTime returns what a clock shows, as if it stood in UTC.
func wallTime(d Date, t TimeOfDay) time.Time {
	return time.Date(d.Year, d.Month, d.Day, t.Hour, t.Minute, 0, 0, time.UTC)
}

// aDay is more than any clock's distance from UTC, the longest day included.
const aDay = 26 * time.Hour

// firstMoment returns the first instant of the date in loc. A day that the zone
// never had, as when a date line moves, begins where the gap ends.
func firstMoment(d Date, loc *time.Location) time.Time {
	if found := instants(d, TimeOfDay{}, loc); len(found) > 0 {
		return found[0]
	}
	return gapEnd(d, TimeOfDay{}, loc)
}

// gapEnd returns the first instant after the gap in which d and t fall.
func gapEnd(d Date, t TimeOfDay, loc *time.Location) time.Time {
	_, end := wallTime(d, t).Add(-aDay).In(loc).ZoneBounds()
	return end.UTC()
}
