package paycor_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor/paycortest"
)

// apiToken is what the recruiting backend of these tests calls the REST API with.
const apiToken = "token-of-the-backend"

type object = map[string]any

// answer is an answer of the REST API.
type answer struct {
	b      *bridged
	status int
	header http.Header
	body   []byte
}

// problem is the body of a refusal.
type problem struct{ Code, Field, Detail string }

// call calls the REST API on a person's behalf; the zero user is nobody in particular.
func (b *bridged) call(method, path string, body any, by ats.User, headers ...string) *answer {
	b.Helper()
	text := []byte(nil)
	if body != nil {
		var err error
		text, err = json.Marshal(body)
		require.NoError(b, err)
	}
	r := httptest.NewRequestWithContext(b.Context(), method, "/api/v1"+path, bytes.NewReader(text))
	r.Header.Set("Authorization", "Bearer "+apiToken)
	if !by.IsZero() {
		r.Header.Set("Sparkbridge-Actor-Id", by.ID)
	}
	if by.Admin {
		r.Header.Set("Sparkbridge-Actor-Admin", "true")
	}
	for n := 0; n+1 < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	rec := httptest.NewRecorder()
	(*b.handler.Load()).ServeHTTP(rec, r)
	return &answer{b, rec.Code, rec.Header(), rec.Body.Bytes()}
}

func (a *answer) want(status int) *answer {
	a.b.Helper()
	require.Equal(a.b, status, a.status, "%s", a.body)
	return a
}

func (a *answer) into(v any) {
	a.b.Helper()
	require.NoError(a.b, json.Unmarshal(a.body, v), "%s", a.body)
}

// refused returns why the call was refused.
func (a *answer) refused() (p problem) {
	a.b.Helper()
	require.GreaterOrEqual(a.b, a.status, 400, "%s", a.body)
	a.into(&p)
	return p
}

// shown is an interview as the API shows it.
type shown struct {
	ID, State string
	Actions   []string
	Notified  string `json:"candidate_notified"`
	SparkHire struct {
		InterviewID   string `json:"interview_id"`
		QuestionSetID string `json:"question_set_id"`
	} `json:"spark_hire"`
	Due struct{ Date string } `json:"due"`
}

func (b *bridged) connection() string { return "/connections/" + b.id }

// body is a request for an interview of maya's as a backend sends it.
func (b *bridged) body(change ...func(object)) object {
	b.Helper()
	r := b.request("")
	day := r.Schedule.Date
	body := object{
		"candidate": object{"id": r.Candidate.ID, "first_name": r.Candidate.FirstName, "last_name": r.Candidate.LastName, "email": r.Candidate.Email},
		"job":       object{"id": r.Job.ID, "title": r.Job.Title},
		"due":       object{"date": day.String()},
	}
	for _, f := range change {
		f(body)
	}
	return body
}

// asks sends a request on a person's behalf.
func (b *bridged) asks(by ats.User, key string, change ...func(object)) *answer {
	b.Helper()
	return b.call(http.MethodPost, b.connection()+"/interviews", b.body(change...), by, "Idempotency-Key", key)
}

func (b *bridged) cancels(by ats.User, i ats.Interview) *answer {
	b.Helper()
	return b.call(http.MethodPost, "/interviews/"+i.ID+"/cancel", nil, by)
}

func (b *bridged) saves(by ats.User, change object) *answer {
	b.Helper()
	return b.call(http.MethodPatch, b.connection(), change, by)
}

// hostUser is a person whom the host knows.
func hostUser(id int32) paycortest.UserConfig { return paycortest.UserConfig{ID: id} }
