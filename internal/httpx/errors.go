package httpx

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ConstError is an error whose text is a constant of the program. It may appear in the text of an
// [*Error], which texts made at run time may not.
type ConstError string

func (e ConstError) Error() string { return string(e) }

// ArgumentError says that the caller's argument cannot be sent. Nothing was.
type ArgumentError struct {
	Op     string // method and path template, empty outside a call
	Name   string // the argument
	Reason string // what is wrong with it, without its value
}

func (e *ArgumentError) Error() string {
	if e.Op == "" {
		return fmt.Sprintf("argument %s %s", e.Name, e.Reason)
	}
	return fmt.Sprintf("%s: argument %s %s", e.Op, e.Name, e.Reason)
}

// LaterError is what a [Limiter] returns when the budget allows no request before At. The call
// returns it at once inside an [*Error]; nothing was sent.
type LaterError struct {
	At time.Time
}

func (e *LaterError) Error() string {
	return "request budget is spent until " + e.At.UTC().Format(time.RFC3339)
}

// Error is a call that failed: refused by the server, lost on the way, or answered with something
// unreadable. It holds facts, never the request, a header or a body.
type Error struct {
	Method string
	Op     string // the path template

	// Status is that of the last answer; 0 when none was received. A 2xx status means that the
	// answer could not be read.
	Status    int
	RequestID string // the server's name for the request, if it gave one
	Attempts  int    // how many requests were made

	// Sent says that the last attempt, or one with an unknown outcome, may have reached the server.
	// False is certain: nothing was sent that the server has not refused.
	Sent bool

	// Unknown says that some attempt may have changed something on the server and that no answer
	// tells. See [OutcomeUnknown].
	Unknown bool

	// Wait is what the server asked for and RetryAt the moment it ends; both zero if it did not.
	Wait    time.Duration
	RetryAt time.Time

	// Facts are the vendor's words as Config.Explain decoded them. They may hold personal data:
	// the text of the error shows them masked, LogValue leaves them out.
	Facts

	// Err is the cause: a transport's, the context's, the limiter's or the decode function's
	// error. Its own text may hold a URL; the text of this error does not. Nil for a refusal.
	Err error

	shown string // Facts as text, masked
}

// Facts is what a vendor says about an error.
type Facts struct {
	Code    string       // a machine-readable code
	Message string       // a sentence
	Fields  []FieldError // what is wrong with which field
	Detail  any          // anything else that the vendor's package wants to keep
}

// FieldError is what a vendor says about one field of a request.
type FieldError struct {
	Field   string
	Message string
}

const (
	maxText   = 500
	maxFields = 20
)

// setFacts keeps f within bounds and prepares the text that may be shown.
func (e *Error) setFacts(f Facts, secrets []string, sent []byte) {
	f.Code, f.Message = clip(f.Code, 100), clip(f.Message, maxText)
	if len(f.Fields) > maxFields {
		f.Fields = f.Fields[:maxFields]
	}
	parts := make([]string, 0, 2+len(f.Fields))
	for _, s := range []string{f.Code, f.Message} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	for i, field := range f.Fields {
		f.Fields[i] = FieldError{Field: clip(field.Field, 100), Message: clip(field.Message, maxText)}
		parts = append(parts, strings.TrimPrefix(f.Fields[i].Field+": "+f.Fields[i].Message, ": "))
	}
	e.Facts = f
	if len(parts) > 0 {
		e.shown = clip(mask(strings.Join(parts, "; "), secrets, sent), maxText)
	}
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Method + " " + e.Op + ": ")
	switch {
	case e.Status != 0:
		fmt.Fprintf(&b, "%d", e.Status)
		if text := http.StatusText(e.Status); text != "" {
			b.WriteString(" " + text)
		}
		if e.Status/100 == 3 {
			b.WriteString(": redirects are not followed")
		}
		if e.shown != "" {
			b.WriteString(": " + e.shown)
		}
		if e.Err != nil && e.Status/100 == 2 {
			b.WriteString(": unreadable answer")
		}
	case e.Sent:
		b.WriteString("no answer after sending")
	default:
		b.WriteString("nothing was sent")
	}
	if e.Err != nil {
		b.WriteString(": " + describe(e.Err))
	}
	if e.Unknown {
		b.WriteString("; the outcome is unknown")
	}
	if !e.RetryAt.IsZero() {
		fmt.Fprintf(&b, "; come back in %s", e.Wait.Round(time.Second))
	}
	if e.RequestID != "" {
		b.WriteString(" (request " + e.RequestID + ")")
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// LogValue leaves out everything that a vendor or a transport worded.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("method", e.Method), slog.String("op", e.Op), slog.Int("status", e.Status),
		slog.Int("attempts", e.Attempts), slog.Bool("sent", e.Sent), slog.Bool("outcome_unknown", e.Unknown),
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", e.RequestID))
	}
	if !e.RetryAt.IsZero() {
		attrs = append(attrs, slog.Time("retry_at", e.RetryAt))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("cause", describe(e.Err)))
	}
	return slog.GroupValue(attrs...)
}

// OutcomeUnknown reports whether the call that returned err may have had an effect that nobody has
// confirmed: the connection was lost or timed out after sending, the server answered 408, 425, a
// redirect or 5xx, or a success could not be read. It is false when nothing was sent, when the
// server refused, and for methods that change nothing.
func OutcomeUnknown(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Unknown
}

// RetryAt returns the moment at which a server or a [Limiter] lets the caller come back.
func RetryAt(err error) (time.Time, bool) {
	if later, ok := errors.AsType[*LaterError](err); ok {
		return later.At, true
	}
	if e, ok := errors.AsType[*Error](err); ok && !e.RetryAt.IsZero() {
		return e.RetryAt, true
	}
	return time.Time{}, false
}

// bare removes the url.Error around a transport's error: its text is the URL with the query.
func bare(err error) error {
	for {
		u, ok := err.(*url.Error) //nolint:errorlint // only the outermost layers
		if !ok {
			return err
		}
		err = u.Err
	}
}

// requestID returns the server's name for a request, if it is short and printable.
func requestID(h http.Header) string {
	for _, name := range [...]string{"X-Request-Id", "Request-Id", "X-Correlation-Id"} {
		if id := h.Get(name); id != "" && len(id) <= 128 && strings.IndexFunc(id, notIDRune) < 0 {
			return id
		}
	}
	return ""
}

func notIDRune(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.:/=+", r)
}

// clip makes s one line of valid UTF-8 of at most n bytes.
func clip(s string, n int) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "?"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
