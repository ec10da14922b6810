package sparkhire_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/sparkhire"
)

func TestParseWebhook(t *testing.T) {
	t.Parallel()
	t.Run("an interview", func(t *testing.T) {
		t.Parallel()
		d, err := sparkhire.ParseWebhook(sparkhire.EventInterviewCompleted, strings.NewReader(string(fixture(t, "interview.json"))))
		require.NoError(t, err)
		require.Equal(t, "0b9c0000-0000-4000-8000-000000000020", d.UUID)
		require.True(t, d.Interview.Completed())
		require.Nil(t, d.Job)
		require.JSONEq(t, string(fixture(t, "interview.json")), string(d.Raw))
	})
	t.Run("a job", func(t *testing.T) {
		t.Parallel()
		d, err := sparkhire.ParseWebhook(sparkhire.EventJobUpdated, strings.NewReader(`{"uuid":"j","title":"Ward Nurse"}`))
		require.NoError(t, err)
		require.Equal(t, "j", d.UUID)
		require.Equal(t, "Ward Nurse", d.Job.Title)
		require.Nil(t, d.Interview)
	})
	t.Run("an event of tomorrow", func(t *testing.T) {
		t.Parallel()
		require.False(t, sparkhire.WebhookEvent("QuizCreated").Known())
		d, err := sparkhire.ParseWebhook("QuizCreated", strings.NewReader(`{"uuid":"q"}`))
		require.NoError(t, err)
		require.Equal(t, "q", d.UUID)
	})
	t.Run("a body of exactly the size that is read", func(t *testing.T) {
		t.Parallel()
		body := `{"uuid":"u"}` + strings.Repeat(" ", sparkhire.MaxWebhookBody-12)
		_, err := sparkhire.ParseWebhook(sparkhire.EventJobCreated, strings.NewReader(body))
		require.NoError(t, err)
		_, err = sparkhire.ParseWebhook(sparkhire.EventJobCreated, strings.NewReader(body+" "))
		require.ErrorIs(t, err, sparkhire.ErrBadWebhook)
	})
	t.Run("anything else is refused without repeating it", func(t *testing.T) {
		t.Parallel()
		for _, body := range []string{"", "null", "[]", `"lena"`, `{"name":"Lena Fox"}`, `{"uuid":""}`, `{"uuid":"u"`, "<xml>Lena Fox</xml>"} {
			_, err := sparkhire.ParseWebhook(sparkhire.EventInterviewCreated, strings.NewReader(body))
			require.ErrorIs(t, err, sparkhire.ErrBadWebhook, body)
			require.NotContains(t, err.Error(), "Lena")
		}
	})
	t.Run("a body that breaks off is the reader's error", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("broken")
		_, err := sparkhire.ParseWebhook(sparkhire.EventInterviewCreated, io.MultiReader(strings.NewReader("{"), iotest.ErrReader(broken)))
		require.ErrorIs(t, err, broken)
		require.NotErrorIs(t, err, sparkhire.ErrBadWebhook)
	})
	t.Run("there are eleven events", func(t *testing.T) {
		t.Parallel()
		require.Len(t, sparkhire.WebhookEvents(), 11)
		for _, e := range sparkhire.WebhookEvents() {
			require.True(t, e.Known())
		}
	})
}

func FuzzParseWebhook(f *testing.F) {
	for _, e := range append(sparkhire.WebhookEvents(), "") {
		f.Add(string(e), string(fixture(f, "interview.json")))
		f.Add(string(e), `{"data":{"uuid":"u"}}`)
		f.Add(string(e), `{"uuid"`)
	}
	f.Fuzz(func(t *testing.T, event, body string) {
		d, err := sparkhire.ParseWebhook(sparkhire.WebhookEvent(event), strings.NewReader(body))
		if err != nil {
			require.ErrorIs(t, err, sparkhire.ErrBadWebhook)
			require.Nil(t, d)
			return
		}
		require.NotEmpty(t, d.UUID)
		require.Equal(t, body, string(d.Raw))
		again, err := sparkhire.ParseWebhook(d.Event, strings.NewReader(string(d.Raw)))
		require.NoError(t, err)
		require.Equal(t, d, again)
	})
}
