package api

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 4, 12, 30, 0, 0, time.UTC)
	midnight := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	for raw, want := range map[string]Date{
		"":                              {},
		"2026-03-04T12:30:00.000Z":      {Time: noon},
		"2026-03-04T14:30:00+02:00":     {Time: noon},
		"2026-03-04T12:30:00":           {Time: noon},
		"2026-03-04":                    {Time: midnight, Day: true},
		"03/04/2026 12:30:00":           {Time: noon},
		"03/04/2026":                    {Time: midnight, Day: true},
		" 03/04/2026 ":                  {Time: midnight, Day: true},
		"13/04/2026":                    {},
		"yesterday":                     {},
		"2026-02-30":                    {},
		"0001-01-01T00:00:00.000+00:00": {},
	} {
		want.Raw = raw
		require.Equal(t, want, ParseDate(raw), raw)
	}
}

func TestTextTakesNumbers(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]text{`"103"`: "103", `103`: "103", `true`: "true", `null`: "", `1234567890123456789`: "1234567890123456789"} {
		var got text
		require.NoError(t, json.Unmarshal([]byte(body), &got), body)
		require.Equal(t, want, got, body)
	}
	for _, body := range []string{`{}`, `[]`} {
		require.Error(t, json.Unmarshal([]byte(body), new(text)), body)
	}
}

func TestIntegerNeverFails(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{`1`: "1", `"7"`: "7", `1.0`: "1", `null`: "", `1.5`: "", `99999999999`: "", `"x"`: "", `{}`: "", `[]`: ""} {
		var got integer
		require.NoError(t, json.Unmarshal([]byte(body), &got), body)
		if want == "" {
			require.Nil(t, got.value, body)
			continue
		}
		require.Equal(t, want, jsonOf(t, got.value), body)
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-03-04T12:30:00.000Z", "03/04/2026", "2026-03-04", "03/04/2026 12:30:00", "", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := ParseDate(s)
		require.Equal(t, s, d.Raw)
		require.Equal(t, time.UTC, d.Time.Location())
		if d.Day {
			require.Zero(t, d.Time.Sub(d.Time.Truncate(24*time.Hour)))
		}
	})
}

func FuzzParseProblem(f *testing.F) {
	for _, s := range []string{
		`{"correlationId":"2f3d8a4e-0c59-4f6b-8d5e-1f0f3a9b7c21","title":"T","detail":"D","source":{"a":"b"}}`,
		`{"CorrelationId":7,"Title":null,"Detail":{},"Source":[]}`, `[]`, ``, `"`, `{"source":{"a":{}}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p := parseProblem(body)
		require.LessOrEqual(t, len(p.CorrelationID), 64)
		e := &APIError{Status: 400, CorrelationID: string(p.CorrelationID), Source: map[string]string{}}
		for name, message := range p.Source {
			e.Source[name] = string(message)
		}
		require.False(t, strings.ContainsAny(e.Error(), "\n@<>"))
	})
}

func FuzzDecodePages(f *testing.F) {
	for _, s := range []string{
		`{"hasMoreResults":true,"continuationToken":"t","additionalResultsUrl":null,"records":[{"id":"1"}]}`,
		`{"HasMoreResults":"true","Records":null}`, `[{"Id":1}]`, `{"id":"1","title":"x"}`, `null`, ``, `[null]`,
		`{"hasMoreResults":true,"additionalResultsUrl":"//evil.example/x"}`, `{"hasMoreResults":true,"additionalResultsUrl":"\\evil"}`,
	} {
		f.Add([]byte(s))
	}
	const base = "https://apis.paycor.com"
	f.Fuzz(func(t *testing.T, body []byte) {
		accounts, err := decodeAccounts(body)
		if err == nil {
			at, more, err := accounts.next(base)
			if err == nil && more {
				require.NotEqual(t, at.token == "", at.url == "")
				require.True(t, at.url == "" || strings.HasPrefix(at.url, base+"/") || strings.HasPrefix(at.url, base+"?") || at.url == base)
			}
		}
		jobs, err := decodePage[jobRecord](body)
		if err == nil {
			for i := range jobs.Records {
				jobFromAPI(&jobs.Records[i])
			}
		}
		candidates, err := decodePage[candidateRecord](body)
		if err == nil {
			for i := range candidates.Records {
				candidateFromAPI(&candidates.Records[i])
			}
		}
	})
}

func FuzzWaitSeconds(f *testing.F) {
	f.Add([]byte(`{"message":"Rate limit is exceeded. Try again in 60 seconds."}`))
	f.Add([]byte(`in 999999 seconds`))
	f.Fuzz(func(t *testing.T, body []byte) {
		n := waitSeconds(body)
		require.True(t, n >= 0 && n <= 99999)
	})
}

func TestAddressOfTheNextPage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ base, address, want string }{
		{"https://apis.paycor.com", "/v1/x?continuationTokenId=1", "https://apis.paycor.com/v1/x?continuationTokenId=1"},
		{"https://apis.paycor.com", "https://APIS.paycor.com/v1/x", "https://apis.paycor.com/v1/x"},
		{"https://apis.paycor.com", "https://apis.paycor.com:8443/v1/x", ""},
		{"https://apis.paycor.com", "https://user@apis.paycor.com/v1/x", ""},
		{"https://apis.paycor.com", "https://apis.paycor.com.evil.example/v1/x", ""},
		{"https://apis.paycor.com", "javascript:alert(1)", ""},
		{"https://apis.paycor.com", "://", ""},
		{"https://proxy.example/paycor", "/v1/x", "https://proxy.example/paycor/v1/x"},
		{"https://proxy.example/paycor", "/paycor/v1/x", "https://proxy.example/paycor/v1/x"},
	} {
		got, err := onHost(c.base, c.address)
		require.Equal(t, c.want == "", err != nil, c.address)
		require.Equal(t, c.want, got, c.address)
	}
}
