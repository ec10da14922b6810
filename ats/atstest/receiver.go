package atstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

// maxBody is the size from which on a body must be refused, in bytes.
const maxBody = 1 << 20

func receiverChecks() []check {
	checks := []check{
		{"a trigger becomes the request that it stands for", func(w *world) { w.takes(w.trigger(plain(1))) }},
		{"two triggers are two requests", func(w *world) {
			w.takes(w.trigger(plain(1)))
			w.takes(w.trigger(plain(2)))
		}},
		{"the same trigger makes one interview however often it comes", (*world).takesOnce},
		{"members that are not known are ignored", (*world).ignoresUnknownMembers},
		{"a call without credentials is unauthorized and submits nothing", (*world).refusesStrangers},
		{"a call with wrong credentials is unauthorized and submits nothing", (*world).refusesForgers},
		{"a body that was changed on its way is unauthorized", (*world).refusesChangedBody},
		{"a trigger is not acknowledged while the inbox cannot write", (*world).waitsForInbox},
		{"a body of more than 1 MiB is too large", (*world).refusesLargeBodies},
		{"other methods are not allowed", (*world).refusesMethods},
		{"a body that is not understood is the caller's fault", (*world).refusesNonsense},
		{"a candidate without an e-mail address is refused with a text", func(w *world) {
			person := plain(1)
			person.Email = ""
			w.refuses(w.trigger(person))
		}},
		{"a paused integration refuses with a text", func(w *world) {
			tr := w.trigger(plain(1))
			require.NoError(w.t, w.inbox.SetEnabled(w.conn.Tenant, false))
			w.refuses(tr)
		}},
		{"a disconnected tenant is not served, unless the call itself connects it again", func(w *world) {
			tr := w.trigger(plain(1))
			require.NoError(w.t, w.inbox.Disconnect(w.ctx(), w.conn.Tenant))
			if a := w.send(tr); a.ok() {
				require.True(w.t, w.connected(), "answered with %d: %s", a.status, a.body)
				require.Len(w.t, w.inbox.Interviews(), 1)
				return
			}
			w.submittedNothing()
		}},
	}
	people := unusual()
	for _, what := range slices.Sorted(maps.Keys(people)) {
		person := people[what]
		checks = append(checks, check{"a trigger about a person with " + what, func(w *world) { w.takes(w.trigger(person)) }})
	}
	return checks
}

// takes sends the trigger and compares the request that comes out.
func (w *world) takes(tr Trigger) {
	w.t.Helper()
	known := len(w.inbox.Requests())
	a := w.send(tr)
	require.True(w.t, a.ok(), "answered with %d: %s", a.status, a.body)
	all := w.inbox.Requests()
	require.Len(w.t, all, known+1)
	w.matches(tr.Want, all[known])
}

// matches compares what a harness says about a request.
func (w *world) matches(want, got ats.Request) {
	w.t.Helper()
	require.Equal(w.t, want.Tenant, got.Tenant)
	require.Equal(w.t, want.Candidate.Name(), got.Candidate.Name())
	require.Equal(w.t, want.Candidate.Email, got.Candidate.Email)
	for what, pair := range map[string][2]string{
		"Key":          {want.Key, got.Key},
		"Type":         {string(want.Type), string(got.Type)},
		"Job.ID":       {want.Job.ID, got.Job.ID},
		"Candidate.ID": {want.Candidate.ID, got.Candidate.ID},
	} {
		if pair[0] != "" {
			require.Equal(w.t, pair[0], pair[1], what)
		}
	}
	require.NotEmpty(w.t, got.Candidate.ID)
	w.discreet("Request.Key", got.Key)
	w.discreet("Request.ReplyTo", string(got.ReplyTo))
}

func (w *world) submittedNothing() {
	w.t.Helper()
	require.Empty(w.t, w.inbox.Interviews(), "nothing must reach the inbox")
}

// refuses sends a trigger that the policy does not admit: the recruiter must be
// able to read why.
func (w *world) refuses(tr Trigger) {
	w.t.Helper()
	a := w.send(tr)
	require.False(w.t, a.ok(), "a refusal must not be answered with %d", a.status)
	require.GreaterOrEqual(w.t, len(strings.Fields(a.body)), 3, "a refusal must carry a sentence, got %q", a.body)
	w.submittedNothing()
}

func (w *world) takesOnce() {
	tr := w.trigger(plain(1))
	w.takes(tr)
	const n = 6
	answers, errs := make([]answer, n), make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { answers[i], errs[i] = w.trySend(tr, bytes.NewReader(tr.Body)) })
	}
	group.Wait()
	for i := range n {
		require.NoError(w.t, errs[i])
		require.True(w.t, answers[i].ok(), "repeated, it was answered with %d: %s", answers[i].status, answers[i].body)
	}
	require.Len(w.t, w.inbox.Interviews(), 1)
}

func (w *world) ignoresUnknownMembers() {
	tr := w.trigger(plain(1))
	var message map[string]json.RawMessage
	if json.Unmarshal(tr.Body, &message) != nil {
		w.t.Log("Receiver: nothing to test, because the vendor's triggers are not JSON objects")
		return
	}
	for name, raw := range message { // one level down as well
		var member map[string]json.RawMessage
		if json.Unmarshal(raw, &member) == nil && member != nil {
			member["atstest-unknown"] = json.RawMessage(`"ignore this"`)
			message[name] = w.encode(member)
		}
	}
	message["atstest-unknown"] = json.RawMessage(`{"deep":[1,null,{"er":true}]}`)
	tr.Body = w.encode(message)
	w.sign(&tr)
	w.takes(tr)
}

func (w *world) encode(v any) json.RawMessage {
	w.t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(w.t, err)
	return raw
}

// sign renews the credentials of a trigger whose body has changed.
func (w *world) sign(tr *Trigger) {
	if tr.Sign != nil {
		tr.Header = tr.Header.Clone()
		tr.Sign(tr)
		w.hide(*tr)
	}
}

func (w *world) refusesStrangers() {
	tr := w.trigger(plain(1))
	for _, name := range tr.Credentials {
		without := tr
		without.Header = tr.Header.Clone()
		without.Header.Del(name)
		require.Equal(w.t, http.StatusUnauthorized, w.send(without).status, "without %s", name)
	}
	w.submittedNothing()
}

func (w *world) refusesForgers() {
	tr := w.trigger(plain(1))
	for _, name := range tr.Credentials {
		for _, forged := range []string{forge(tr.Header.Get(name)), "Bearer forged", "forged", " "} {
			with := tr
			with.Header = tr.Header.Clone()
			with.Header.Set(name, forged)
			require.Equal(w.t, http.StatusUnauthorized, w.send(with).status, "with a forged %s", name)
		}
	}
	w.submittedNothing()
}

// forge changes the letters and digits of a credential behind its beginning, so
// that its form stays and its value does not.
func forge(credential string) string {
	forged := []byte(credential)
	for i := len(forged) / 4; i < len(forged); i++ {
		switch c := forged[i]; {
		case c >= 'a' && c < 'z', c >= 'A' && c < 'Z', c >= '0' && c < '9':
			forged[i]++
		case c == 'z', c == 'Z', c == '9':
			forged[i]--
		}
	}
	return string(forged)
}

func (w *world) refusesChangedBody() {
	tr := w.trigger(plain(1))
	if tr.Sign == nil {
		w.t.Log("Receiver: nothing to test, because the vendor's credentials do not cover the body (Trigger.Sign is nil)")
		return
	}
	tr.Body = append(slices.Clone(tr.Body), ' ')
	require.Equal(w.t, http.StatusUnauthorized, w.send(tr).status)
	w.submittedNothing()
}

func (w *world) waitsForInbox() {
	tr := w.trigger(plain(1))
	w.inbox.FailNext(-1, fmt.Errorf("write ledger: %w", ats.ErrUnavailable))
	a := w.send(tr)
	require.False(w.t, a.ok(), "answered with %d although nothing was written", a.status)
	w.inbox.FailNext(0, nil)
	w.submittedNothing()
	w.takes(tr)
}

func (w *world) refusesLargeBodies() {
	tr := w.trigger(plain(1))
	large := tr
	large.Body = append(bytes.TrimSpace(tr.Body), bytes.Repeat([]byte(" "), maxBody+1-len(bytes.TrimSpace(tr.Body)))...)
	w.sign(&large)
	for what, body := range map[string]io.Reader{
		"with a length":    bytes.NewReader(large.Body),
		"without a length": io.MultiReader(bytes.NewReader(large.Body)), // hides the length from net/http
	} {
		a, err := w.trySend(large, body)
		require.NoError(w.t, err)
		require.Equal(w.t, http.StatusRequestEntityTooLarge, a.status, what)
	}
	w.submittedNothing()

	if json.Valid(tr.Body) {
		tr.Body = large.Body[:maxBody]
		w.sign(&tr)
		w.takes(tr)
	}
}

func (w *world) refusesMethods() {
	tr := w.trigger(plain(1))
	for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
		tr.Method = method
		require.Equal(w.t, http.StatusMethodNotAllowed, w.send(tr).status, method)
	}
	w.submittedNothing()
}

func (w *world) refusesNonsense() {
	tr := w.trigger(plain(1))
	for _, body := range []string{"", "null", "[]", "{}", `{"`, "\x00\xff", `"text"`, strings.Repeat("[", 20_000)} {
		tr.Body = []byte(body)
		w.sign(&tr)
		a := w.send(tr)
		require.GreaterOrEqual(w.t, a.status, 400, "%.10q", body)
		require.Less(w.t, a.status, 500, "%.10q", body)
	}
	w.submittedNothing()
}
