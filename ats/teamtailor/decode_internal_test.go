package teamtailor

import (
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

// sample is a trigger webhook as the documentation shows it, with invented people.
const sample = `{"partner-event":{"id":"6f1c2a6e-3c1b-4b7e-9a53-0a6a0f6f2d11",
"webhook-data":{"recruiter":"asha-lind","interview-type":"one_way","job":"b7e0","timezone":"Europe/Stockholm","question-set":"qs-12","schedule-interview":""},
"partner-result":{"id":"0d1f7a52-9a0e-4a53-8f0b-6b1d5c2e7f90","status":"sending","update-url":"https://api.teamtailor.com/partner/v1/partner-results/0d1f7a52-9a0e-4a53-8f0b-6b1d5c2e7f90"},
"candidate":{"id":81234,"uuid":"5b0a2c1e-8d7f-4f44-9a39-2f6a1c0e9b77","first-name":"Mira","last-name":"Falk","email":"mira.falk@mail.example","phone":"+46700000001",
"picture-url":null,"tags":["nurse"],"department":"Care","role":"Nurse","referrals":[],"locations":[{"name":"Lund","address":"Storgatan 1, Lund"}],
"job":{"id":4711,"title":"Ward nurse","stage-id":9001,"stage":"Video interview","tags":[],"trigger-id":77,"custom-fields":[],"status":{"rejected":false},
"triggered-by":{"id":31,"email":"asha@company.example","name":"Asha Lind"}},
"recruiter":{"name":"Asha Lind","email":"asha@company.example","phone":null},"questions":[{"question":"Do you hold a license?","answer":"yes"}],
"custom-fields":[{"interview-date":{"value":"2026-12-01","type":"date","mapped-from":"interview-date"}},{"interview-time":{"value":"14:30","type":"text","mapped-from":"interview-time"}}]}},
"company":{"uuid":"Qw3rTyUi0p","name":"Example Care AB","url":"https://career.company.example","logotype":null}}`

func TestDecodeTheDocumentedSample(t *testing.T) {
	t.Parallel()
	call, err := decodeTrigger([]byte(sample))
	require.NoError(t, err)
	require.Equal(t, company{UUID: "Qw3rTyUi0p", Name: "Example Care AB"}, call.Company)
	require.Equal(t, text("81234"), call.Event.Candidate.ID)
	require.Equal(t, appliedJob{ID: "4711", Title: "Ward nurse", TriggerID: "77"}, call.Event.Candidate.Job)
	require.Equal(t, formData{
		"recruiter": "asha-lind", "interview-type": "one_way", "job": "b7e0", "timezone": "Europe/Stockholm", "question-set": "qs-12",
	}, call.Event.Data)
	require.Equal(t, customFields{
		{APIName: "interview-date", Type: "date", Value: "2026-12-01"}, {APIName: "interview-time", Type: "text", Value: "14:30"},
	}, call.Event.Candidate.CustomFields)
}

func TestDecodeFormDataInEveryShape(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data string
		want formData
	}{
		"null":                         {`null`, formData{}},
		"an empty list":                {`[]`, formData{}},
		"underscores and capitals":     {`{"Interview_Type":"live"}`, formData{"interview-type": "live"}},
		"numbers and booleans":         {`{"job":12,"resend":true,"x":false}`, formData{"job": "12", "resend": "true", "x": "false"}},
		"a list with one choice":       {`{"job":["b7e0"]}`, formData{"job": "b7e0"}},
		"a list with several":          {`{"tags":["a",1,null,"b"]}`, formData{"tags": "a, 1, b"}},
		"options as objects":           {`{"job":{"id":"b7e0","label":"Ward nurse"}}`, formData{"job": "b7e0"}},
		"values as objects":            {`{"job":{"value":"b7e0"}}`, formData{"job": "b7e0"}},
		"empty strings and nulls":      {`{"job":"","zone":null,"x":"  "}`, formData{}},
		"spaces around":                {`{" job ":" b7e0 "}`, formData{"job": "b7e0"}},
		"JSON in a string":             {`"{\"job\":\"b7e0\"}"`, formData{"job": "b7e0"}},
		"a string that is no JSON":     {`"b7e0"`, formData{}},
		"the same name more than once": {`{"job":"a","job":"b"}`, formData{"job": "b"}},
	} {
		call, err := decodeTrigger([]byte(`{"partner-event":{"webhook-data":` + c.data + `}}`))
		require.NoError(t, err, name)
		require.Equal(t, c.want, call.Event.Data, name)
	}
}

func TestDecodeCustomFieldsInEveryShape(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fields string
		want   customFields
	}{
		"null":                     {`null`, nil},
		"one object with all":      {`{"a":{"value":"1","type":"text"},"b":"2"}`, customFields{{APIName: "a", Type: "text", Value: "1"}, {APIName: "b", Value: "2"}}},
		"choices":                  {`[{"a":{"value":["x","y"],"type":"multiselect"}}]`, customFields{{APIName: "a", Type: "multiselect", Value: "x, y"}}},
		"a checkbox and a number":  {`[{"a":{"value":true,"type":"boolean"}},{"b":{"value":4.50,"type":"number"}}]`, customFields{{APIName: "a", Type: "boolean", Value: "true"}, {APIName: "b", Type: "number", Value: "4.50"}}},
		"without a value":          {`[{"a":{"type":"text"}},{"b":{"value":null}}]`, customFields{{APIName: "a", Type: "text"}, {APIName: "b"}}},
		"what is no field at all":  {`["a",1,null,[{"a":1}]]`, nil},
		"a type that is no string": {`[{"a":{"value":"x","type":7}}]`, customFields{{APIName: "a", Type: "7", Value: "x"}}},
	} {
		call, err := decodeTrigger([]byte(`{"partner-event":{"candidate":{"custom-fields":` + c.fields + `}}}`))
		require.NoError(t, err, name)
		require.Equal(t, c.want, call.Event.Candidate.CustomFields, name)
	}
}

// Whatever arrives, decoding neither panics nor takes long, and what it accepts makes
// a request or a refusal that fits on a card.
func FuzzDecodeTrigger(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(`{"partner-event":{"webhook-data":"{\"job\":[{\"id\":{}}]}","candidate":{"custom-fields":{"interview-date":["2026-12-01"],"interview-time":{"value":1430}}}}}`))
	f.Add([]byte(`{"partner-event":null,"company":{"uuid":1e3}}`))
	f.Add([]byte(strings.Repeat("[", 9_999)))
	now := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		call, err := decodeTrigger(body)
		if err != nil {
			require.Equal(t, errBody, err)
			return
		}
		for name, value := range call.Event.Data {
			require.Equal(t, strings.TrimSpace(value), value)
			require.NotContains(t, name, "_")
		}
		s, _ := settingsOf(ats.Connection{})
		r, err := terms{
			origin: call.Event.origin(), candidate: minimal(candidateFromEvent(call.Event.Candidate), s), form: call.Event.Data,
			users: []ats.User{{ID: "asha-lind"}}, settings: s, now: now,
		}.request()
		if err == nil {
			require.NotEmpty(t, r.SparkHireJobID)
			require.True(t, r.Schedule.At.After(now))
			require.True(t, utf8.ValidString(r.Candidate.Email))
			return
		}
		refusal, ok := ats.AsRefusal(err)
		require.True(t, ok, "%v", err)
		require.NotEmpty(t, refusal.Message)
		_, text := answerTo(err)
		require.LessOrEqual(t, utf8.RuneCountInString(clip(text, maxText)), maxText)
	})
}

func FuzzDecodeEvent(f *testing.F) {
	f.Add([]byte(`{"payload":{"event_name":"job_application.update","data":{"id":"90210","attributes":{"rejected_at":null,"job-id":4711}}}}`))
	f.Add([]byte(`{"payload":{"event_name":"candidate.destroy","data":{"id":1,"attributes":[]}},"signature":"x"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		call, err := decodeEvent(body)
		if err == nil {
			require.NotEmpty(t, call.Payload.Name)
		}
	})
}

func FuzzChosenValues(f *testing.F) {
	f.Add(`webhook_data=%7B%22recruiter%22%3A%22asha-lind%22%7D`)
	f.Add(`webhook_data[interview-type]=live&webhook_data[]=x&recruiter[]=a&recruiter[]=b`)
	f.Fuzz(func(t *testing.T, raw string) {
		query, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		for name, value := range chosenValues(query) {
			require.Contains(t, []string{fieldRecruiter, fieldType, fieldJob, fieldZone, fieldQuestionSet, fieldSchedule}, name)
			require.NotEmpty(t, value)
		}
	})
}
