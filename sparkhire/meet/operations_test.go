package meet_test

import (
	"context"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/meet"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// Every operation, with what it must put on the wire.
func TestOperations(t *testing.T) {
	t.Parallel()
	const (
		item  = `{"uuid":"u"}`
		items = "/v2.0/partners/candidate_assessment_items"
	)
	for _, c := range []struct {
		method, path, query, body string
		status                    int
		answer                    string
		call                      func(ctx context.Context, c *meet.Client) error
	}{
		{"GET", "/v2.0/partners/jobs", "", "", 200, "[]", func(ctx context.Context, c *meet.Client) error {
			return only(c.Jobs.List(ctx))
		}},
		{"GET", "/v2.0/partners/library/question_sets/all", "", "", 200, "[]", func(ctx context.Context, c *meet.Client) error {
			return only(c.QuestionSets.List(ctx, nil))
		}},
		{"GET", "/v2.0/partners/library/question_sets/all", "type%5B0%5D=one_way&type%5B1%5D=live", "", 200, "[]", func(ctx context.Context, c *meet.Client) error {
			return only(c.QuestionSets.List(ctx, &meet.QuestionSetListOptions{Types: []meet.ItemType{meet.TypeOneWay, "live"}}))
		}},
		{"POST", items, "", `{"type":"one_way","job_uuid":"j","question_set_uuid":"s","candidates":[{"name":"Lena <Fox>","email":"lena.fox@mail.example"}],"due_at":"2026-03-09T17:00:00+00:00","note":"n"}`, 201, "[" + item + "]", func(ctx context.Context, c *meet.Client) error {
			r := lena()
			r.Candidate.Name, r.Extra = "Lena <Fox>", map[string]any{"note": "n"}
			return only(c.Items.Invite(ctx, r))
		}},
		{"POST", items, "", `{"type":"live","job_uuid":"x","question_set_uuid":"","candidates":[],"due_at":null}`, 200, "[" + item + "]", func(ctx context.Context, c *meet.Client) error {
			return only(c.Items.Invite(ctx, &meet.InviteRequest{Type: "live", JobUUID: "j", Extra: map[string]any{
				"job_uuid": "x", "question_set_uuid": "", "candidates": []any{}, "due_at": nil,
			}}))
		}},
		{"GET", items + "/u", "", "", 200, item, func(ctx context.Context, c *meet.Client) error {
			return only(c.Items.Get(ctx, "u", nil))
		}},
		{"GET", items + "/a%2Fb", "load%5B0%5D=ai_review&load%5B1%5D=ai_summary", "", 200, item, func(ctx context.Context, c *meet.Client) error {
			return only(c.Items.Get(ctx, "a/b", &meet.ItemGetOptions{Load: []meet.Load{meet.LoadAIReview, meet.LoadAISummary}}))
		}},
	} {
		t.Run(c.method+" "+c.path+"?"+c.query, func(t *testing.T) {
			t.Parallel()
			var got *http.Request
			var body []byte
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				got = r
				body, _ = io.ReadAll(r.Body)
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.answer)
			})
			require.NoError(t, c.call(t.Context(), client))
			require.Equal(t, []string{c.method, c.path, c.query}, []string{got.Method, got.URL.EscapedPath(), got.URL.RawQuery})
			require.Equal(t, []string{"Bearer t0ken", ana, "application/json", "application/json"}, []string{
				got.Header.Get("Authorization"), got.Header.Get("requester"), got.Header.Get("Accept"), got.Header.Get("Content-Type"),
			})
			require.Empty(t, got.Header.Get("Idempotency-Key"))
			if c.body == "" {
				require.Empty(t, body)
			} else {
				require.JSONEq(t, c.body, string(body))
				require.NotContains(t, string(body), `\u003c`)
			}
		})
	}
}

func TestArgumentsAreCheckedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	anonymous, err := meet.New("id", secret, meet.WithHTTPClient(&http.Client{Transport: roundTrip(
		func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })}))
	require.NoError(t, err)
	invite := func(change func(*meet.InviteRequest)) error {
		r := lena()
		change(r)
		return only(client.Items.Invite(t.Context(), r))
	}
	for name, err := range map[string]error{
		"uuid":              only(client.Items.Get(t.Context(), "", nil)),
		"type":              only(client.Items.Invite(t.Context(), nil)),
		"job_uuid":          invite(func(r *meet.InviteRequest) { r.JobUUID = "" }),
		"question_set_uuid": invite(func(r *meet.InviteRequest) { r.QuestionSetUUID = "" }),
		"candidate name":    invite(func(r *meet.InviteRequest) { r.Candidate.Name = "" }),
		"candidate email":   invite(func(r *meet.InviteRequest) { r.Candidate.Email = "" }),
		"due_at":            invite(func(r *meet.InviteRequest) { r.DueAt = time.Time{} }),
		"extra":             invite(func(r *meet.InviteRequest) { r.Extra = map[string]any{"x": func() {}} }),
		"requester":         only(anonymous.Jobs.List(t.Context())),
	} {
		var wrong *meet.ArgumentError
		require.ErrorAs(t, err, &wrong, name)
		require.Equal(t, name, wrong.Name)
		matches(t, err, meet.ErrInvalid, meet.ErrNotSent)
		require.NotContains(t, err.Error(), "Lena")
	}
	for _, bad := range []string{"", "ana\r\nX-Admin: 1", "ana ruiz@x.example"} {
		matches(t, only(client.Jobs.List(t.Context(), meet.AsRequester(bad))), meet.ErrInvalid, meet.ErrNotSent)
	}
	matches(t, only(client.Items.Get(t.Context(), "..", nil)), meet.ErrInvalid, meet.ErrNotSent)
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]meet.Option{
		"base URL":     meet.WithBaseURL(""),
		"requester":    meet.WithRequester(""),
		"token store":  meet.WithTokenStore(nil),
		"http client":  meet.WithHTTPClient(nil),
		"user agent":   meet.WithUserAgent("ours\r\nX-Admin: 1"),
		"limiter":      meet.WithLimiter(nil),
		"max wait":     meet.WithMaxWait(-1),
		"max attempts": meet.WithMaxAttempts(0),
		"backoff":      meet.WithBackoff(2, 1),
	} {
		_, err := meet.New("id", secret, opt)
		var wrong *meet.ArgumentError
		require.ErrorAs(t, err, &wrong, name)
		require.Equal(t, name, wrong.Name)
	}
	for name, make := range map[string]func() error{
		"client id":     func() error { return only(meet.New("", secret)) },
		"client secret": func() error { return only(meet.New("id", "")) },
		"base URL":      func() error { return only(meet.New("id", secret, meet.WithBaseURL("api.example"))) },
	} {
		var wrong *meet.ArgumentError
		require.ErrorAs(t, make(), &wrong)
		require.Equal(t, name, wrong.Name)
		require.NotContains(t, wrong.Reason, name, "the text says it once")
	}
}

func TestStoryOfAnItem(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]sparkhiretest.Option{"bare": nil, "wrapped": {sparkhiretest.WithEnvelope()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, ctx := newOffice(t, opts...), t.Context()
			jobs, err := o.client.Jobs.List(ctx)
			require.NoError(t, err)
			require.Equal(t, []string{o.job, "Ward Nurse"}, []string{jobs[0].UUID, jobs[0].Title})
			sets, err := o.client.QuestionSets.List(ctx, &meet.QuestionSetListOptions{Types: []meet.ItemType{meet.TypeOneWay}})
			require.NoError(t, err)
			require.Equal(t, []string{o.set, "Nursing screen"}, []string{sets[0].UUID, sets[0].Name})

			request := o.invitation()
			item, err := o.client.Items.Invite(ctx, request)
			require.NoError(t, err)
			require.Equal(t, meet.TypeOneWay, item.Type)
			require.Equal(t, request.DueAt.UTC().Truncate(time.Second), item.DueAt)
			require.Equal(t, "Lena Fox", item.Candidate.Name)
			require.False(t, item.Completed)
			require.Len(t, o.sim.InvitationsTo("lena.fox@mail.example"), 1)

			require.NoError(t, o.sim.Accept(item.UUID))
			require.NoError(t, o.sim.Complete(item.UUID))
			require.NoError(t, o.sim.Rate(item.UUID, 4.5))
			done, err := o.client.Items.Get(ctx, item.UUID, &meet.ItemGetOptions{Load: []meet.Load{meet.LoadAIReview, meet.LoadAISummary}})
			require.NoError(t, err)
			require.True(t, done.Completed)
			require.False(t, done.CompletedAt.IsZero())
			require.InDelta(t, 4.5, done.AvgRating, 0)
			require.Equal(t, "Why this ward?", done.Summary.Items[0].Question)
			require.Contains(t, string(done.Raw), `"ai_review"`)

			require.NoError(t, o.sim.Delete(item.UUID))
			_, err = o.client.Items.Get(ctx, item.UUID, nil)
			matches(t, err, meet.ErrNotFound)
			require.True(t, meet.IsGone(err))
			require.NoError(t, o.sim.Restore(item.UUID))
			require.NoError(t, only(o.client.Items.Get(ctx, item.UUID, nil)))
			require.Equal(t, 1, o.sim.TokensIssued())
		})
	}
}

// A requester who may not is reported as such, with a status that nobody knows.
func TestRequesterWhoMayNot(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{401: meet.ErrUnauthorized, 403: meet.ErrForbidden, 422: meet.ErrInvalid} {
		o := newOffice(t, sparkhiretest.WithRequesterStatus(status))
		eva := o.sim.AddUser(sparkhiretest.User{Name: "Eva Lund", Email: "eva.lund@northwind.example", Role: sparkhiretest.Evaluator})
		require.NoError(t, only(o.client.Jobs.List(t.Context(), meet.AsRequester(eva.Email))))
		for _, who := range []string{eva.Email, "nobody@northwind.example"} {
			_, err := o.client.Items.Invite(t.Context(), o.invitation(), meet.AsRequester(who))
			matches(t, err, want)
			var refused *meet.APIError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, who, refused.Requester)
			require.NotContains(t, err.Error(), who)
			require.NotContains(t, refused.LogValue().String(), who)
			if status == 401 {
				require.ErrorContains(t, err, "look at the requester")
			}
		}
		require.Empty(t, o.sim.Invitations())
		require.NoError(t, only(o.client.Items.Invite(t.Context(), o.invitation())), "the client's own requester still may")
	}
}

func TestClientIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var wg sync.WaitGroup
	errs := make(chan error, 20)
	for range 20 {
		wg.Go(func() { errs <- only(o.client.Items.Invite(t.Context(), o.invitation())) })
	}
	wg.Wait()
	for range 20 {
		require.NoError(t, <-errs)
	}
	require.Len(t, o.sim.InvitationsTo("lena.fox@mail.example"), 20)
	require.Equal(t, 1, o.sim.TokensIssued(), "they share the token")
}
