package meet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire"
	"github.com/sparkbridge/sparkbridge/sparkhire/meet"
)

func TestStatusesHaveMeanings(t *testing.T) {
	t.Parallel()
	unknown := []error{meet.ErrUnavailable, meet.ErrOutcomeUnknown}
	for _, c := range []struct {
		status       int
		read, invite []error
	}{
		{400, []error{meet.ErrInvalid}, []error{meet.ErrInvalid}},
		{401, []error{meet.ErrUnauthorized}, []error{meet.ErrUnauthorized}},
		{402, []error{meet.ErrInvalid}, []error{meet.ErrInvalid}},
		{403, []error{meet.ErrForbidden}, []error{meet.ErrForbidden}},
		{404, []error{meet.ErrNotFound}, []error{meet.ErrNotFound}},
		{405, []error{meet.ErrInvalid}, []error{meet.ErrInvalid}},
		{408, []error{meet.ErrUnavailable}, unknown},
		{409, []error{meet.ErrConflict}, []error{meet.ErrConflict}},
		{410, []error{meet.ErrGone}, []error{meet.ErrGone}},
		{422, []error{meet.ErrInvalid}, []error{meet.ErrInvalid}},
		{429, []error{meet.ErrRateLimited}, []error{meet.ErrRateLimited}},
		{500, []error{meet.ErrUnavailable}, unknown},
		{503, []error{meet.ErrUnavailable}, unknown},
		{307, nil, []error{meet.ErrOutcomeUnknown}},
	} {
		t.Run(strconv.Itoa(c.status), func(t *testing.T) {
			t.Parallel()
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(c.status) })
			_, err := client.Items.Get(t.Context(), "u", nil)
			matches(t, err, c.read...)
			require.Equal(t, c.status == 404 || c.status == 410, meet.IsGone(err))
			require.Equal(t, meet.IsGone(err), sparkhire.IsGone(err), "one vocabulary for both versions")
			_, err = client.Items.Invite(t.Context(), lena())
			matches(t, err, c.invite...)
		})
	}
}

// Whatever a success holds that is not exactly one item, somebody may have been invited.
func TestInviteWantsExactlyOneItemBack(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`[]`, `[{"uuid":"a"},{"uuid":"b"}]`, `[null]`, `[{"status":"pending"}]`, `["a"]`, `{"status":"pending"}`, `null`, ``, `[{"uuid":"a"`, `<html>`,
	} {
		requests := 0
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			requests++
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, body)
		})
		item, err := client.Items.Invite(t.Context(), lena())
		require.Nil(t, item)
		matches(t, err, meet.ErrOutcomeUnknown)
		var unreadable *meet.CallError
		require.ErrorAs(t, err, &unreadable)
		require.Equal(t, []any{201, true, true}, []any{unreadable.Status, unreadable.Sent, unreadable.OutcomeUnknown})
		require.Equal(t, 1, requests)
	}
	for _, status := range []int{200, 201, 202} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, map[int]string{200: `{"data":[{"uuid":"a"}]}`, 201: `[{"uuid":"a"}]`, 202: `{"uuid":"a"}`}[status])
		})
		item, err := client.Items.Invite(t.Context(), lena())
		require.NoError(t, err)
		require.Equal(t, "a", item.UUID)
	}
}

func TestRefusalsInAnyShape(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body            string
		reason, message, code string
		fields                []meet.FieldError
		text                  string
	}{
		{"a framework's", `{"message":"The given data was invalid.","errors":{"due_at":["The deadline must be in the future."]}}`, "", "The given data was invalid.", "", []meet.FieldError{{Field: "due_at", Message: "The deadline must be in the future."}}, ": The given data was invalid.; due_at: The deadline must be in the future."},
		{"version 1.0's", `{"reason":"No."}`, "No.", "", "", nil, ": No."},
		{"OAuth2's", `{"error":"invalid_client","error_description":"Who?"}`, "", "Who?", "invalid_client", nil, ": invalid_client; Who?"},
		{"an error object", `{"data":{"error":{"code":17,"message":"Bad job."}}}`, "", "Bad job.", "17", nil, ": 17; Bad job."},
		{"all of them", `{"reason":"a","message":"b","error":"c","errors":["d",{"field":"e","message":"f"},3]}`, "a", "b", "c", []meet.FieldError{{Message: "d"}, {Field: "e", Message: "f"}}, ": c; a (b); d; e: f"},
		{"not JSON", `<html>Lena Fox</html>`, "", "", "", nil, ""},
		{"JSON of no use", `[1]`, "", "", "", nil, ""},
		{"what was sent is masked", `{"message":"LENA FOX (lena.fox@mail.example) by ` + ana + ` with t0p-secret and t0ken"}`, "", "LENA FOX (lena.fox@mail.example) by " + ana + " with t0p-secret and t0ken", "", nil, ": […] ([…]) by […] with […] and […]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Request-Id", "7f3a")
				w.WriteHeader(http.StatusUnprocessableEntity)
				_, _ = io.WriteString(w, c.body)
			})
			_, err := client.Items.Invite(t.Context(), lena())
			var refused *meet.APIError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, []string{c.reason, c.message, c.code}, []string{refused.Reason, refused.Message, refused.Code})
			require.Equal(t, c.fields, refused.Fields)
			require.EqualError(t, err, "meet: POST /partners/candidate_assessment_items: 422 Unprocessable Entity"+c.text+" (request 7f3a)")
		})
	}
}

// A program that tests itself makes such errors by hand.
func TestErrorsMadeByHandWork(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	limited := &meet.APIError{Method: "GET", Path: "/partners/jobs", Status: 429, RetryAt: at}
	matches(t, limited, meet.ErrRateLimited)
	require.EqualError(t, limited, "meet: GET /partners/jobs: 429 Too Many Requests")
	got, ok := meet.RetryAfter(fmt.Errorf("sweep: %w", limited))
	require.True(t, ok)
	require.Equal(t, at, got)
	matches(t, &meet.CallError{}, meet.ErrNotSent, meet.ErrUnavailable)
	matches(t, &meet.CallError{Sent: true, OutcomeUnknown: true, Err: io.ErrUnexpectedEOF}, meet.ErrUnavailable, meet.ErrOutcomeUnknown)
}

func TestLimiterReachesTheCaller(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	left := 0
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) },
		meet.WithLimiter(takeFunc(func(context.Context) error {
			if left--; left < 0 {
				return &meet.LaterError{At: at}
			}
			return nil
		})))
	for left = range 2 { // the budget ends before the token, and then before the call
		_, err := client.Items.Invite(t.Context(), lena())
		matches(t, err, meet.ErrNotSent, meet.ErrRateLimited)
		for _, of := range []func(error) (time.Time, bool){meet.RetryAfter, sparkhire.RetryAfter} {
			got, ok := of(err)
			require.True(t, ok)
			require.Equal(t, at, got)
		}
	}
}

func TestRetryAfterIsPartOfTheError(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"X-Rate-Limit-Try-Again-Seconds", "Retry-After"} {
		synctest.Test(t, func(t *testing.T) {
			client, err := meet.New("id", secret, meet.WithRequester(ana), meet.WithMaxWait(0), meet.WithHTTPClient(&http.Client{
				Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					resp := &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"access_token":"t0ken"}`))}
					if !strings.HasSuffix(r.URL.Path, "/token") {
						resp.StatusCode, resp.Header = http.StatusTooManyRequests, http.Header{header: {"17"}}
					}
					return resp, nil
				}),
			}))
			require.NoError(t, err)
			_, err = client.Items.Invite(t.Context(), lena())
			matches(t, err, meet.ErrRateLimited)
			at, ok := meet.RetryAfter(err)
			require.True(t, ok)
			require.Equal(t, 17*time.Second, time.Until(at))
		})
	}
}

func TestNothingPersonalOrSecretIsLogged(t *testing.T) {
	t.Parallel()
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = w.Write(fixture(t))
			return
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"message":"Lena Fox, lena.fox@mail.example, t0ken, t0p-secret, ana.ruiz@northwind.example"}`)
	})
	item, err := client.Items.Get(t.Context(), "u", nil)
	require.NoError(t, err)
	_, refused := client.Items.Invite(t.Context(), lena())
	require.Error(t, refused)
	body := string(item.Raw)
	delivery, err := meet.VerifyWebhook(headers(meet.EventItemCompleted, sign(body, "s")), strings.NewReader(body), "s")
	require.NoError(t, err)
	token := meet.Token{Value: "t0ken"}
	lost := &meet.CallError{Method: "GET", Path: "/partners/jobs", Err: errors.New("dial https://t0p.example")}

	var b bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&b, nil))
	for _, v := range []any{
		item, *item, item.Candidate, *item.Candidate, item.Summary, *item.Summary, item.Summary.Items[0], item.Job,
		lena(), *lena(), lena().Candidate, refused, lost, delivery, *delivery, token, &token,
	} {
		log.Info("seen", "value", v)
	}
	out := b.String() + fmt.Sprintf("%v %+v %#v %s", token, token, token, struct{ T meet.Token }{token}) + refused.Error() + lost.Error()
	for _, value := range []string{"Lena", "Fox", "lena.fox", "ana.ruiz", "t0p", "t0ken", "cdn.example", "night work"} {
		require.NotContains(t, out, value)
	}
	require.Contains(t, out, item.UUID)
}

func FuzzRefusal(f *testing.F) {
	f.Add(`{"message":"No."}`)
	f.Add(`{"errors":[[[[[["deep"]]]]]],"error":{"message":7}}`)
	f.Fuzz(func(t *testing.T, body string) {
		rt := roundTrip(func(r *http.Request) (*http.Response, error) {
			resp := &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}
			if strings.HasSuffix(r.URL.Path, "/token") {
				resp.StatusCode, resp.Body = http.StatusOK, io.NopCloser(strings.NewReader(`{"access_token":"t0ken"}`))
			}
			return resp, nil
		})
		client, err := meet.New("id", secret, meet.WithRequester(ana), meet.WithHTTPClient(&http.Client{Transport: rt}))
		require.NoError(t, err)
		err = only(client.Items.Invite(t.Context(), lena()))
		require.ErrorIs(t, err, meet.ErrInvalid)
		require.Less(t, len(err.Error()), 1200)
		require.NotContains(t, err.Error(), "\n")
	})
}
