package topechelon

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// claimLife is how long a claim is somebody's: longer than a write may take, see
// recordBudget. After that whoever claimed has died, and nobody knows how far it came.
const claimLife = 3 * time.Minute

// ledger notes what has been written to Top Echelon, among a connection's sealed
// secrets: there is no key that would make a write repeatable, so each is claimed
// before it is made, by compare and swap.
type ledger struct {
	secrets ats.SecretStore
	now     func() time.Time
}

// entryState is how far a write has come.
type entryState string

const (
	entryNone    entryState = ""
	entryWanted  entryState = "wanted" // not made yet, because something was missing
	entryClaimed entryState = "claimed"
	entryDone    entryState = "done"
	entryUnknown entryState = "unknown" // made, perhaps
)

// entry is what the ledger holds about one write.
type entry struct {
	name  string
	text  ats.Secret // as stored
	state entryState
	arg   string // the time of a claim, or the id that came of a write
}

// look reads an entry; there is one for every name.
func (l ledger) look(ctx context.Context, name string) (entry, error) {
	text, err := l.secrets.Get(ctx, name)
	if errors.Is(err, ats.ErrNotFound) {
		return entry{name: name}, nil
	}
	if err != nil {
		return entry{}, fmt.Errorf("look up %s: %w", name, err)
	}
	state, rest, _ := strings.Cut(text.Reveal(), " ")
	arg, _, _ := strings.Cut(rest, " ")
	return entry{name: name, text: text, state: entryState(state), arg: arg}, nil
}

// busy returns when a claim ends that somebody may still be working on, and false when
// there is none.
func (l ledger) busy(e entry) (time.Time, bool) {
	if e.state != entryClaimed {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339, e.arg)
	if err != nil {
		return time.Time{}, false
	}
	end := at.Add(claimLife)
	return end, l.now().Before(end)
}

// claim takes an entry for the caller alone. Somebody else's claim is an
// [*ats.RetryLaterError].
func (l ledger) claim(ctx context.Context, e entry) (entry, error) {
	now := l.now().UTC()
	if end, busy := l.busy(e); busy {
		return e, later(e.name, now, end)
	}
	claimed := entry{name: e.name, state: entryClaimed, arg: now.Format(time.RFC3339)}
	claimed.text = ats.Secret(string(entryClaimed) + " " + claimed.arg + " " + rand.Text())
	err := l.secrets.CompareAndSwap(ctx, e.name, e.text, claimed.text)
	if errors.Is(err, ats.ErrConflict) {
		return e, later(e.name, now, now.Add(claimLife))
	}
	if err != nil {
		return e, fmt.Errorf("claim %s: %w", e.name, err)
	}
	return claimed, nil
}

// lookAgain is when to come back to what somebody else is writing: most writes are
// over then.
const lookAgain = 15 * time.Second

func later(name string, now, end time.Time) error {
	at := now.Add(lookAgain)
	if end.Before(at) {
		at = end
	}
	return &ats.RetryLaterError{At: at, Err: fmt.Errorf("%s is being written by somebody else", name)}
}

// settle replaces an entry by what came of it. It does its work although ctx has
// ended, because what happened must be noted.
func (l ledger) settle(ctx context.Context, e entry, state entryState, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	text := ats.Secret(strings.TrimSpace(string(state) + " " + id))
	if err := l.secrets.CompareAndSwap(ctx, e.name, e.text, text); err != nil {
		return fmt.Errorf("note %s as %q: %w", e.name, state, err)
	}
	return nil
}
