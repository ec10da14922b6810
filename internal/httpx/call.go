package httpx

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// call is the state of one Client.Do, shared by the hooks of the retry loop. It is the context of its
// requests, which is how the hooks find it.
type call struct {
	context.Context // the caller's

	client *Client
	req    *Request
	decode Decode

	attempts int
	done     bool          // the policy has said no: the answer at hand is final
	unknown  bool          // some attempt may have had an effect
	renewed  bool          // the credential was renewed once already
	wait     time.Duration // before the next attempt
	err      *Error        // of the latest attempt, nil after success

	trace              httptrace.ClientTrace
	dialing, connected atomic.Bool // set from the transport's goroutines
}

type callKey struct{}

// Value finds the call itself and what the caller's context has.
func (k *call) Value(key any) any {
	if key == (callKey{}) {
		return k
	}
	return k.Context.Value(key)
}

// callOf returns the call that a request was made for.
func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) } //nolint:errcheck // set by Do

// observe returns a trace of how far an attempt gets. A connection that was handed over counts as
// sent: the transport may write at any moment from then on, even after it has returned an error.
// What fails before (name, dial, TLS, a proxy) was certainly not sent.
func (k *call) observe() *httptrace.ClientTrace {
	k.trace.GetConn = func(string) { k.dialing.Store(true) }
	k.trace.GotConn = func(httptrace.GotConnInfo) { k.connected.Store(true) }
	return &k.trace
}

// sent says whether the attempt that failed with err may have reached the server. A transport that
// reports no progress gets the benefit of the doubt only for a plain dial error.
func (k *call) sent(err error) bool {
	switch {
	case errors.As(err, new(*authError)):
		return false
	case k.connected.Load():
		return true
	case k.dialing.Load():
		return false
	}
	return !isDialError(err)
}

// take pays for the next attempt.
func (k *call) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if l := k.client.cfg.Limiter; l != nil {
		return l.Take(ctx)
	}
	return nil
}

// prepare runs before each attempt but the first: it waits, and then pays. The limiter is not a
// transport because the time-out of an attempt must not count what is waited here.
func prepare(hr *http.Request) error {
	ctx := hr.Context()
	k := callOf(ctx)
	timer := time.NewTimer(k.wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := k.take(ctx); err != nil {
		return err
	}
	k.dialing.Store(false)
	k.connected.Store(false)
	return nil
}

// noPause keeps the loop from waiting by itself.
func noPause(time.Duration, time.Duration, int, *http.Response) time.Duration { return 0 }

// check judges an attempt. The loop calls it after the transport, and again after handle.
func check(ctx context.Context, resp *http.Response, err error) (again bool, _ error) {
	k := callOf(ctx)
	if k.done {
		return false, nil
	}
	k.err = k.judge(resp, err)
	if k.err == nil {
		return false, nil
	}
	k.unknown = k.unknown || k.err.Unknown
	again = k.again(ctx, k.err)
	k.done = !again
	return again, nil
}

// judge turns the outcome of an attempt into a typed error, nil for a 2xx answer.
func (k *call) judge(resp *http.Response, err error) *Error {
	if e, ok := err.(*Error); ok { //nolint:errorlint // from handle; a transport's is always wrapped
		return e
	}
	k.attempts++
	switch {
	case err != nil:
		e := k.newError(err)
		e.Sent = k.sent(err)
		e.Unknown = e.Sent && k.hasEffect()
		return e
	case resp.StatusCode/100 == 2:
		return nil
	}
	e := k.newError(nil)
	e.Sent = true
	e.Status = resp.StatusCode
	e.RequestID = requestID(resp.Header)
	e.Unknown = k.hasEffect() && undecided(e.Status)
	if wait, ok := waitOf(resp.StatusCode, resp.Header, time.Now()); ok {
		e.Wait, e.RetryAt = wait, time.Now().Add(wait)
		if h, ok := k.client.cfg.Limiter.(holder); ok && e.Status == http.StatusTooManyRequests {
			h.Hold(e.RetryAt)
		}
	}
	return e
}

// again decides whether to repeat, and after which wait.
func (k *call) again(ctx context.Context, e *Error) bool {
	cfg := &k.client.cfg
	if k.req.Once || k.attempts >= cfg.MaxAttempts || ctx.Err() != nil {
		return false
	}
	if r, ok := cfg.Auth.(Renewer); ok && e.Status == http.StatusUnauthorized && !k.renewed {
		k.renewed, k.wait = true, 0
		if err := r.Renew(ctx); err != nil {
			e.Err = err
			return false
		}
		return true
	}
	if errors.As(e.Err, new(*authError)) || !cfg.Retry(k.req.Method, e) {
		return false
	}
	k.wait = backoff(k.attempts-1, cfg.BackoffBase, cfg.BackoffMax, jitter())
	if !e.RetryAt.IsZero() {
		if e.Wait > max(cfg.MaxWait, 0) {
			return false
		}
		// A little jitter on top: those who were refused together must not come back together.
		k.wait = e.Wait + backoff(0, cfg.BackoffBase, cfg.BackoffMax, jitter())
	}
	deadline, ok := ctx.Deadline()
	return !ok || time.Now().Add(k.wait).Before(deadline)
}

// jitter draws from [0,1). Nothing secret depends on it.
func jitter() float64 { return rand.Float64() } //nolint:gosec // spreads requests in time, guards nothing

// handle reads the answer that check has let through.
func (k *call) handle(resp *http.Response) error {
	defer func() { _ = resp.Body.Close() }()
	if e := k.err; e != nil {
		if explain := k.client.cfg.Explain; explain != nil {
			// A body that breaks off must not hide the status: what came is what is explained.
			body, _ := io.ReadAll(io.LimitReader(resp.Body, k.client.cfg.MaxErrorBody))
			e.setFacts(explain(e.Status, resp.Header, body), k.client.cfg.Secrets, k.req.Body)
		}
		return e
	}
	body := &bounded{r: resp.Body, left: k.client.cfg.MaxBody, size: resp.ContentLength}
	info := Response{Status: resp.StatusCode, Header: resp.Header, RequestID: requestID(resp.Header)}
	var err error
	if k.decode != nil {
		err = k.decode(&info, body)
	}
	if err == nil {
		body.drain()
		return nil
	}
	e := k.newError(err)
	e.Sent = true
	e.RequestID = info.RequestID
	e.Unknown = k.hasEffect()
	if body.lost != nil { // the connection's fault, not the content's: as if no answer had come
		e.Err = body.lost
	} else {
		e.Status = info.Status
	}
	return e
}

// result is what Do returns, from what the loop returned and what the attempts left behind.
func (k *call) result(loopErr error) error {
	e := k.err
	switch {
	case e != nil && (loopErr == nil || k.done):
		if err := k.Err(); err != nil && e.Err != nil && !errors.Is(e.Err, err) {
			e.Err = errors.Join(err, e.Err)
		}
	case loopErr != nil: // the context or the limiter ended a pause between two attempts
		e = k.newError(loopErr)
		if k.err != nil {
			e.RequestID, e.RetryAt, e.Wait = k.err.RequestID, k.err.RetryAt, k.err.Wait
		}
	default:
		return nil
	}
	e.Attempts = k.attempts
	e.Unknown = k.unknown || e.Unknown
	e.Sent = e.Sent || e.Unknown
	return e
}

// newError is an error of the call; unless more is set, one of a call that never left.
func (k *call) newError(cause error) *Error {
	return &Error{Method: k.req.Method, Op: k.req.Path, Err: bare(cause)}
}

// hasEffect says whether the request can change something on the server.
func (k *call) hasEffect() bool { return k.req.Once || !safe(k.req.Method) }
