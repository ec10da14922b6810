package httpx

import (
	"context"
	"maps"
	"net/http"
)

// Auth signs requests. Safe for concurrent use.
type Auth interface {
	// Sign sets credentials on req, a copy that no error and no log ever sees. It may replace
	// header values but must not change the slices it finds. An error means nothing was sent.
	Sign(req *http.Request) error
}

// Renewer is an Auth whose credential can be renewed. When a call is answered with 401, Renew is
// called once and the call is repeated once, whatever its method: a 401 is a refusal.
type Renewer interface {
	Auth
	Renew(ctx context.Context) error
}

// AuthFunc is a function as an [Auth].
type AuthFunc func(req *http.Request) error

// Sign calls f.
func (f AuthFunc) Sign(req *http.Request) error { return f(req) }

// Header returns an [Auth] that sets one header to one value.
func Header(name, value string) Auth {
	name = http.CanonicalHeaderKey(name)
	values := []string{value}
	return AuthFunc(func(req *http.Request) error {
		req.Header[name] = values
		return nil
	})
}

// signer is the transport that applies an Auth, if there is one, to a copy of each request.
type signer struct {
	auth Auth
	next http.RoundTripper
}

func (s *signer) RoundTrip(req *http.Request) (*http.Response, error) {
	if s.auth == nil {
		return s.next.RoundTrip(req)
	}
	signed := req.WithContext(req.Context())
	signed.Header = make(http.Header, len(req.Header)+1)
	maps.Copy(signed.Header, req.Header)
	if err := s.auth.Sign(signed); err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, &authError{err}
	}
	resp, err := s.next.RoundTrip(signed)
	if resp != nil {
		resp.Request = req // the unsigned one
	}
	return resp, err
}

// authError marks a failure to sign.
type authError struct{ err error }

func (e *authError) Error() string { return "sign request: " + describe(e.err) }
func (e *authError) Unwrap() error { return e.err }
