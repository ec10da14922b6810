package httpx

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"

	"github.com/hashicorp/go-retryablehttp"
)

// Request describes one call. Path is a template and doubles as the name of the operation in
// errors: each {name} in it is replaced by the next of Args, escaped.
type Request struct {
	Method string
	Path   string
	Args   []string
	Query  url.Values
	Header http.Header // added to the client's; must hold no credentials
	Body   []byte      // nil sends none

	// URL overrides the address with an absolute one that a server handed out, such as the link
	// to a next page. It must have the base URL's scheme and host. Path still names the operation.
	URL string

	// Once forbids any repetition, by this package and by net/http, whatever the method. It also
	// says that the request has an effect, so that a GET can have an unknown outcome.
	Once bool
}

// Response is what a decode function sees of a successful answer.
type Response struct {
	Status    int
	Header    http.Header
	RequestID string
}

// Decode reads a successful answer. The body is capped and belongs to the client. It may be called
// again when the connection was lost in the middle and the request may be repeated, so it must
// start from scratch each time. An error that it returns becomes the cause of an [*Error]; only
// texts of type [ConstError] and of the JSON packages are shown in its text.
type Decode func(resp *Response, body io.Reader) error

// Do sends req and hands a 2xx answer to decode, which may be nil to discard it. Whether a failed
// call may be repeated is told by [OutcomeUnknown] and [RetryAt].
//
// Errors: *[ArgumentError] before anything else happens, otherwise *[Error].
func (c *Client) Do(ctx context.Context, req *Request, decode Decode) error {
	k := &call{Context: ctx, client: c, req: req, decode: decode}
	hr, err := c.newRequest(k, req, k.observe()) //nolint:contextcheck // k is ctx, with itself in it
	if err != nil {
		return err
	}
	rr := &retryablehttp.Request{Request: hr}
	if req.Body != nil {
		if err := rr.SetBody(req.Body); err != nil {
			return k.newError(err)
		}
	}
	if req.Once && req.Body == nil && safe(req.Method) {
		hr.Body = unrepeatable{} // keeps net/http from repeating it on its own
	}
	rr.SetResponseHandler(k.handle)
	if err := k.take(ctx); err != nil { // for the first attempt; prepare does it for the others
		return k.newError(err)
	}
	_, err = c.loop.Do(rr) //nolint:bodyclose // handle has closed it
	return k.result(err)
}

// Bytes sends req and returns the whole body of a 2xx answer, which the caller then owns.
func (c *Client) Bytes(ctx context.Context, req *Request) ([]byte, error) {
	var body []byte
	err := c.Do(ctx, req, func(_ *Response, r io.Reader) (err error) {
		body, err = ReadAll(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return body, nil
}

// newRequest builds the unsigned request.
func (c *Client) newRequest(ctx context.Context, req *Request, trace *httptrace.ClientTrace) (*http.Request, error) {
	u, err := c.address(req)
	if err != nil {
		return nil, err
	}
	hr := c.proto.WithContext(httptrace.WithClientTrace(ctx, trace))
	hr.Method, hr.URL = req.Method, u
	if len(req.Header) > 0 || c.http.Jar != nil { // a cookie jar writes to the header
		hr.Header = maps.Clone(hr.Header)
		for name, values := range req.Header {
			hr.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	return hr, nil
}

// address is the base URL plus the expanded path and the query, or the override on the same host.
func (c *Client) address(req *Request) (*url.URL, error) {
	if req.URL != "" {
		u, err := url.Parse(req.URL)
		if err != nil || u.Scheme != c.base.Scheme || u.Host != c.base.Host || u.User != nil {
			return nil, &ArgumentError{Op: opName(req), Name: "url", Reason: fmt.Sprintf("must stay on %s://%s", c.base.Scheme, c.base.Host)}
		}
		return u, nil
	}
	if err := checkArgs(req.Path, req.Args); err != nil {
		err.Op = opName(req)
		return nil, err
	}
	u := *c.base
	u.Path = expand(c.base.Path, req.Path, req.Args)
	if escaped, changed := escapeArgs(req.Args); changed {
		u.RawPath = expand(c.base.EscapedPath(), req.Path, escaped)
	} else if c.base.RawPath != "" {
		u.RawPath = expand(c.base.RawPath, req.Path, req.Args)
	}
	if len(req.Query) > 0 {
		u.RawQuery = req.Query.Encode()
	}
	return &u, nil
}

func opName(req *Request) string { return req.Method + " " + req.Path }
