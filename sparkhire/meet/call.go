package meet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// call sends one request on behalf of somebody and has read turn a successful answer's body, which it
// owns, into a value. read starts from scratch each time: an answer that breaks off may be followed by
// another. The token is got beforehand, outside the time-out of an attempt.
func call[V any](ctx context.Context, c *Client, req *httpx.Request, opts []CallOption, read func(body []byte) (V, error)) (V, error) {
	var v V
	o := callOptions{requester: c.requester}
	for _, opt := range opts {
		opt(&o)
	}
	if reason := badRequester(o.requester); reason != "" {
		return v, &ArgumentError{Op: req.Method + " " + req.Path, Name: "requester", Reason: reason}
	}
	token, err := c.tokens.get(ctx, "")
	if err != nil {
		return v, &CallError{Method: req.Method, Path: req.Path, Err: err}
	}

	s := &session{token: token}
	req.Header = http.Header{requesterHeader: {o.requester}}
	err = c.http.Do(context.WithValue(ctx, sessionKey{}, s), req, func(_ *httpx.Response, r io.Reader) error {
		body, err := httpx.ReadAll(r)
		if err == nil {
			v, err = read(body)
		}
		return err
	})
	if err == nil {
		return v, nil
	}
	var zero V
	err = convert(err)
	if e, ok := errors.AsType[*APIError](err); ok && e.Path == req.Path {
		e.Requester = o.requester
		e.text = strings.ReplaceAll(e.text, s.token.Value, "[…]")
		switch {
		case e.Status == http.StatusUnauthorized && s.renewed:
			e.text += "; the token is new, so look at the requester"
		case e.Status == http.StatusUnauthorized: // there was no attempt left to try another
			c.tokens.drop(ctx, s.token.Value)
		}
	}
	return zero, err
}

// need reports an argument that is empty.
func need(op, name, value string) error {
	if value == "" {
		return &ArgumentError{Op: op, Name: name, Reason: "must not be empty"}
	}
	return nil
}

// encode writes JSON as it is, without HTML's escapes.
func encode(b body) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(b); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// orZero is *v, or the zero value where v is nil.
func orZero[T any](v *T) T {
	if v == nil {
		var zero T
		return zero
	}
	return *v
}
