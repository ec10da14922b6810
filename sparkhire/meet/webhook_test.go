package meet_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire/meet"
	"github.com/sparkbridge/sparkbridge/sparkhire/sparkhiretest"
)

// A signature that was computed apart from this code.
const (
	vectorSecret    = "example-secret"
	vectorBody      = `{"uuid":"1c000000-0000-4000-8000-000000000020","status":"completed"}`
	vectorSignature = "0d0ccad59963b18154ad7e0f3477d87bbdf69d57a195c837f2b125a0d93a817d"
)

func headers(event meet.Event, signature string) http.Header {
	h := http.Header{}
	h.Set("X-SparkHire-Event", string(event))
	h.Set("X-SparkHire-Event-Time", "2026-03-05T20:11:02+00:00")
	h.Set("X-SparkHire-Request-UUID", "r")
	h.Set("X-SparkHire-Signature", signature)
	return h
}

func sign(body, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

func verify(event meet.Event, body string, secrets ...string) (*meet.Delivery, error) {
	return meet.VerifyWebhook(headers(event, sign(body, vectorSecret)), strings.NewReader(body), secrets...)
}

func TestVerifyWebhook(t *testing.T) {
	t.Parallel()
	d, err := meet.VerifyWebhook(headers(meet.EventItemCompleted, vectorSignature), strings.NewReader(vectorBody), vectorSecret)
	require.NoError(t, err)
	require.Equal(t, []any{meet.EventItemCompleted, "r", "1c000000-0000-4000-8000-000000000020"}, []any{d.Event, d.RequestUUID, d.UUID})
	require.Equal(t, time.Date(2026, 3, 5, 20, 11, 2, 0, time.UTC), d.Time)
	require.Equal(t, d.UUID, d.Item.UUID)
	require.True(t, bytes.Equal([]byte(vectorBody), d.Raw), "byte for byte")
	require.Len(t, meet.Events(), 6)
	for _, e := range meet.Events() {
		require.True(t, e.Known())
	}

	t.Run("any of several secrets will do", func(t *testing.T) {
		t.Parallel()
		for _, secrets := range [][]string{{"old", vectorSecret}, {vectorSecret, "new"}, {"a", "b", vectorSecret, "c"}} {
			require.NoError(t, only(verify(meet.EventItemCreated, vectorBody, secrets...)))
		}
	})
	t.Run("a signature that is wrong in any way", func(t *testing.T) {
		t.Parallel()
		for _, signature := range []string{
			"", "sha256=" + vectorSignature, vectorSignature[:62], vectorSignature + "00", "1" + vectorSignature[1:],
			sign(vectorBody, "other"), sign("", vectorSecret), strings.Repeat("z", 64),
		} {
			_, err := meet.VerifyWebhook(headers(meet.EventItemCreated, signature), strings.NewReader(vectorBody), vectorSecret, "other-one")
			require.ErrorIs(t, err, meet.ErrBadSignature, signature)
		}
		_, err := meet.VerifyWebhook(http.Header{}, strings.NewReader(vectorBody), vectorSecret)
		require.ErrorIs(t, err, meet.ErrBadSignature)
		two := headers(meet.EventItemCreated, vectorSignature)
		two.Add("X-SparkHire-Signature", sign(vectorBody, "other"))
		_, err = meet.VerifyWebhook(two, strings.NewReader(vectorBody), vectorSecret)
		require.ErrorIs(t, err, meet.ErrBadSignature)
		_, err = meet.VerifyWebhook(headers(meet.EventItemCreated, vectorSignature), strings.NewReader(vectorBody+"\n"), vectorSecret)
		require.ErrorIs(t, err, meet.ErrBadSignature, "every byte counts")
	})
	t.Run("an empty secret lets nobody in", func(t *testing.T) {
		t.Parallel()
		for _, secrets := range [][]string{nil, {""}, {vectorSecret, ""}} {
			_, err := meet.VerifyWebhook(headers(meet.EventItemCreated, sign(vectorBody, "")), strings.NewReader(vectorBody), secrets...)
			var wrong *meet.ArgumentError
			require.ErrorAs(t, err, &wrong)
		}
	})
	t.Run("an event of tomorrow, or none, with any body", func(t *testing.T) {
		t.Parallel()
		for body, uuid := range map[string]string{`{"uuid":"q"}`: "q", `[1]`: "", ``: "", `hello`: ""} {
			for _, event := range []meet.Event{"Quiz.Created", ""} {
				d, err := verify(event, body, vectorSecret)
				require.NoError(t, err)
				require.False(t, d.Event.Known())
				require.Equal(t, uuid, d.UUID)
				require.Nil(t, d.Item)
			}
		}
		d, err := verify("AssessmentItem.Archived", vectorBody, vectorSecret)
		require.NoError(t, err)
		require.NotNil(t, d.Item)
	})
	t.Run("an event of an item without one", func(t *testing.T) {
		t.Parallel()
		for _, body := range []string{"", "null", "[]", `{"candidate":{"name":"Lena Fox"}}`, `{"uuid":"u"`, `"Lena Fox"`} {
			_, err := verify(meet.EventItemCreated, body, vectorSecret)
			require.ErrorIs(t, err, meet.ErrBadWebhook, body)
			require.NotContains(t, err.Error(), "Lena")
		}
	})
	t.Run("a body of exactly the size that is read", func(t *testing.T) {
		t.Parallel()
		body := vectorBody + strings.Repeat(" ", meet.MaxWebhookBody-len(vectorBody))
		require.NoError(t, only(verify(meet.EventItemCreated, body, vectorSecret)))
		require.ErrorIs(t, only(verify(meet.EventItemCreated, body+" ", vectorSecret)), meet.ErrBadWebhook)
	})
	t.Run("a body that breaks off is the reader's error", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("broken")
		_, err := meet.VerifyWebhook(headers("", vectorSignature), io.MultiReader(strings.NewReader("{"), iotest.ErrReader(broken)), vectorSecret)
		require.ErrorIs(t, err, broken)
	})
	t.Run("a time that nobody can read", func(t *testing.T) {
		t.Parallel()
		h := headers(meet.EventItemCreated, vectorSignature)
		h.Set("X-SparkHire-Event-Time", "yesterday")
		d, err := meet.VerifyWebhook(h, strings.NewReader(vectorBody), vectorSecret)
		require.NoError(t, err)
		require.Zero(t, d.Time)
	})
}

// What the simulator signs, in code of its own, is accepted here.
func TestWebhooksOfTheSimulator(t *testing.T) {
	t.Parallel()
	got := make(chan error, 9)
	events := make(chan meet.Event, 9)
	o := newQuietOffice(t, sparkhiretest.WithManualDelivery(), sparkhiretest.WithWebhookClient(&http.Client{
		Transport: sparkhiretest.HandlerTransport(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			d, err := meet.VerifyWebhook(r.Header, r.Body, "s1")
			got <- err
			if err == nil {
				events <- d.Event
			}
		})),
	}))
	o.sim.AddMeetWebhook("https://hooks.bridge.example/v2", "s1")
	item, err := o.client.Items.Invite(t.Context(), o.invitation())
	require.NoError(t, err)
	require.NoError(t, o.sim.Delete(item.UUID))
	require.NoError(t, o.sim.Flush(t.Context()))
	for _, want := range []meet.Event{meet.EventItemCreated, meet.EventItemDeleted} {
		require.NoError(t, <-got)
		require.Equal(t, want, <-events)
	}
}

func FuzzVerifyWebhook(f *testing.F) {
	f.Add(string(meet.EventItemCompleted), vectorSignature, vectorBody, vectorSecret)
	f.Add("", "", "", "")
	f.Add("AssessmentItem", "zz", `{"data":{"uuid":1}}`, "s")
	f.Fuzz(func(t *testing.T, event, signature, body, secret string) {
		d, err := meet.VerifyWebhook(headers(meet.Event(event), signature), strings.NewReader(body), secret, "another")
		if err == nil {
			require.Contains(t, []string{sign(body, secret), sign(body, "another")}, strings.ToLower(signature))
			require.Equal(t, body, string(d.Raw))
		} else {
			require.Nil(t, d)
		}
		if secret == "" {
			require.Error(t, err)
			return
		}
		d, err = meet.VerifyWebhook(headers(meet.Event(event), sign(body, secret)), strings.NewReader(body), secret)
		if err != nil {
			require.ErrorIs(t, err, meet.ErrBadWebhook)
			return
		}
		require.Equal(t, d.Item != nil, strings.HasPrefix(event, "AssessmentItem"))
	})
}
