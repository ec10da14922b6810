package memory

import (
	"context"
	"fmt"
	"slices"

	"github.com/sparkbridge/sparkbridge/ats"
)

// SparkHireUser is what a Spark Hire key leads to, for [Inbox.Lookup].
type SparkHireUser struct {
	Name         string
	Jobs         []ats.Option
	QuestionSets []ats.Option
}

// AddSparkHireUser makes a key known to [Inbox.Lookup]. Other keys are not
// accepted there.
func (i *Inbox) AddSparkHireUser(key ats.Secret, u SparkHireUser) {
	i.mu.Lock()
	defer i.mu.Unlock()
	u.Jobs, u.QuestionSets = slices.Clone(u.Jobs), slices.Clone(u.QuestionSets)
	i.sparkHire[key] = u
}

// Lookup implements [ats.Inbox] with the users of [Inbox.AddSparkHireUser].
// Faults of [Inbox.FailNext] apply to each of its calls.
func (i *Inbox) Lookup() ats.Lookup { return lookup{inbox: i} }

type lookup struct{ inbox *Inbox }

// CheckKey implements [ats.Lookup].
func (l lookup) CheckKey(ctx context.Context, key ats.Secret) (string, error) {
	u, err := l.user(ctx, key)
	return u.Name, err
}

// Jobs implements [ats.Lookup].
func (l lookup) Jobs(ctx context.Context, key ats.Secret) ([]ats.Option, error) {
	u, err := l.user(ctx, key)
	return slices.Clone(u.Jobs), err
}

// QuestionSets implements [ats.Lookup].
func (l lookup) QuestionSets(ctx context.Context, key ats.Secret) ([]ats.Option, error) {
	u, err := l.user(ctx, key)
	return slices.Clone(u.QuestionSets), err
}

func (l lookup) user(ctx context.Context, key ats.Secret) (SparkHireUser, error) {
	if err := l.inbox.begin(ctx); err != nil {
		return SparkHireUser{}, err
	}
	defer l.inbox.mu.Unlock()
	u, ok := l.inbox.sparkHire[key]
	if !ok {
		return SparkHireUser{}, fmt.Errorf("check Spark Hire key: %w", ats.ErrUnauthorized)
	}
	return u, nil
}
