package ats

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a key or a token. Printing, logging or encoding it shows that there
// is one, never what it is; only [Secret.Reveal] returns it.
//
// Two things it cannot help: package fmt does not call the methods of unexported
// fields, so a struct that keeps a secret in one needs a String method of its
// own; and encoding/json writes the keys of a map as they are.
type Secret string

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s == "" }

// Hint returns the last two characters, for people who must tell keys apart, or
// nothing for a secret of fewer than five characters.
func (s Secret) Hint() string {
	if len(s) < 5 {
		return ""
	}
	return "…" + string(s[len(s)-2:])
}

// String returns a placeholder, or nothing for no secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// Format writes what [Secret.String] returns, whatever the verb: with a wrong one
// package fmt would write the secret itself.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// GoString returns what [Secret.String] does.
func (s Secret) GoString() string { return s.String() }

// LogValue returns what [Secret.String] does.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns what [Secret.String] does, so that encoding a struct does
// not leak the secrets in it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
