package atstest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/atstest"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

func breakages() map[string]breakage {
	all := map[string]breakage{}
	for _, some := range []map[string]breakage{brokenBasics(), brokenReports(), brokenReceivers(), brokenLists(), brokenPeople(), brokenUpkeep()} {
		maps.Copy(all, some)
	}
	return all
}

func brokenBasics() map[string]breakage {
	return map[string]breakage{
		"a name with capitals": {"Adapter/the name is lower-case letters and digits and stays the same", func(v *atstest.Vendor, env atstest.Env) {
			a := memory.New(memory.Options{Name: "Memory", Now: env.Now})
			v.Adapter = a
			v.Connect = func(t *testing.T) ats.Connection {
				t.Helper()
				c, err := env.Inbox.Connect(t.Context(), ats.Activation{Tenant: a.Account("acme").Tenant(), TimeZone: "UTC"})
				if err != nil {
					t.Error(err)
				}
				return c
			}
		}},
		"a policy that contradicts itself": with("Adapter/the policy has no contradictions", func(w *wrong, _ atstest.Env) {
			w.policy = func() ats.Policy {
				p := w.Adapter.Policy()
				p.Deadline.DefaultDays = 0
				return p
			}
		}),
		"a policy that callers can change": with("Adapter/the policy is the same on every call, whatever a caller does to it", func(w *wrong, _ atstest.Env) {
			p := w.Adapter.Policy()
			w.policy = func() ats.Policy { return p }
		}),
		"a policy that changes by itself": with("Adapter/the policy is the same on every call, whatever a caller does to it", func(w *wrong, _ atstest.Env) {
			w.policy = func() ats.Policy {
				p := w.Adapter.Policy()
				p.Deadline.DefaultDays += time.Now().Nanosecond()
				return p
			}
		}),
	}
}

func brokenReports() map[string]breakage {
	var n atomic.Int64
	return map[string]breakage{
		"events are shown as often as they come": publishes("Publish/the same report changes nothing when it comes again", func(ctx context.Context, a *memory.Adapter, c ats.Connection, r ats.Report) error {
			for i := range r.Events {
				r.Events[i].Key += fmt.Sprint(n.Add(1))
			}
			return a.Publish(ctx, c, r)
		}),
		"completion is not shown": publishes("Publish/an interview is shown from request to completion", func(ctx context.Context, a *memory.Adapter, c ats.Connection, r ats.Report) error {
			if r.Interview.State == ats.StateCompleted {
				return nil
			}
			return a.Publish(ctx, c, r)
		}),
		"nothing but completion is shown": publishes("Publish/every way to end is shown", func(ctx context.Context, a *memory.Adapter, c ats.Connection, r ats.Report) error {
			if r.Interview.State != ats.StateCompleted {
				return nil
			}
			return a.Publish(ctx, c, r)
		}),
		"completion is taken back": {"Publish/a completed interview stays completed", func(v *atstest.Vendor, _ atstest.Env) {
			a := v.Adapter.(*memory.Adapter)
			v.Card = func(_ *testing.T, iv ats.Interview) atstest.Card {
				var last ats.State
				for _, r := range a.Reports() {
					if r.Interview.ID == iv.ID {
						last = r.Interview.State
					}
				}
				return atstest.Card{Completed: last == ats.StateCompleted, Text: string(last)}
			}
		}},
		"the state is read off the events": publishes("Publish/a report without events is shown", func(ctx context.Context, a *memory.Adapter, c ats.Connection, r ats.Report) error {
			if len(r.Events) == 0 {
				return nil
			}
			return a.Publish(ctx, c, r)
		}),
		"reports need an address": publishes("Publish/a report about a request that came without an address is no failure", func(ctx context.Context, a *memory.Adapter, c ats.Connection, r ats.Report) error {
			if r.ReplyTo == nil {
				return fmt.Errorf("read address: %w", ats.ErrInvalid)
			}
			return a.Publish(ctx, c, r)
		}),
		"all reports go to the same card": publishes("Publish/interviews are reported concurrently", func(ctx context.Context, a *memory.Adapter, c ats.Connection, r ats.Report) error {
			r.Interview.ID = "interview-1"
			return a.Publish(ctx, c, r)
		}),
		"the context is not looked at": publishes("Publish/nothing happens after the context has ended", func(ctx context.Context, a *memory.Adapter, c ats.Connection, r ats.Report) error {
			return a.Publish(context.WithoutCancel(ctx), c, r)
		}),
		"the context's error is replaced": publishes("Publish/nothing happens after the context has ended", func(ctx context.Context, a *memory.Adapter, c ats.Connection, r ats.Report) error {
			if ctx.Err() != nil {
				return ats.ErrUnavailable
			}
			return a.Publish(ctx, c, r)
		}),
		"what is gone is unavailable": publishes("Publish/a record that was removed is gone", func(ctx context.Context, a *memory.Adapter, c ats.Connection, r ats.Report) error {
			if err := a.Publish(ctx, c, r); errors.Is(err, ats.ErrGone) {
				return ats.ErrUnavailable
			}
			return nil
		}),
		"errors are swallowed": publishes("Publish/the vendor's 401 is told by its kind", func(ctx context.Context, a *memory.Adapter, c ats.Connection, r ats.Report) error {
			_ = a.Publish(ctx, c, r)
			return nil
		}),
		"errors lose their kind": publishes("Publish/the vendor's 422 is told by its kind", func(ctx context.Context, a *memory.Adapter, c ats.Connection, r ats.Report) error {
			if err := a.Publish(ctx, c, r); err != nil {
				return errors.New(err.Error())
			}
			return nil
		}),
		"every error is final": publishes("Publish/the vendor's 503 is worth another try", func(ctx context.Context, a *memory.Adapter, c ats.Connection, r ats.Report) error {
			if a.Publish(ctx, c, r) != nil {
				return ats.ErrInvalid
			}
			return nil
		}),
		"a limit is taken for a refusal": publishes("Publish/the vendor's 429 is worth another try", func(ctx context.Context, a *memory.Adapter, c ats.Connection, r ats.Report) error {
			err := a.Publish(ctx, c, r)
			if errors.Is(err, ats.ErrRateLimited) {
				return ats.ErrForbidden
			}
			return err
		}),
		"errors name the candidate": publishes("Publish/the vendor's 404 is told by its kind", func(ctx context.Context, a *memory.Adapter, c ats.Connection, r ats.Report) error {
			if err := a.Publish(ctx, c, r); err != nil {
				return fmt.Errorf("publish interview of %s: %w", r.Interview.Candidate.Name(), err)
			}
			return nil
		}),
		"only plain names are shown": publishes("Publish/reports about a person with right-to-left letters", func(ctx context.Context, a *memory.Adapter, c ats.Connection, r ats.Report) error {
			if strings.ContainsFunc(r.Interview.Candidate.Name(), func(r rune) bool { return r > 0x500 }) {
				return ats.ErrInvalid
			}
			return a.Publish(ctx, c, r)
		}),
	}
}

func brokenReceivers() map[string]breakage {
	var n atomic.Int64
	const strangers = "Receiver/a call without credentials is unauthorized and submits nothing"
	return map[string]breakage{
		"each call is a new request": submits("Receiver/the same trigger makes one interview however often it comes", func(r *ats.Request, _ atstest.Env) {
			r.Key = fmt.Sprint(n.Add(1))
		}),
		"all calls are one request":         submits("Receiver/two triggers are two requests", func(r *ats.Request, _ atstest.Env) { r.Key = "always the same" }),
		"the wrong key":                     submits("Receiver/a trigger becomes the request that it stands for", func(r *ats.Request, _ atstest.Env) { r.Key += "!" }),
		"an address in another case":        submits("Receiver/a trigger becomes the request that it stands for", func(r *ats.Request, _ atstest.Env) { r.Candidate.Email = strings.ToUpper(r.Candidate.Email) }),
		"the key holds the person's e-mail": submits("Receiver/two triggers are two requests", func(r *ats.Request, _ atstest.Env) { r.Key = r.Candidate.Email }),
		"letters are lost": submits("Receiver/a trigger about a person with emoji", func(r *ats.Request, _ atstest.Env) {
			r.Candidate.FirstName = strings.ToValidUTF8(strings.Map(func(r rune) rune {
				if r > 0xffff {
					return -1
				}
				return r
			}, r.Candidate.FirstName), "")
		}),
		"names are logged": submits("Receiver/a trigger becomes the request that it stands for", func(r *ats.Request, env atstest.Env) {
			env.Logger.Debug("request", slog.String("candidate", r.Candidate.LastName))
		}),
		"no authentication": with(strangers, func(w *wrong, _ atstest.Env) {
			w.handle = func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					r.Header.Set("Authorization", "Bearer "+w.Account("acme").Token().Reveal())
					next.ServeHTTP(rw, r)
				})
			}
		}),
		"strangers are forbidden": handles(strangers, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Header.Get("Authorization") == "" {
				http.Error(w, "who are you", http.StatusForbidden)
				return
			}
			next.ServeHTTP(w, r)
		}),
		"any credential will do": with("Receiver/a call with wrong credentials is unauthorized and submits nothing", func(w *wrong, _ atstest.Env) {
			w.handle = func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					if r.Header.Get("Authorization") != "" {
						r.Header.Set("Authorization", "Bearer "+w.Account("acme").Token().Reveal())
					}
					next.ServeHTTP(rw, r)
				})
			}
		}),
		"every call is acknowledged": handles("Receiver/a trigger is not acknowledged while the inbox cannot write", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(httptest.NewRecorder(), r)
			w.WriteHeader(http.StatusAccepted)
		}),
		"a signature that fits no body": {"Receiver/a body that was changed on its way is unauthorized", func(v *atstest.Vendor, env atstest.Env) {
			signBodies(v, env, false)
		}},
		"large bodies are cut": handles("Receiver/a body of more than 1 MiB is too large", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			r.Body = io.NopCloser(io.LimitReader(r.Body, 1<<20))
			next.ServeHTTP(w, r)
		}),
		"the limit is too low": handles("Receiver/a body of more than 1 MiB is too large", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			r.Body = http.MaxBytesReader(w, r.Body, 1<<20-1)
			next.ServeHTTP(w, r)
		}),
		"every method will do": handles("Receiver/other methods are not allowed", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			r.Method = http.MethodPost
			next.ServeHTTP(w, r)
		}),
		"refusals say nothing": handles("Receiver/a candidate without an e-mail address is refused with a text", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			w.WriteHeader(rec.Code)
		}),
		"a pause is not told": handles("Receiver/a paused integration refuses with a text", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(httptest.NewRecorder(), r)
			_, _ = io.WriteString(w, "All went well, thank you.")
		}),
		"new members are an error": handles("Receiver/members that are not known are ignored", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			raw, err := io.ReadAll(r.Body)
			d := json.NewDecoder(bytes.NewReader(raw))
			d.DisallowUnknownFields()
			if err != nil || d.Decode(&memory.Trigger{}) != nil {
				http.Error(w, "unknown member", http.StatusBadRequest)
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(raw))
			next.ServeHTTP(w, r)
		}),
		"nonsense is our fault": handles("Receiver/a body that is not understood is the caller's fault", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			if rec.Code == http.StatusBadRequest {
				rec.Code = http.StatusInternalServerError
			}
			w.WriteHeader(rec.Code)
		}),
	}
}

// lists is a breakage of the list of jobs.
func lists(foundBy string, f func(seq iter.Seq2[ats.Job, error]) iter.Seq2[ats.Job, error]) breakage {
	return with("JobLister/"+foundBy, func(w *wrong, _ atstest.Env) {
		w.jobs = func(ctx context.Context, c ats.Connection) iter.Seq2[ats.Job, error] {
			return f(w.Adapter.Jobs(ctx, c))
		}
	})
}

// yields is a breakage of what is yielded for each record and error.
func yields(foundBy string, f func(n int, j ats.Job, err error, yield func(ats.Job, error) bool) bool) breakage {
	return lists(foundBy, func(seq iter.Seq2[ats.Job, error]) iter.Seq2[ats.Job, error] {
		return func(yield func(ats.Job, error) bool) {
			n := 0
			for j, err := range seq {
				n++
				if !f(n, j, err, yield) {
					return
				}
			}
		}
	})
}

// buffered reads the whole list before it yields anything.
func buffered(seq iter.Seq2[ats.Job, error]) iter.Seq2[ats.Job, error] {
	type pair struct {
		job ats.Job
		err error
	}
	var all []pair
	for j, err := range seq {
		all = append(all, pair{j, err})
	}
	return func(yield func(ats.Job, error) bool) {
		for _, p := range all {
			if !yield(p.job, p.err) {
				return
			}
		}
	}
}

func brokenLists() map[string]breakage {
	return map[string]breakage{
		"requests before the loop": lists("nothing is requested before the loop starts", buffered),
		"requests the whole list at once": lists("leaving the loop early ends the requests", func(seq iter.Seq2[ats.Job, error]) iter.Seq2[ats.Job, error] {
			return func(yield func(ats.Job, error) bool) { buffered(seq)(yield) }
		}),
		"can be ranged once": lists("ranging again starts again", func(seq iter.Seq2[ats.Job, error]) iter.Seq2[ats.Job, error] {
			used := false
			return func(yield func(ats.Job, error) bool) {
				if !used {
					used = true
					seq(yield)
				}
			}
		}),
		"forgets the last page": yields("every record is listed once, whatever the number of pages", func(n int, j ats.Job, err error, yield func(ats.Job, error) bool) bool {
			return n <= 3 && yield(j, err)
		}),
		"repeats the first of a page": yields("every record is listed once, whatever the number of pages", func(n int, j ats.Job, err error, yield func(ats.Job, error) bool) bool {
			return yield(j, err) && (n%3 != 1 || yield(j, err))
		}),
		"tells an error twice": yields("a failure is yielded once, last, without a record", func(_ int, j ats.Job, err error, yield func(ats.Job, error) bool) bool {
			return yield(j, err) && (err == nil || yield(j, err))
		}),
		"hides errors": yields("a failure between pages comes after the records before it", func(_ int, j ats.Job, err error, yield func(ats.Job, error) bool) bool {
			return err == nil && yield(j, err)
		}),
		"comes with a record and an error": yields("a failure is yielded once, last, without a record", func(_ int, j ats.Job, err error, yield func(ats.Job, error) bool) bool {
			if err != nil {
				j.ID = "half a job"
			}
			return yield(j, err)
		}),
		"lists in spite of the context": with("JobLister/an ended context ends the list", func(w *wrong, _ atstest.Env) {
			w.jobs = func(ctx context.Context, c ats.Connection) iter.Seq2[ats.Job, error] {
				return w.Adapter.Jobs(context.WithoutCancel(ctx), c)
			}
		}),
		"calls every failure an outage": yields("a refused credential is told by its kind", func(_ int, j ats.Job, err error, yield func(ats.Job, error) bool) bool {
			if err != nil {
				err = ats.ErrUnavailable
			}
			return yield(j, err)
		}),
		"lists everybody each time": with("CandidateLister/only what changed since is listed", func(w *wrong, _ atstest.Env) {
			w.since = func(time.Time) time.Time { return time.Time{} }
		}),
	}
}

func brokenPeople() map[string]breakage {
	return map[string]breakage{
		"an outage looks like nobody": with("CandidateReader/an outage does not look like a candidate who is not there", func(w *wrong, _ atstest.Env) {
			w.read = func(c ats.Candidate, err error) (ats.Candidate, error) {
				if err != nil {
					err = ats.ErrNotFound
				}
				return c, err
			}
		}),
		"nobody is a candidate without a name": with("CandidateReader/a candidate whom nobody knows is not found", func(w *wrong, _ atstest.Env) {
			w.read = func(c ats.Candidate, _ error) (ats.Candidate, error) { return c, nil }
		}),
		"an address is needed to be read": with("CandidateReader/a candidate without an e-mail address is read", func(w *wrong, _ atstest.Env) {
			w.read = func(c ats.Candidate, err error) (ats.Candidate, error) {
				if err == nil && c.Email == "" {
					err = ats.ErrInvalid
				}
				return c, err
			}
		}),
		"everybody sees everything": with("AccessChecker/the host decides who may see a candidate", func(w *wrong, _ atstest.Env) {
			w.mayView = func(_ bool, err error) (bool, error) { return err == nil, err }
		}),
		"an outage opens the door": with("AccessChecker/an outage opens nothing", func(w *wrong, _ atstest.Env) {
			w.mayView = func(ok bool, err error) (bool, error) { return ok || err != nil, err }
		}),
		"an outage is a closed door": with("AccessChecker/an outage opens nothing", func(w *wrong, _ atstest.Env) {
			w.mayView = func(ok bool, _ error) (bool, error) { return ok, nil }
		}),
		"nobody holds every credential": with("ActorResolver/a credential that nobody holds is unauthorized", func(w *wrong, _ atstest.Env) {
			w.actor = func(u ats.User, _ error) (ats.User, error) { return u, nil }
		}),
		"an outage signs people out": with("ActorResolver/an outage does not look like a credential that nobody holds", func(w *wrong, _ atstest.Env) {
			w.actor = func(u ats.User, err error) (ats.User, error) {
				if err != nil {
					err = ats.ErrUnauthorized
				}
				return u, err
			}
		}),
	}
}

func brokenUpkeep() map[string]breakage {
	var n atomic.Int64
	return map[string]breakage{
		"every request is good": with("RequestChecker/what the ATS does not allow is a refusal, as often as it is asked", func(w *wrong, _ atstest.Env) {
			w.check = func(error) error { return nil }
		}),
		"an outage refuses": with("RequestChecker/an outage is no refusal", func(w *wrong, _ atstest.Env) {
			w.check = func(err error) error {
				if err != nil {
					return ats.Refuse(ats.CodeNotPermitted, "", "No.")
				}
				return nil
			}
		}),
		"lost triggers are found again and again": with("Reconciler/lost triggers are found once", func(w *wrong, _ atstest.Env) {
			w.policy = func() ats.Policy {
				p := w.Adapter.Policy()
				p.WhilePending = ats.Allow // else the policy would save it
				return p
			}
			w.inbox = func(in ats.Inbox) ats.Inbox {
				return submitting{in, func(ctx context.Context, r ats.Request) (ats.Interview, error) {
					r.Key += fmt.Sprint(n.Add(1))
					return in.Submit(ctx, r)
				}}
			}
		}),
		"only one lost trigger is found": with("Reconciler/lost triggers are found once", func(w *wrong, _ atstest.Env) {
			w.inbox = func(in ats.Inbox) ats.Inbox {
				var once sync.Once
				return submitting{in, func(ctx context.Context, r ats.Request) (iv ats.Interview, err error) {
					once.Do(func() { iv, err = in.Submit(ctx, r) })
					return iv, err
				}}
			}
		}),
		"an outage disconnects": with("Reconciler/an outage disconnects nobody", func(w *wrong, _ atstest.Env) {
			w.settle = func(in ats.Inbox, err error) error {
				if err == nil {
					return nil
				}
				return errors.Join(err, in.Disconnect(context.Background(), w.Account("acme").Tenant()))
			}
		}),
		"an outage is not told": with("Reconciler/an outage disconnects nobody", func(w *wrong, _ atstest.Env) {
			w.settle = func(ats.Inbox, error) error { return nil }
		}),
		"removals are not seen": {"Reconciler/a removed installation is disconnected", func(v *atstest.Vendor, _ atstest.Env) {
			v.Uninstall = func(*testing.T) {}
		}},
		"settings are not looked at": with("SettingsDecoder/all settings that are not known are refused by name", func(w *wrong, _ atstest.Env) {
			w.decode = func(error) error { return nil }
		}),
		"only the first problem is told": with("SettingsDecoder/all settings that are not known are refused by name", func(w *wrong, _ atstest.Env) {
			w.decode = func(err error) error {
				if first, ok := errors.AsType[*ats.SettingsError](err); ok {
					return first
				}
				return err
			}
		}),
		"the rules of a connection contradict each other": with("PolicyTailor/the rules of a connection are without contradiction", func(w *wrong, _ atstest.Env) {
			w.tailor = func(p ats.Policy, _ ats.Connection) ats.Policy {
				p.Deadline.DefaultDays = 0
				return p
			}
		}),
		"the rules of a connection change": with("PolicyTailor/the rules of a connection stay the same", func(w *wrong, _ atstest.Env) {
			w.tailor = func(p ats.Policy, _ ats.Connection) ats.Policy {
				p.Rows = int(n.Add(1))
				return p
			}
		}),
		"settings that cannot be read change the rules": with("PolicyTailor/settings that cannot be read change nothing", func(w *wrong, _ atstest.Env) {
			w.tailor = func(p ats.Policy, c ats.Connection) ats.Policy {
				p.Rows = len(c.Settings)
				return p
			}
		}),
		"the gate is shut for everybody": with("Gatekeeper/the gate is open for a connection in use", func(w *wrong, _ atstest.Env) {
			w.gate = func(error) error { return ats.Refuse(ats.CodeFeatureNotEnabled, "", "Ask support.") }
		}),
		"the gate is shut without a word": with("Gatekeeper/a shut gate is a refusal that says what to do", func(w *wrong, _ atstest.Env) {
			w.gate = func(error) error { return ats.Refuse(ats.CodeFeatureNotEnabled, "", "") }
		}),
		"the state does not come along": with("Authorizer/the browser is sent out with the state and without the verifier", func(w *wrong, _ atstest.Env) {
			w.address = func(text string, f ats.AuthorizationFlow) string {
				return strings.ReplaceAll(text, f.State, "")
			}
		}),
		"the verifier is shown": with("Authorizer/the browser is sent out with the state and without the verifier", func(w *wrong, _ atstest.Env) {
			w.address = func(text string, f ats.AuthorizationFlow) string { return text + "&code_verifier=" + f.Verifier }
		}),
		"any code will do": with("Authorizer/a code that nobody gave out is not accepted", func(w *wrong, _ atstest.Env) {
			w.allow = func(error) error { return nil }
		}),
	}
}
