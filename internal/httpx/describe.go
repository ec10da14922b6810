package httpx

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"slices"
	"syscall"
)

// describe puts a cause into words that are known to be safe to show. The text of an error that we
// did not make may hold a URL with a token, or a piece of an answer; of such an error only the
// type is shown.
func describe(err error) string {
	if text, ok := describeKnown(err); ok {
		return text
	}
	if t, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err); ok && t.Timeout() {
		return "timed out"
	}
	return fmt.Sprintf("%T", bare(err))
}

func describeKnown(err error) (string, bool) {
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled.Error(), true
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded.Error(), true
	}
	if e, ok := errors.AsType[ConstError](err); ok {
		return e.Error(), true
	}
	if e, ok := errors.AsType[*LaterError](err); ok {
		return e.Error(), true
	}
	if e, ok := errors.AsType[*authError](err); ok {
		return e.Error(), true
	}
	if e, ok := errors.AsType[*Error](err); ok { // of a call made to renew a credential
		return e.Error(), true
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return e.Error(), true
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		text := e.Op + " " + e.Net
		if e.Addr != nil {
			text += " " + e.Addr.String()
		}
		return text + ": " + describe(e.Err), true
	}
	if e, ok := errors.AsType[*os.SyscallError](err); ok {
		return e.Syscall + ": " + describe(e.Err), true
	}
	if e, ok := errors.AsType[syscall.Errno](err); ok {
		return e.Error(), true
	}
	return describeContent(err)
}

// describeContent knows errors about certificates and about what was received.
func describeContent(err error) (string, bool) {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("not JSON at byte %d", e.Offset), true
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("JSON field %s has an unexpected type", e.Field), true
	}
	if e, ok := errors.AsType[x509.HostnameError](err); ok {
		return "certificate is not valid for " + e.Host, true
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "certificate is signed by an unknown authority", true
	}
	if _, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		return "certificate is invalid or has expired", true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "certificate could not be verified", true
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF.Error(), true
	case errors.Is(err, io.EOF):
		return "connection closed by the server", true
	case errors.Is(err, net.ErrClosed):
		return net.ErrClosed.Error(), true
	}
	return "", false
}

func isDialError(err error) bool {
	e, ok := errors.AsType[*net.OpError](err)
	return ok && (e.Op == "dial" || e.Op == "proxyconnect")
}

var (
	email = regexp.MustCompile(`[^\s<>"'(),;:]+@[^\s<>"'(),;:]+`)
	link  = regexp.MustCompile(`(?i)\bhttps?://[^\s"'<>]+`)
)

const masked = "[…]"

// mask removes from a vendor's words what could identify a person or open a door: links, e-mail
// addresses, the given secrets, and every string that the request itself carried.
func mask(text string, secrets []string, sent []byte) string {
	text = link.ReplaceAllString(text, masked)
	text = email.ReplaceAllString(text, masked)
	values := slices.Clone(secrets)
	var body any
	if len(sent) > 0 && json.Unmarshal(sent, &body) == nil {
		values = leaves(values, body)
	}
	// Longest first, so that a full name goes before the first name inside it.
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	for _, v := range values {
		if len(v) >= 3 {
			text = replaceFold(text, v)
		}
	}
	return text
}

// leaves appends the string values, not the names, of a decoded JSON document.
func leaves(to []string, v any) []string {
	switch v := v.(type) {
	case string:
		return append(to, v)
	case []any:
		for _, item := range v {
			to = leaves(to, item)
		}
	case map[string]any:
		for _, item := range v {
			to = leaves(to, item)
		}
	}
	return to
}

func replaceFold(text, value string) string {
	return regexp.MustCompile("(?i)"+regexp.QuoteMeta(value)).ReplaceAllLiteralString(text, masked)
}
