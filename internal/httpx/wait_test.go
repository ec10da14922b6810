package httpx_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestParseRetryAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, value string
		want        time.Duration
		ok          bool
	}{
		{"seconds", "17", 17 * time.Second, true},
		{"seconds with space around", " 17 ", 17 * time.Second, true},
		{"zero means now", "0", 0, true},
		{"a date", noon.Add(90 * time.Second).Format(http.TimeFormat), 90 * time.Second, true},
		{"a date in the old RFC 850 form", "Monday, 02-Mar-26 12:00:30 GMT", 30 * time.Second, true},
		{"a date in the past means now", noon.Add(-time.Hour).Format(http.TimeFormat), 0, true},
		{"an absurd number is bounded", "99999999999999999", 10 * 365 * 24 * time.Hour, true},
		{"empty", "", 0, false},
		{"negative", "-5", 0, false},
		{"words", "soon", 0, false},
		{"a number beyond any integer", "99999999999999999999999", 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, ok := httpx.ParseRetryAfter(c.value, noon)
			require.Equal(t, c.ok, ok)
			require.Equal(t, c.want, got)
		})
	}
}

func TestParseReset(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, value string
		want        time.Duration
		ok          bool
	}{
		{"seconds", "8", 8 * time.Second, true},
		{"a fraction", "1.5", 1500 * time.Millisecond, true},
		{"a Unix time", "1772452830", 30 * time.Second, true},
		{"a Unix time in the past means now", "1772452000", 0, true},
		{"empty", "", 0, false},
		{"negative", "-1.5", 0, false},
		{"not a number", "NaN", 0, false},
		{"infinite is bounded", "Inf", 10 * 365 * 24 * time.Hour, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, ok := httpx.ParseReset(c.value, noon)
			require.Equal(t, c.ok, ok)
			require.Equal(t, c.want, got)
		})
	}
}

func FuzzParseWait(f *testing.F) {
	for _, seed := range []string{"", "17", "1.5", "-1", "1772452830", "Mon, 02 Mar 2026 12:00:30 GMT", "1e400", "0x1p-2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, parse := range []func(string, time.Time) (time.Duration, bool){httpx.ParseRetryAfter, httpx.ParseReset} {
			d, ok := parse(value, noon)
			require.GreaterOrEqual(t, d, time.Duration(0))
			require.LessOrEqual(t, d, 10*365*24*time.Hour)
			if !ok {
				require.Zero(t, d)
			}
		}
	})
}
