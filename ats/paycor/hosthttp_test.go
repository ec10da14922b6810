package paycor_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/paycor"
)

// contract is docs/host-paycor.openapi.yaml, as far as these tests understand it.
type contract struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Name, In string
			Required bool
		} `yaml:"parameters"`
		RequestBody struct {
			Content map[string]struct{ Schema *schema }
		} `yaml:"requestBody"`
		Responses map[string]any `yaml:"responses"`
	}
	Components struct{ Schemas map[string]*schema }
}

type schema struct {
	Ref        string `yaml:"$ref"`
	Type       string
	Format     string
	Required   []string
	Properties map[string]*schema
	Enum       []string
	Nullable   bool
	MinLength  int `yaml:"minLength"`
	MaxLength  int `yaml:"maxLength"`
}

func readContract(t *testing.T) *contract {
	t.Helper()
	text, err := os.ReadFile("../../docs/host-paycor.openapi.yaml")
	require.NoError(t, err)
	var c contract
	require.NoError(t, yaml.Unmarshal(text, &c))
	require.Len(t, c.Paths, 4)
	return &c
}

// check returns what is wrong with a value that was sent.
func (c *contract) check(at string, s *schema, v any) error {
	if s.Ref != "" {
		s = c.Components.Schemas[s.Ref[len("#/components/schemas/"):]]
	}
	wrong := func(why string) error { return fmt.Errorf("%s: %v %s", at, v, why) }
	switch value := v.(type) {
	case nil:
		if !s.Nullable {
			return wrong("must not be null")
		}
	case bool:
		if s.Type != "boolean" {
			return wrong("is not of type " + s.Type)
		}
	case json.Number:
		bits := map[string]int{"int32": 32, "int64": 64}[s.Format]
		if _, err := strconv.ParseInt(value.String(), 10, bits); s.Type != "integer" || err != nil {
			return wrong("is not of type " + s.Type + " " + s.Format)
		}
	case string:
		layout := map[string]string{"date": time.DateOnly, "date-time": time.RFC3339}[s.Format]
		if _, err := time.Parse(layout, value); s.Format != "" && err != nil {
			return wrong("is no " + s.Format)
		}
		if s.Type != "string" || len(value) < s.MinLength || s.MaxLength > 0 && len(value) > s.MaxLength || s.Enum != nil && !slices.Contains(s.Enum, value) {
			return wrong("is not what the schema says")
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, ok := value[name]; !ok {
				return wrong("lacks " + name)
			}
		}
		for name, member := range value {
			if s.Properties[name] == nil {
				return wrong("has " + name + ", which the schema does not know")
			}
			if err := c.check(at+"."+name, s.Properties[name], member); err != nil {
				return err
			}
		}
	default:
		return wrong("is of no type that the contract uses")
	}
	return nil
}

// webHost serves the contract and checks each call against the document.
type webHost struct {
	*httptest.Server
	contract *contract

	mu     sync.Mutex
	status int    // answer everything with it
	body   string // with this body
	header http.Header
	calls  []string
	items  map[string]string // bodies by key
	tabs   []map[string]any
}

func newWebHost(t *testing.T) *webHost {
	t.Helper()
	h := &webHost{contract: readContract(t), items: map[string]string{}}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

func (h *webHost) answer(status int, body string, header http.Header) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status, h.body, h.header = status, body, header
}

func (h *webHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	h.calls = append(h.calls, r.Method+" "+r.URL.Path)
	message, problem := h.read(r, body)
	switch {
	case problem != nil:
		http.Error(w, `{"detail": `+strconv.Quote(problem.Error())+`}`, http.StatusTeapot)
		return
	case h.status != 0:
		maps.Copy(w.Header(), h.header)
		w.WriteHeader(h.status)
		_, _ = io.WriteString(w, h.body)
		return
	}
	switch r.URL.Path {
	case "/base/v1/actor":
		if message["credential"] != "tove-session" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, `{"userId": 910233, "name": "Tove Lindqvist", "administrator": true, "pronouns": ["she"]}`)
	case "/base/v1/access-checks":
		_, _ = fmt.Fprintf(w, `{"allowed": %t}`, message["userId"] == json.Number("910233"))
	case "/base/v1/newsfeed-items":
		key := r.Header.Get("Idempotency-Key")
		known, ok := h.items[key]
		switch {
		case ok && known != string(body):
			w.WriteHeader(http.StatusConflict)
		case ok:
			w.WriteHeader(http.StatusOK)
		default:
			h.items[key] = string(body)
			w.WriteHeader(http.StatusCreated)
		}
	case "/base/v1/video-interview-tab":
		tab, _ := message["tab"].(map[string]any)
		h.tabs = append(h.tabs, tab)
		w.WriteHeader(http.StatusNoContent)
	}
}

// read checks a call against the contract and returns its message.
func (h *webHost) read(r *http.Request, body []byte) (map[string]any, error) {
	if r.Header.Get("Authorization") != "Bearer host-token" {
		return nil, fmt.Errorf("the bearer token is missing")
	}
	path := r.URL.Path
	if len(path) < 5 || path[:5] != "/base" {
		return nil, fmt.Errorf("the path %s is not below the host's address", path)
	}
	method := map[string]string{"POST": "post", "PUT": "put"}[r.Method]
	operation, ok := h.contract.Paths[path[5:]][method]
	if !ok {
		return nil, fmt.Errorf("the contract has no %s %s", r.Method, path)
	}
	var message map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&message); err != nil {
		return nil, err
	}
	for _, p := range operation.Parameters {
		if p.In == "header" && p.Required && r.Header.Get(p.Name) == "" {
			return nil, fmt.Errorf("the header %s is missing", p.Name)
		}
		if p.Name == "Idempotency-Key" && r.Header.Get(p.Name) != message["key"] {
			return nil, fmt.Errorf("the key of the header is not that of the item")
		}
	}
	if r.Header.Get("Content-Type") != "application/json" {
		return nil, fmt.Errorf("the body is not declared as JSON")
	}
	return message, h.contract.check("body", operation.RequestBody.Content["application/json"].Schema, message)
}

// web returns a world whose host speaks HTTP.
func web(t *testing.T) (*world, *webHost) {
	t.Helper()
	h := newWebHost(t)
	w := newWorld(t, beside, func(c *paycor.Config) {
		c.HostURL, c.HostToken, c.HTTPClient = h.URL+"/base/", "host-token", h.Client()
	})
	return w, h
}

func TestCallsToTheHostKeepToTheContract(t *testing.T) {
	t.Parallel()
	w, h := web(t)
	u, err := w.adapter.Actor(t.Context(), w.conn(), "tove-session")
	require.NoError(t, err)
	require.Equal(t, ats.User{ID: recruiter, Name: "Tove Lindqvist", Admin: true}, u)
	_, err = w.adapter.Actor(t.Context(), w.conn(), "somebody-elses-session")
	require.ErrorIs(t, err, paycor.ErrUnknownActor)
	require.NotContains(t, err.Error(), "somebody-elses-session")

	ref := ats.CandidateRef{Tenant: w.tenant, ID: candidate, JobID: jobID}
	for id, want := range map[string]bool{recruiter: true, "910234": false} {
		may, err := w.adapter.MayView(t.Context(), w.conn(), ats.User{ID: id}, ref)
		require.NoError(t, err)
		require.Equal(t, want, may)
	}

	iv := w.asked("k")
	w.becomes(iv, ats.StateSending, ats.StateSent, ats.StateAccepted)
	w.happens(iv, ats.EventRescheduled, nil)
	w.becomes(iv, ats.StateExpired)
	w.happens(iv, ats.EventReset, func(i *ats.Interview) { i.State = ats.StateSent })
	_, err = w.inbox.Cancel(t.Context(), iv.ID, ats.User{ID: recruiter})
	require.NoError(t, err)
	require.NoError(t, w.inbox.Deliver(t.Context(), iv.ID))
	w.becomes(iv, ats.StateCompleted)
	w.happens(iv, ats.EventRemoved, nil)
	require.Len(t, h.items, 8, "every kind of item there is")
	require.JSONEq(t, `{"key": "`+iv.ID+`/requested/0", "kind": "video_interview.requested", "text": "Video Interview Requested",
		"candidate": {"legalEntityId": 501200, "atsAccountId": "ff80818190aa10010190aa1001000001", "jobId": "`+jobID+`", "candidateId": "`+candidate+`"},
		"at": "2026-03-10T14:24:06Z", "actorUserId": 910233, "requestId": "`+iv.ID+`"}`, h.items[iv.ID+"/requested/0"])
	require.Equal(t, map[string]any{
		"revision": json.Number("2"), "requestId": nil, "state": "none", "label": "", "expiresOn": nil,
		"viewAvailable": false, "canCancel": false, "canRequest": false,
	}, h.tabs[0])
	require.Equal(t, "2026-03-17", h.tabs[1]["expiresOn"])
}

func TestAnswersOfTheHostAreToldByTheirKind(t *testing.T) {
	t.Parallel()
	final := []error{ats.ErrHostCannot, ats.ErrNotFound, ats.ErrGone, ats.ErrInvalid, ats.ErrUnauthorized, ats.ErrForbidden}
	for status, want := range map[int]error{
		302: nil, 400: ats.ErrInvalid, 401: ats.ErrUnauthorized, 403: ats.ErrForbidden, 404: ats.ErrNotFound, 408: nil, 409: ats.ErrInvalid,
		410: ats.ErrGone, 413: ats.ErrInvalid, 422: ats.ErrInvalid, 425: nil, 429: nil, 500: nil, 501: ats.ErrHostCannot, 502: nil, 503: nil, 504: nil,
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			w, h := web(t)
			iv := w.asked("k")
			w.records(iv, ats.EventSent, func(i *ats.Interview) { i.State = ats.StateSent })
			r, err := w.inbox.Report(iv.ID)
			require.NoError(t, err)
			h.answer(status, `{"detail": "Tove Lindqvist <t.lindqvist@harborlane.example> host-token"}`, http.Header{"Location": {"https://elsewhere.example"}})
			h.calls = nil
			err = w.adapter.Publish(t.Context(), w.conn(), r)
			require.Error(t, err)
			for _, kind := range final {
				require.Equal(t, errors.Is(want, kind), errors.Is(err, kind), "%v: %v", kind, err)
			}
			require.NotContains(t, err.Error(), "harborlane")
			require.NotContains(t, err.Error(), "host-token")
			require.Equal(t, "POST /base/v1/newsfeed-items", h.calls[0])
			if want == nil {
				require.Len(t, h.calls, 1, "the engine repeats, not the client")
			}
			h.answer(0, "", nil)
			require.NoError(t, w.adapter.Publish(t.Context(), w.conn(), r))
			require.Len(t, h.items, 1)
		})
	}
	t.Run("our own token is refused", func(t *testing.T) {
		t.Parallel()
		w, h := web(t)
		h.answer(http.StatusUnauthorized, "", http.Header{"Www-Authenticate": {`Bearer error="invalid_token"`}})
		_, err := w.adapter.Actor(t.Context(), w.conn(), "tove-session")
		require.ErrorIs(t, err, ats.ErrUnavailable)
		require.NotErrorIs(t, err, ats.ErrUnauthorized, "that says nothing about who the person is")
	})
	t.Run("a wait that the host asks for", func(t *testing.T) {
		t.Parallel()
		w, h := web(t)
		h.answer(http.StatusTooManyRequests, "", http.Header{"Retry-After": {"120"}})
		_, err := w.adapter.Actor(t.Context(), w.conn(), "tove-session")
		require.ErrorAs(t, err, new(*ats.RetryLaterError))
	})
}

func TestAWordWhereTheContractHasNoBodyDoesNoHarm(t *testing.T) {
	t.Parallel()
	for body, taken := range map[string]bool{"Created": true, `{"id": 7}`: true, "null": true, "<html>Sign in": false, `{"id": `: false} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			w, h := web(t)
			iv := w.asked("k")
			w.records(iv, ats.EventSent, func(i *ats.Interview) { i.State = ats.StateSent })
			r, err := w.inbox.Report(iv.ID)
			require.NoError(t, err)
			h.answer(http.StatusOK, body, nil)
			err = w.adapter.Publish(t.Context(), w.conn(), r)
			if taken {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, ats.ErrUnavailable)
			}
		})
	}
}

func TestAnswersThatTheContractDoesNotHave(t *testing.T) {
	t.Parallel()
	for _, body := range []string{``, `{}`, `null`, `[]`, `{"userId": null, "allowed": null}`, `{"userId": "x", "allowed": "yes"}`, `{"userId": 99999999999}`} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			w, h := web(t)
			h.answer(http.StatusOK, body, nil)
			_, err := w.adapter.Actor(t.Context(), w.conn(), "tove-session")
			require.ErrorIs(t, err, ats.ErrUnavailable)
			may, err := w.adapter.MayView(t.Context(), w.conn(), ats.User{ID: recruiter}, ats.CandidateRef{ID: candidate, JobID: jobID})
			require.ErrorIs(t, err, ats.ErrUnavailable)
			require.False(t, may)
		})
	}
}

func TestEachConnectionMayHaveAHostOfItsOwn(t *testing.T) {
	t.Parallel()
	w, deployment := web(t)
	own := newWebHost(t)
	w.settings(`{"feature_enabled": true, "host_url": "` + own.URL + `/base", "host_token": "host-token"}`)
	_, err := w.adapter.Actor(t.Context(), w.conn(), "tove-session")
	require.NoError(t, err)
	require.Len(t, own.calls, 1)
	require.Empty(t, deployment.calls)
}

func FuzzHostAnswers(f *testing.F) {
	for _, seed := range []string{`{"userId": 910233, "administrator": true}`, `{"allowed": true}`, `{"userId": null}`, `{"detail": "x", "code": 7}`, `[`} {
		f.Add([]byte(seed), 200)
		f.Add([]byte(seed), 422)
	}
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		if status < 200 || status > 599 {
			return
		}
		w := newWorld(t, beside, func(c *paycor.Config) {
			c.HostURL, c.HostToken = "https://recruiting.example", "host-token"
			c.HTTPClient = &http.Client{Transport: answering{status, body}}
		})
		u, err := w.adapter.Actor(t.Context(), w.conn(), "tove-session")
		require.Equal(t, err != nil, u.IsZero(), "either an error or somebody")
		may, err := w.adapter.MayView(t.Context(), w.conn(), ats.User{ID: recruiter}, ats.CandidateRef{ID: candidate, JobID: jobID})
		require.False(t, may && err != nil, "an error opens nothing")
		require.False(t, may && status/100 != 2, "only an answer opens")
	})
}

// answering is a transport that answers everything with the same.
type answering struct {
	status int
	body   []byte
}

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	_ = r.Body.Close()
	return &http.Response{StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(a.body)), Request: r}, nil
}
