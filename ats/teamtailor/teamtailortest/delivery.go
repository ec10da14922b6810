package teamtailortest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Call is a kind of call from the vendor to an integration or webhook receiver.
type Call string

// The kinds of calls.
const (
	CallActivation     Call = "activation"      // GET {base}/activation
	CallValidate       Call = "validate"        // GET {base}/{validateEndpoint}
	CallConfig         Call = "config"          // GET {base}/config
	CallWebhook        Call = "webhook"         // POST {base}/webhook
	CallAction         Call = "action"          // POST {base}/{endpoint of a button}
	CallCompanyWebhook Call = "company-webhook" // POST to a company's own webhook
	CallEvent          Call = "event"           // POST to a partner webhook setup
)

// Delivery is one call and what became of it. There is exactly one attempt: the vendor never retries.
// [documented: docs/vendors/teamtailor.md]
type Delivery struct {
	Seq      int // counts the server's calls from 1
	Kind     Call
	At       time.Time
	Method   string
	Path     string // without the query
	EventID  string // of partner events
	ResultID string // of partner events
	// Event is the event's name, of company webhooks and partner webhook setups.
	Event string

	// Status is the answer's status, 0 without an answer.
	Status int
	// Text is what the recruiter reads on the card after a refusal.
	Text string
	// Applied says that the answer's partner_result_attributes changed the partner result.
	Applied bool
	// Notes says what the vendor ignored in the answer, and why.
	Notes []string
	// Lost says that the call was never made; see [Lost].
	Lost bool
	// Err wraps [ErrNoAnswer] if there was no answer.
	Err error
	// Body is what was sent. It holds personal data of the company's candidates, and no secret.
	Body []byte
}

// LogValue leaves the body and the text out of logs.
func (d Delivery) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("seq", d.Seq), slog.String("kind", string(d.Kind)), slog.String("event_id", d.EventID),
		slog.Int("status", d.Status), slog.Bool("lost", d.Lost))
}

// Deliveries returns all calls that ended, in that order.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.deliveries)
}

// outgoing is a call to be made.
type outgoing struct {
	kind     Call
	partner  *Partner // nil for company webhooks
	method   string
	url      string
	bearer   string
	apiToken string
	eventID  string
	resultID string
	event    string
	body     []byte
	sign     *signing // nil for calls whose signed message is not public
	header   http.Header
	opts     sendOptions
}

// signing says what Teamtailor-Signature is made of.
type signing struct{ key, message string }

// answer is what came back.
type answer struct {
	status      int
	contentType string
	body        []byte
}

const maxAnswer = 1 << 20

// send makes one call and records it.
func (s *Server) send(ctx context.Context, out outgoing) (Delivery, answer) {
	d := Delivery{
		Kind: out.kind, At: s.now(), Method: out.method, EventID: out.eventID, ResultID: out.resultID, Event: out.event,
		Lost: out.opts.lost, Body: out.opts.spoil(out.body),
	}
	if u, err := url.Parse(out.url); err == nil {
		d.Path = u.Path
	}
	var ans answer
	if !d.Lost {
		var err error
		if ans, err = s.call(ctx, out, d.Body); err != nil {
			d.Err = fmt.Errorf("%s %s: %w: %w", d.Method, d.Path, ErrNoAnswer, err)
		}
		d.Status = ans.status
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deliverySeq++
	d.Seq = s.deliverySeq
	s.deliveries = append(s.deliveries, d)
	return d, ans
}

// amend replaces the record of a call. Callers hold s.mu.
func (s *Server) amend(d Delivery) {
	i := slices.IndexFunc(s.deliveries, func(other Delivery) bool { return other.Seq == d.Seq })
	s.deliveries[i] = d
}

// call makes one attempt and no second. It ends with the caller's context, the time-out or [Server.Close]. No error names the
// query, which holds the values of forms.
func (s *Server) call(ctx context.Context, out outgoing, body []byte) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.timeout)
	defer cancel()
	stop := context.AfterFunc(s.base, cancel) //nolint:contextcheck // it watches for Close, beside the caller's context
	defer stop()

	req, err := http.NewRequestWithContext(ctx, out.method, out.url, bytes.NewReader(body))
	if err != nil {
		return answer{}, errors.New("the URL is not valid")
	}
	s.setHeader(req.Header, out, body)
	resp, err := s.outbound.Do(req)
	if err != nil {
		// The outer error names the whole URL, with the values of the form.
		if outer, ok := errors.AsType[*url.Error](err); ok {
			err = outer.Err
		}
		return answer{}, err
	}
	defer resp.Body.Close()
	read, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer{}, fmt.Errorf("read answer: %w", err)
	}
	if out.opts.answerLost {
		return answer{}, errors.New("answer lost on demand")
	}
	return answer{status: resp.StatusCode, contentType: resp.Header.Get("Content-Type"), body: read}, nil
}

// setHeader writes the documented headers: the provider key, the company API token if the partner gets it, the signature.
// [documented: docs/vendors/teamtailor.md]; the content type of trigger webhooks is [assumed].
func (s *Server) setHeader(h http.Header, out outgoing, body []byte) {
	o := out.opts
	h.Set("User-Agent", "Teamtailor")
	if out.method == http.MethodPost {
		h.Set("Content-Type", "application/json")
	} else {
		h.Set("Accept", "application/json")
	}
	bearer := out.bearer
	if o.bearer != nil {
		bearer = *o.bearer
	}
	if bearer != "" {
		h.Set("Authorization", "Bearer "+bearer)
	}
	if out.apiToken != "" {
		h.Set("Teamtailor-Api-Token", out.apiToken)
	}
	maps.Copy(h, out.header)
	if sig := s.signature(out, body); sig != "" {
		h.Set("Teamtailor-Signature", sig)
	}
	for name := range o.header {
		if v := o.header.Get(name); v != "" {
			h.Set(name, v)
		} else {
			h.Del(name)
		}
	}
}

// signature returns the content of Teamtailor-Signature, "" for none.
func (s *Server) signature(out outgoing, body []byte) string {
	o := out.opts
	if out.partner == nil || o.noSignature || out.sign == nil && s.cfg.unsignedGETs {
		return ""
	}
	sign := signing{key: out.partner.secret, message: s.ids.uuid()} // nobody can verify this one
	if out.sign != nil {
		sign = *out.sign
	}
	if o.overBody {
		sign.message = string(body)
	}
	if o.key != nil {
		sign.key = *o.key
	}
	if o.badSignature {
		sign.key = "not " + sign.key
	}
	at := s.now()
	if o.at != nil {
		at = *o.at
	}
	header := signatureHeader(sign.key, sign.message, at, o.folded)
	if o.newerScheme {
		header += ",v2=" + hexHMAC(sign.key, "v2."+sign.message)
	}
	return header
}

// spoil cuts the body in half if asked to.
func (o sendOptions) spoil(body []byte) []byte {
	if o.cutOff {
		return body[:len(body)/2]
	}
	return body
}

// renderable returns a [*FormError] unless the answer is a form. [assumed: docs/vendors/teamtailor.md] Only status 200 with a
// JSON content type is documented to be rendered.
func (a answer) renderable() error {
	media, _, err := mime.ParseMediaType(a.contentType)
	switch {
	case a.status != http.StatusOK:
		return &FormError{Status: a.status, Problems: []string{"the answer is not 200"}}
	case err != nil || media != "application/json" && !strings.HasSuffix(media, "+json"):
		return &FormError{Status: a.status, Problems: []string{"the content type of the answer is not JSON"}}
	}
	return nil
}

// plainText returns the text that a refusal shows. [documented: docs/vendors/teamtailor.md] A plain string is shown. [observed]
// It may be a JSON string. [assumed] Objects and HTML are not shown.
func (a answer) plainText() (string, bool) {
	text := strings.TrimSpace(string(a.body))
	if strings.HasPrefix(text, `"`) {
		var s string
		if json.Unmarshal([]byte(text), &s) == nil {
			return s, true
		}
	}
	if text == "" || strings.ContainsAny(text[:1], "{[<") {
		return "", false
	}
	return text, true
}
