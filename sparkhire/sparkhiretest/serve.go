package sparkhiretest

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxBody is the largest request body the server reads. [assumed: docs/vendors/sparkhire.md]
const maxBody = 1 << 20

// call is one authenticated request on its way through a handler, which runs under the server's lock.
type call struct {
	now   time.Time
	user  *user
	args  map[string]string // the path's parameters, decoded
	query url.Values
	body  []byte
}

// answer is a complete response, not yet sent, so that a fault can still replace or spoil it.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// problem is a refusal: a status and the sentence that goes out as "reason".
type problem struct {
	status int
	header http.Header
	reason string
}

func refusal(status int, format string, args ...any) *problem {
	return &problem{status: status, reason: fmt.Sprintf(format, args...)}
}

// answer renders the vendor's error body. [observed: the field reason; docs/vendors/sparkhire.md]
func (p *problem) answer() answer {
	body, err := json.Marshal(map[string]string{"reason": p.reason})
	if err != nil {
		panic(err) // a map of strings always marshals
	}
	return answer{status: p.status, header: p.header, body: body}
}

// serve is the way of every request: record, outage, fault before the effect, the effect, fault after the effect,
// answer. What goes wrong before the effect precedes authentication and is not charged to the rate limit.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.begin() {
		cut(r, true)
	}
	defer s.work.Done()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	entry := s.record(r, body)
	for _, in := range s.matchBefore(r, entry) {
		if s.interrupt(w, r, in, entry, nil) {
			return
		}
	}
	if err != nil {
		s.send(w, refusal(http.StatusRequestEntityTooLarge, "The body is longer than %d bytes.", maxBody).answer(), entry)
		return
	}
	ans := s.perform(r, body, entry)
	if ans.status < http.StatusMultipleChoices {
		if in := s.matchAfter(r, entry); in != nil && s.interrupt(w, r, in, entry, &ans) {
			return
		}
	}
	s.send(w, ans, entry)
}

// perform carries the request out and notes in the log whether it took effect. Another version of the API is another
// branch here, with routes and authentication of its own; records, life, webhooks and faults are common to all.
func (s *Server) perform(r *http.Request, body []byte, entry *Request) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.tick()
	var ans answer
	if path, ok := strings.CutPrefix(r.URL.EscapedPath(), v1Base+"/"); ok {
		ans = s.v1(r, path, body, now)
	} else if path, ok := strings.CutPrefix(r.URL.EscapedPath(), v2Base+"/"); ok {
		ans = s.v2(r, path, body, now, entry)
	} else {
		return refusal(http.StatusNotFound, "There is no such API version.").answer()
	}
	entry.Effect = ans.status < http.StatusMultipleChoices
	s.kick()
	return ans
}

// v1 is version 1.0: authentication, rate limit, route, query, body, handler, in this order.
// [assumed: the order; docs/vendors/sparkhire.md]
func (s *Server) v1(r *http.Request, path string, body []byte, now time.Time) answer {
	u, p := s.authenticate(r)
	if p == nil {
		p = s.charge(u.key, now)
	}
	var found *route
	var args map[string]string
	if p == nil {
		found, args, p = s.route(r.Method, path)
	}
	if p == nil {
		p = found.checkQuery(r.URL)
	}
	if p == nil && len(body) > 0 {
		p = checkMediaType(r.Header.Get("Content-Type"))
	}
	if p != nil {
		return p.answer()
	}
	c := &call{now: now, user: u, args: args, query: r.URL.Query(), body: body}
	value, p := found.run(s, c)
	if p != nil {
		return p.answer()
	}
	return s.success(found.success, value)
}

// success renders a result, in the envelope if there is to be one; a nil value is an empty body.
func (s *Server) success(status int, value any) answer {
	if value == nil {
		return answer{status: status}
	}
	if s.cfg.envelope {
		value = map[string]any{"data": value}
	}
	body, err := json.Marshal(value)
	if err != nil {
		return refusal(http.StatusInternalServerError, "The simulator cannot render its answer: %v.", err).answer()
	}
	return answer{status: status, body: body}
}

// checkMediaType refuses bodies that do not say they are JSON.
// [documented: send application/json; assumed: 415 otherwise; docs/vendors/sparkhire.md]
func checkMediaType(value string) *problem {
	if kind, _, err := mime.ParseMediaType(value); err != nil || kind != "application/json" {
		return refusal(http.StatusUnsupportedMediaType, "Content-Type must be application/json.")
	}
	return nil
}

// send answers, and notes the status first, so that whoever has the answer also finds it in the log.
func (s *Server) send(w http.ResponseWriter, ans answer, entry *Request) {
	s.answered(entry, ans.status)
	s.writeHead(w, ans)
	_, _ = w.Write(ans.body) // the client may have gone
}

func (s *Server) writeHead(w http.ResponseWriter, ans answer) {
	h := w.Header()
	h.Set("Date", s.cfg.now().UTC().Format(http.TimeFormat))
	if len(ans.body) > 0 {
		h.Set("Content-Type", "application/json")
	}
	for name, values := range ans.header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	w.WriteHeader(ans.status)
}
