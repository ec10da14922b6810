package keyform

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// MaxText is the longest text that [Parse] reads, in bytes. A thousand users fit.
const MaxText = 128 << 10

// Form is the content of a valid activation form.
type Form struct {
	// Organization is the key for reads of the whole account.
	Organization Key
	// Users are in the order of the form; names and ids are unique.
	Users []User
}

// User returns the user with an id, as the trigger form sends it.
func (f Form) User(id string) (User, bool) {
	for _, u := range f.Users {
		if u.ID == id {
			return u, true
		}
	}
	return User{}, false
}

// LogValue shows how many users there are and nothing about them.
func (f Form) LogValue() slog.Value {
	return slog.GroupValue(slog.Bool("organization", f.Organization != Key{}), slog.Int("users", len(f.Users)))
}

// User is a named user of the form.
type User struct {
	// ID is [ID] of Name. It stays the same when the key is rotated, which matters
	// because a trigger that was saved once keeps sending it for years.
	ID string
	// Name is as written, with runs of spaces reduced to one.
	Name string
	// Key is the user's own key.
	Key Key
	// Line is the line of the form, from 1.
	Line int
}

// Format prints the line only: a name is personal data.
func (u User) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "user of line %d", u.Line) }

// LogValue shows the line only.
func (u User) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(u)) }

// ID returns the id of a user name: lower case, with dashes for spaces. It is part
// of the contract with the trigger form; changing it breaks saved triggers.
func ID(name string) string {
	return strings.ReplaceAll(strings.ToLower(tidy(name)), " ", "-")
}

// Key is one pasted key. Formatting, logging or encoding it shows nothing of it;
// only [Key.Reveal] returns it.
type Key struct{ value string }

// NewKey returns a key as it is, for tests and for keys that came another way.
func NewKey(value string) Key { return Key{value} }

// Reveal returns the key itself.
func (k Key) Reveal() string { return k.value }

// Format prints a placeholder, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[redacted]") }

// LogValue returns a placeholder.
func (k Key) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// Error holds every problem of a form. Its text and its messages can be shown to
// the administrator and written to a log.
type Error struct {
	Problems []Problem // in the order of their lines; never empty
}

// Error joins the messages.
func (e *Error) Error() string { return "activation form: " + strings.Join(e.Messages(), " ") }

// Messages returns a sentence for each problem.
func (e *Error) Messages() []string {
	texts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		texts[i] = p.String()
	}
	return texts
}

// Problem is one thing to correct.
type Problem struct {
	Line int    // from 1, blank lines counted; 0 for the form as a whole
	Text string // without the line, without a period: "no key after the name"
}

// String returns the problem as a sentence that starts with its line.
func (p Problem) String() string {
	if p.Line == 0 {
		return strings.ToUpper(p.Text[:1]) + p.Text[1:] + "."
	}
	return fmt.Sprintf("Line %d: %s.", p.Line, p.Text)
}
