package sparkhire

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/google/go-querystring/query"

	"github.com/sparkbridge/sparkbridge/internal/httpx"
)

// call sends one request and has read turn a successful answer's body, which it owns, into a value.
// read starts from scratch each time: an answer that breaks off may be followed by another.
func call[V any](ctx context.Context, c *Client, req *httpx.Request, read func(body []byte) (V, error)) (V, error) {
	var v V
	err := c.http.Do(ctx, req, func(_ *httpx.Response, r io.Reader) error {
		body, err := httpx.ReadAll(r)
		if err == nil {
			v, err = read(body)
		}
		return err
	})
	if err != nil {
		var zero V
		return zero, convert(err)
	}
	return v, nil
}

// callOne sends one request that is answered with an object.
func callOne[T any, P object[T]](ctx context.Context, c *Client, req *httpx.Request) (*T, error) {
	return call(ctx, c, req, decodeObject[T, P])
}

// callList sends one request that is answered with a list.
func callList[T any, P object[T]](ctx context.Context, c *Client, req *httpx.Request) ([]*T, error) {
	return call(ctx, c, req, decodeList[T, P])
}

// callNothing sends one request whose answer, if it has a body, is not looked at.
func (c *Client) callNothing(ctx context.Context, req *httpx.Request) error {
	return convert(c.http.Do(ctx, req, nil))
}

// get is callOne for a read.
func get[T any, P object[T]](ctx context.Context, c *Client, path string, args ...string) (*T, error) {
	return callOne[T, P](ctx, c, &httpx.Request{Method: http.MethodGet, Path: path, Args: args})
}

// create is callOne for a POST. A nil b sends no body.
func create[T any, P object[T]](ctx context.Context, c *Client, path string, b body, args ...string) (*T, error) {
	req, err := writing(http.MethodPost, path, b, args...)
	if err != nil {
		return nil, err
	}
	return callOne[T, P](ctx, c, req)
}

// update is callOne for a PUT, which must change something.
func update[T any, P object[T]](ctx context.Context, c *Client, path string, b body, args ...string) (*T, error) {
	if len(b) == 0 {
		return nil, &ArgumentError{Op: "PUT " + path, Name: "request", Reason: "changes nothing"}
	}
	req, err := writing(http.MethodPut, path, b, args...)
	if err != nil {
		return nil, err
	}
	return callOne[T, P](ctx, c, req)
}

// remove sends a DELETE.
func (c *Client) remove(ctx context.Context, path string, args ...string) error {
	return c.callNothing(ctx, &httpx.Request{Method: http.MethodDelete, Path: path, Args: args})
}

// writing builds a request with a JSON body; a nil b sends none.
func writing(method, path string, b body, args ...string) (*httpx.Request, error) {
	req := &httpx.Request{Method: method, Path: path, Args: args}
	if b == nil {
		return req, nil
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(b); err != nil {
		return nil, &ArgumentError{Op: method + " " + path, Name: "extra", Reason: "cannot be written as JSON"}
	}
	req.Body = bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	return req, nil
}

// listing builds a request for a list from an options struct with url tags.
func listing(path string, opts any) (*httpx.Request, error) {
	values, err := query.Values(opts)
	if err != nil {
		return nil, &ArgumentError{Op: "GET " + path, Name: "options", Reason: "cannot be written as a query"}
	}
	return &httpx.Request{Method: http.MethodGet, Path: path, Query: values}, nil
}

// argument is a field of a request that the call cannot do without.
type argument struct{ name, value string }

// need reports the first argument that is empty and not among the caller's own fields.
func need(op string, extra map[string]any, args ...argument) error {
	for _, a := range args {
		if _, given := extra[a.name]; a.value == "" && !given {
			return &ArgumentError{Op: op, Name: a.name, Reason: "must not be empty"}
		}
	}
	return nil
}

// orZero is *v, or the zero value where v is nil.
func orZero[T any](v *T) T {
	if v == nil {
		var zero T
		return zero
	}
	return *v
}
