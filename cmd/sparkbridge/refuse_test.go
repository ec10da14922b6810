package main_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

const zone = "Europe/Stockholm"

// triggering is Teamtailor's call for a trigger.
func triggering(r *http.Request) bool { return r.URL.Path == "/teamtailor/webhook" }

// forge changes the next trigger on its way: what the form would not offer today,
// and a trigger from years ago still sends. The signature covers the event's id
// and nothing else.
func (w *world) forge(change func(event map[string]any)) {
	w.front.change(triggering, func(body []byte) []byte {
		var call map[string]any
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		if err := dec.Decode(&call); err != nil {
			return []byte(err.Error())
		}
		change(call["partner-event"].(map[string]any))
		forged, err := json.Marshal(call)
		if err != nil {
			return []byte(err.Error())
		}
		return forged
	})
}

// form forges a value of the trigger's form; nil takes it away.
func form(field string, value any) func(event map[string]any) {
	return func(event map[string]any) {
		data := event["webhook-data"].(map[string]any)
		data[field] = value
		if value == nil {
			delete(data, field)
		}
	}
}

// field forges a custom field's value: a company may have made the field by hand,
// as text.
func field(name, value string) func(event map[string]any) {
	return func(event map[string]any) {
		for _, f := range event["candidate"].(map[string]any)["custom-fields"].([]any) {
			if f, ok := f.(map[string]any)[name].(map[string]any); ok {
				f["value"], f["type"] = value, "text"
			}
		}
	}
}

// sized makes the next trigger exactly n bytes long.
func (w *world) sized(n int) {
	w.front.change(triggering, func(body []byte) []byte {
		const open, shut = `{"padding":"`, `",`
		padding := strings.Repeat("x", n-len(body)-len(open)-len(shut)+1)
		return append([]byte(open+padding+shut), body[1:]...)
	})
}

func TestWhatIsRefusedAtTheDoorChangesNothing(t *testing.T) {
	t.Parallel()
	const unverified = "The call could not be verified: its key or signature is missing or wrong. Nothing was sent."
	stockholm, err := time.LoadLocation(zone)
	require.NoError(t, err)
	now := time.Now().In(stockholm)
	nextWeek, yesterday, justNow := now.AddDate(0, 0, 7).Format(time.DateOnly), now.AddDate(0, 0, -1).Format(time.DateOnly), now.Add(-2*time.Minute)
	skipped := nextSkipped(stockholm)

	type refusal struct {
		date, clock string // the custom fields; none means next week at 14:30
		unset       bool   // what date or clock does not name has no value
		forge       func(event map[string]any)
		size        int
		opts        []teamtailortest.SendOption
		status      int
		text        string
	}
	unprocessable := func(text string, forge func(map[string]any)) refusal {
		return refusal{forge: forge, status: http.StatusUnprocessableEntity, text: text}
	}
	scheduled := func(date, clock, text string) refusal {
		return refusal{date: date, clock: clock, unset: true, status: http.StatusUnprocessableEntity, text: text}
	}
	sent := func(status int, text string, opts ...teamtailortest.SendOption) refusal {
		return refusal{opts: opts, status: status, text: text}
	}
	cases := map[string]refusal{
		"no date":                      scheduled("", "14:30", `The custom field "Interview date" is empty.`),
		"no time":                      scheduled(nextWeek, "", `The custom field "Interview time" is empty. Fill in a 24-hour time such as 14:30`),
		"neither":                      scheduled("", "", `The custom field "Interview date" is empty.`),
		"a time on the 12-hour clock":  scheduled(nextWeek, "2:30 PM", `The custom field "Interview time" says "2:30 PM". Use a 24-hour time such as 14:30.`),
		"a time that no clock has":     scheduled(nextWeek, "24:30", `The custom field "Interview time" says "24:30".`),
		"a time that is none":          scheduled(nextWeek, "after lunch", `The custom field "Interview time" says "after lunch".`),
		"a time that the clock skips":  scheduled(skipped.Format(time.DateOnly), skipped.Format("15:04"), "does not exist"),
		"a date in the past":           scheduled(yesterday, "14:30", "past"),
		"a time in the past":           scheduled(justNow.Format(time.DateOnly), justNow.Format("15:04"), "past"),
		"a date that is none":          unprocessable(`The custom field "Interview date" says "soon", which is no date.`, field("interview-date", "soon")),
		"a date that no calendar has":  unprocessable(`The custom field "Interview date" says "2031-02-30"`, field("interview-date", "2031-02-30")),
		"a date in another order":      unprocessable(`The custom field "Interview date" says "24/12/2031"`, field("interview-date", "24/12/2031")),
		"no recruiter":                 unprocessable("No recruiter is chosen.", form("recruiter", nil)),
		"an unknown recruiter":         unprocessable(`The recruiter "bo-ek" is not among the users in the Spark Hire settings.`, form("recruiter", "bo-ek")),
		"no time zone":                 unprocessable("No time zone is chosen.", form("timezone", nil)),
		"an unknown time zone":         unprocessable("Mars/Olympus", form("timezone", "Mars/Olympus")),
		"no Spark Hire job":            unprocessable("No Spark Hire job is chosen.", form("job", nil)),
		"no question set for one-way":  unprocessable("A one-way interview needs a question set.", form("question-set", nil)),
		"an unknown type of interview": unprocessable(`The interview type "telepathy" is not known.`, form("interview-type", "telepathy")),
		"a candidate without e-mail": unprocessable("The candidate has no e-mail address", func(event map[string]any) {
			event["candidate"].(map[string]any)["email"] = nil
		}),
		"an event without a company": {status: http.StatusUnprocessableEntity, text: "does not name the company", forge: nil, size: -1},
		"an event without an address for the result": unprocessable("The address for the result is not one of Teamtailor's", func(event map[string]any) {
			delete(event, "partner-result")
		}),

		"a wrong signature":             sent(http.StatusUnauthorized, unverified, teamtailortest.BadSignature()),
		"no signature":                  sent(http.StatusUnauthorized, unverified, teamtailortest.NoSignature()),
		"a signature with another key":  sent(http.StatusUnauthorized, unverified, teamtailortest.SignedWith("guess")),
		"an old signature":              sent(http.StatusUnauthorized, "The call's signature is too old or the clocks differ. Nothing was sent.", teamtailortest.SignedAt(now.Add(-6*time.Minute))),
		"a signature of the future":     sent(http.StatusUnauthorized, "The call's signature is too old or the clocks differ. Nothing was sent.", teamtailortest.SignedAt(now.Add(6*time.Minute))),
		"no key":                        sent(http.StatusUnauthorized, unverified, teamtailortest.Bearer("")),
		"a key signed by somebody else": sent(http.StatusUnauthorized, unverified, teamtailortest.Bearer(teamtailortest.ProviderKey("guess", map[string]any{"apiKeys": "Organization: 1\nAsha Lindqvist: 2"}))),
		"an unknown key":                sent(http.StatusUnauthorized, "", teamtailortest.Bearer("8b115417-fa38-42b4-b08b-08fb645df063")),
		"an address for the result elsewhere": sent(http.StatusUnprocessableEntity, "The address for the result is not one of Teamtailor's",
			teamtailortest.UpdateURL("https://evil.example/partner/v1/partner-results/1")),
		"an address for the result with a password": sent(http.StatusUnprocessableEntity, "The address for the result is not one of Teamtailor's",
			teamtailortest.UpdateURL("https://api.teamtailor.com@evil.example/partner/v1/partner-results/1")),
		"half a body":                      sent(http.StatusBadRequest, "The call cannot be read: it is not the expected JSON. Nothing was sent.", teamtailortest.CutOff()),
		"a body of a byte more than 1 MiB": {size: 1<<20 + 1, status: http.StatusRequestEntityTooLarge, text: "The call is larger than 1 MiB. Nothing was sent."},
	}

	w := newCompanyWorld(t, setup{})
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := w.candidate("Quilliam")
			if tc.unset {
				w.fields(c, tc.date, tc.clock)
			}
			switch {
			case tc.forge != nil:
				w.forge(tc.forge)
			case tc.size > 0:
				w.sized(tc.size)
			case tc.size < 0:
				w.front.change(triggering, func(body []byte) []byte { return bytes.Replace(body, []byte(`"company":`), []byte(`"firm":`), 1) })
			}
			d := w.trigger(c, tc.opts...)
			require.NoError(t, d.Err)
			require.Equal(t, tc.status, d.Status, d.Text)
			require.Contains(t, d.Text, tc.text)
			require.NotEmpty(t, d.Text)
			require.Less(t, len([]rune(d.Text)), 150, "it fits on the card")
			require.NotContains(t, strings.ToLower(d.Text), "quilliam")

			card, ok := w.tt.Card(c.Candidate)
			require.True(t, ok)
			require.Equal(t, "failed", card.Status)
			require.Equal(t, d.Text, card.Error, "the recruiter reads it there")
		})
	}
	require.Empty(t, w.spark.Invitations())
	require.Empty(t, w.spark.Interviews())
	require.Empty(t, requests(w.spark.Requests(), creating), "Spark Hire was not even asked")

	// None of it stands in the way of what is right, up to the largest body.
	mira := w.candidate("Mirabel")
	w.sized(1 << 20)
	w.accepted(w.trigger(mira))
	w.awaitCard(mira, "sent")
	w.stop()
	require.Len(t, w.spark.Interviews(), 1)
	require.Len(t, w.ledger(), 1)
	w.invitedOnce(mira)
	w.discreet()
}

// nextSkipped returns half an hour into the next hour that a clock skips, as it
// would be on the wall. It is in UTC, where every time exists.
func nextSkipped(loc *time.Location) time.Time {
	for t := time.Now().In(loc); ; {
		_, end := t.ZoneBounds()
		last := end.Add(-time.Second).In(loc)
		_, before := last.Zone()
		_, after := end.In(loc).Zone()
		if after > before {
			return time.Date(last.Year(), last.Month(), last.Day(), last.Hour(), last.Minute(), last.Second(), 0, time.UTC).Add(time.Second + 30*time.Minute)
		}
		t = end.In(loc)
	}
}

func TestTheSameEventTwiceIsOneInvitation(t *testing.T) {
	t.Parallel()
	w := newCompanyWorld(t, setup{})
	mira := w.candidate("Mirabel")
	first := w.trigger(mira)
	w.accepted(first)
	var again errgroup.Group
	for range 8 {
		again.Go(func() error {
			d, err := w.tt.Redeliver(w.ctx, first.EventID)
			if err == nil && d.Status != http.StatusOK {
				return d.Err
			}
			return err
		})
	}
	require.NoError(t, again.Wait())
	w.awaitCard(mira, "sent")
	d, err := w.tt.Redeliver(w.ctx, first.EventID)
	require.NoError(t, err)
	w.accepted(d)
	w.complete(mira)
	w.stop()
	w.invitedOnce(mira)
	w.discreet()
}

func TestAnAnswerThatTeamtailorNeverGotIsStillOneInvitation(t *testing.T) {
	t.Parallel()
	w := newCompanyWorld(t, setup{})
	mira := w.candidate("Mirabel")
	require.Error(t, w.trigger(mira, teamtailortest.AnswerLost()).Err)
	w.awaitCard(mira, "sent") // although Teamtailor had taken it for failed

	// The recruiter saw the failure and tries again by hand.
	again, err := w.active.RunManually(w.ctx, mira.Candidate, w.job, w.user, w.choices())
	require.NoError(t, err)
	require.Equal(t, http.StatusUnprocessableEntity, again.Status)
	require.Contains(t, again.Text, "already has this invitation")
	w.stop()
	w.invitedOnce(mira)
	w.discreet()
}

func TestATriggerFromYearsAgoWhoseJobIsGoneFailsWithSparkHiresReason(t *testing.T) {
	t.Parallel()
	w := newCompanyWorld(t, setup{})
	require.NoError(t, w.spark.DeleteJob(w.nurse.ID))
	mira := w.candidate("Mirabel")
	w.accepted(w.trigger(mira))
	card := w.awaitCard(mira, "failed")
	require.Contains(t, card.Summary, "Spark Hire did not accept the request: job_uuid names no job.")
	w.stop()
	w.invitedNever(mira)
	w.discreet()
}

func TestALedgerThatCannotBeWrittenAcceptsNothing(t *testing.T) {
	t.Parallel()
	w := newCompanyWorld(t, setup{})
	w.invite("Olegario")
	unlock := w.lockLedger()
	mira := w.candidate("Mirabel")
	d := w.trigger(mira)
	require.NoError(t, d.Err)
	require.Equal(t, http.StatusServiceUnavailable, d.Status, d.Text)
	require.Contains(t, d.Text, "Nothing was sent. Please try again")
	unlock()

	again, err := w.active.RunManually(w.ctx, mira.Candidate, w.job, w.user, w.choices())
	require.NoError(t, err)
	w.accepted(again) // and nothing was sent before
	w.awaitCard(mira, "sent")
	w.stop()
	w.invitedOnce(mira)
	w.discreet()
}

func TestTheOtherDoors(t *testing.T) {
	t.Parallel()
	w := newCompanyWorld(t, setup{set: []string{"log.format=json"}})
	mira := w.invite("Mirabel")
	w.hooksRegistered()
	hook := strings.TrimPrefix(w.spark.Webhooks()[0].URL, w.front.URL)
	guess := hook[:strings.LastIndex(hook, "/")] + "/guess"
	for name, tc := range map[string]struct {
		method, path, body string
		status             int
	}{
		"a trigger is posted":                      {http.MethodGet, "/teamtailor/webhook", "", http.StatusMethodNotAllowed},
		"a form is asked for":                      {http.MethodPost, "/teamtailor/config", "{}", http.StatusMethodNotAllowed},
		"an unknown path":                          {http.MethodGet, "/teamtailor/secrets", "", http.StatusNotFound},
		"an unknown adapter":                       {http.MethodPost, "/greenhouse/webhook", "{}", http.StatusNotFound},
		"a trigger without anything":               {http.MethodPost, "/teamtailor/webhook", "", http.StatusUnauthorized},
		"a button without anything":                {http.MethodPost, "/teamtailor/actions/cancel", "{}", http.StatusUnauthorized},
		"keys are not shown to anybody":            {http.MethodGet, "/teamtailor/activation/validate", "", http.StatusUnauthorized},
		"a webhook with another secret":            {http.MethodPost, guess, `{"uuid":"1"}`, http.StatusNotFound},
		"a webhook for another connection":         {http.MethodPost, "/sparkhire/v1/nobody/InterviewCompleted/guess", `{"uuid":"1"}`, http.StatusNotFound},
		"a webhook that is no JSON":                {http.MethodPost, hook, `{"uuid":`, http.StatusBadRequest},
		"a webhook about nothing":                  {http.MethodPost, hook, `{}`, http.StatusBadRequest},
		"a webhook that is too large":              {http.MethodPost, hook, `{"uuid":"` + strings.Repeat("x", 1<<20) + `"}`, http.StatusRequestEntityTooLarge},
		"a webhook about somebody else is ignored": {http.MethodPost, hook, `{"uuid":"00000000-0000-4000-8000-000000000000"}`, http.StatusOK},
		"a webhook is read, not posted":            {http.MethodGet, hook, "", http.StatusMethodNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(w.ctx, tc.method, w.running.url(w.ctx, t)+tc.path, strings.NewReader(tc.body))
			require.NoError(t, err)
			resp, err := (&http.Client{Timeout: patience}).Do(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Equal(t, tc.status, resp.StatusCode)
		})
	}
	w.complete(mira)
	w.stop()
	w.discreet()
}
