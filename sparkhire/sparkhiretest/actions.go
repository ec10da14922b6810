package sparkhiretest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

type actionKind int

const (
	actRespond actionKind = iota
	actLose
	actRefuse
	actHold
	actMalform
	actTruncate
	actSlow
	actStall
)

// Action is what goes wrong with a request. Make one with a function of this package; the zero Action is not usable.
type Action struct {
	kind  actionKind
	name  string // for the request log
	reply answer
	n     int
	pause time.Duration
}

// Respond answers with a status, header and body instead of the real answer. An empty body becomes the vendor's error
// shape with the status text as reason. A body that is not JSON wants a Content-Type in the header.
func Respond(status int, header http.Header, body string) Action {
	reply := answer{status: status, header: header.Clone(), body: []byte(body)}
	if body == "" && status >= http.StatusBadRequest {
		reply.body = refusal(status, "%s.", http.StatusText(status)).answer().body
	}
	return Action{kind: actRespond, name: "respond " + strconv.Itoa(status), reply: reply}
}

// TooManyRequests answers 429 with the given seconds to wait, whatever the limiter says.
func TooManyRequests(seconds int) Action {
	return Action{kind: actRespond, name: "respond 429", reply: tooMany(seconds).answer()}
}

// LoseConnection closes the connection without a byte of an answer. In memory it is io.ErrUnexpectedEOF. Note that
// net/http itself repeats a GET, and anything with an Idempotency-Key header, on a connection that was used before.
func LoseConnection() Action { return Action{kind: actLose, name: "lose connection"} }

// RefuseConnection is a server that cannot be reached. In memory it is the error of a refused dial, which proves that
// nothing was sent; on sockets, where the request has come already, it closes the connection.
func RefuseConnection() Action { return Action{kind: actRefuse, name: "refuse connection"} }

// Hold keeps the request until [Injection.Release]. Before the effect, the request is then carried out even if the
// caller has given up, as a slow server does. After the effect, only the answer is late. Close cuts what is held.
func Hold() Action { return Action{kind: actHold, name: "hold"} }

// MalformedJSON breaks the answer's JSON off in the middle; length and status are those of a complete answer.
func MalformedJSON() Action { return Action{kind: actMalform, name: "malformed JSON"} }

// TruncateBody closes the connection after n bytes of the body, which announced more.
func TruncateBody(n int) Action { return Action{kind: actTruncate, name: "truncate body", n: n} }

// SlowBody sends the body in pieces of n bytes with a pause before each. The pauses are the program's time, not the
// server's clock, and end when the caller leaves.
func SlowBody(n int, pause time.Duration) Action {
	return Action{kind: actSlow, name: "slow body", n: max(n, 1), pause: pause}
}

// StallBody sends n bytes of the body and the rest on [Injection.Release].
func StallBody(n int) Action { return Action{kind: actStall, name: "stall body", n: n} }

// spoils reports whether the action works on an answer and therefore needs the effect first.
func (a Action) spoils() bool { return a.kind >= actMalform }

// interrupt does what a fault wants with a request. ans is nil before the effect. It reports whether the request is
// finished; after a hold before the effect it goes on.
func (s *Server) interrupt(w http.ResponseWriter, r *http.Request, in *Injection, entry *Request, ans *answer) bool {
	switch a := in.fault.Do; a.kind {
	case actRespond:
		s.send(w, a.reply, entry)
	case actLose, actRefuse:
		cut(r, a.kind == actRefuse)
	case actHold:
		if !s.wait(in.released, nil, nil) {
			cut(r, false)
		}
		if ans == nil {
			return false
		}
		s.send(w, *ans, entry)
	case actMalform:
		ans.body = malformed(ans.body)
		s.send(w, *ans, entry)
	default:
		s.drip(w, r, in, entry, *ans)
	}
	return true
}

// malformed makes a body that is not JSON out of one that is.
func malformed(body []byte) []byte {
	for n := len(body) / 2; n > 0; n-- {
		if !json.Valid(body[:n]) {
			return body[:n]
		}
	}
	return []byte("{")
}

// drip sends an answer piece by piece and may never finish it.
func (s *Server) drip(w http.ResponseWriter, r *http.Request, in *Injection, entry *Request, ans answer) {
	s.answered(entry, ans.status)
	w.Header().Set("Content-Length", strconv.Itoa(len(ans.body)))
	s.writeHead(w, ans)
	out := http.NewResponseController(w)
	a, rest := in.fault.Do, ans.body
	piece := func(n int) {
		n = min(n, len(rest))
		_, _ = w.Write(rest[:n]) // the caller may have gone
		rest = rest[n:]
		_ = out.Flush()
	}
	switch a.kind {
	case actTruncate:
		piece(a.n)
		cut(r, false)
	case actStall:
		piece(a.n)
		if !s.wait(in.released, r.Context().Done(), nil) {
			cut(r, false)
		}
		piece(len(rest))
	default:
		_ = out.Flush()
		for len(rest) > 0 {
			timer := time.NewTimer(a.pause)
			if !s.wait(nil, r.Context().Done(), timer.C) {
				timer.Stop()
				cut(r, false)
			}
			piece(a.n)
		}
	}
}

// wait returns true on release or when the timer fires, false when the caller has gone or the server is closed.
func (s *Server) wait(released, gone <-chan struct{}, timer <-chan time.Time) bool {
	select {
	case <-released:
		return true
	case <-timer:
		return true
	case <-gone:
		return false
	case <-s.ctx.Done():
		return false
	}
}
