package sign

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// The reasons for refusing a call. Each is what an operator reads first, so the
// text says where to look.
var (
	// ErrMissing means that the header with the signature or token is not there.
	ErrMissing = errors.New("not signed: the header is missing")
	// ErrMalformed means that a header, token or body does not have the documented
	// form, or has it in two contradicting ways.
	ErrMalformed = errors.New("malformed")
	// ErrScheme means that the signature or token uses only schemes that are not
	// known here or not allowed.
	ErrScheme = errors.New("no accepted scheme")
	// ErrMismatch means that no configured secret produces this signature, or none
	// decrypts this token.
	ErrMismatch = errors.New("no configured secret matches")
	// ErrStale means that the signature is genuine and its time is not within the
	// tolerance: a replay, or one of the two clocks is wrong.
	ErrStale = errors.New("the signed time is outside the tolerance")
	// ErrExpired means that a provider key is genuine and no longer, or not yet, valid.
	ErrExpired = errors.New("expired or not yet valid")
	// ErrNoSecret means that no secret was given, so nothing can be checked.
	ErrNoSecret = errors.New("no secret is configured")
)

// Secret is a shared secret and the name it is recorded under. Formatting,
// logging or encoding it shows the name only.
//
// Two kinds exist and they are not interchangeable: the partner API key and the
// webhook secret of the integration [documented: docs/vendors/teamtailor.md].
type Secret struct {
	id    string
	value string
}

// NewSecret returns a secret under a name such as "eu" or "eu-previous". The
// bytes of value are used as they are. An empty value never matches anything.
func NewSecret(id, value string) Secret { return Secret{id: id, value: value} }

// ID returns the name given to [NewSecret].
func (s Secret) ID() string { return s.id }

// IsZero reports whether the secret has no value.
func (s Secret) IsZero() bool { return s.value == "" }

// String returns the name, never the value.
func (s Secret) String() string { return "secret " + s.id }

// Format prints what [Secret.String] returns, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns what [Secret.String] does.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// usable drops secrets without a value: an HMAC under an empty key is one that
// anybody can compute.
func usable(secrets []Secret) []Secret {
	kept := make([]Secret, 0, len(secrets))
	for _, s := range secrets {
		if !s.IsZero() {
			kept = append(kept, s)
		}
	}
	return kept
}
