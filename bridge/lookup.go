package bridge

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/sparkbridge/sparkbridge/ats"
)

// Lookup reads from Spark Hire what forms offer: see [ats.Lookup].
func (b *Bridge) Lookup() ats.Lookup { return lookup{b} }

type lookup struct{ b *Bridge }

func (l lookup) CheckKey(ctx context.Context, key ats.Secret) (string, error) {
	s, _, err := l.with(key)
	if err != nil {
		return "", err
	}
	name, err := s.KeyOwner(ctx)
	return name, lookupError(err)
}

func (l lookup) Jobs(ctx context.Context, key ats.Secret) ([]ats.Option, error) {
	s, credential, err := l.with(key)
	if err != nil {
		return nil, err
	}
	options, err := l.b.lists.get("jobs/"+credential, l.b.now(), func() ([]ats.Option, error) { return s.Jobs(ctx) })
	return options, lookupError(err)
}

func (l lookup) QuestionSets(ctx context.Context, key ats.Secret) ([]ats.Option, error) {
	s, credential, err := l.with(key)
	if err != nil {
		return nil, err
	}
	options, err := l.b.lists.get("question sets/"+credential, l.b.now(), func() ([]ats.Option, error) { return s.QuestionSets(ctx) })
	return options, lookupError(err)
}

func (l lookup) with(key ats.Secret) (spark, string, error) {
	if key.IsZero() {
		return nil, "", &vendorError{kind: ats.ErrUnauthorized, err: errors.New("there is no key")}
	}
	credential := l.b.credentialOf(key)
	s, err := l.b.open(key, &budget{b: l.b, credential: credential})
	return s, credential, err
}

// lookupError makes "it did not answer" one kind: nothing in a form depends on
// whether a read had an effect.
func lookupError(err error) error {
	if err == nil || !errors.Is(err, errOutcomeUnknown) {
		return err
	}
	return errors.Join(ats.ErrUnavailable, err)
}

// listCache keeps the lists that forms show for a short while, because one form
// is asked for several times while a person fills it in.
type listCache struct {
	mu    sync.Mutex
	lists map[string]cachedList
}

type cachedList struct {
	options []ats.Option
	at      time.Time
}

// listTTL is how long a new job may be missing in a form.
const listTTL = 20 * time.Second

func (c *listCache) get(key string, now time.Time, read func() ([]ats.Option, error)) ([]ats.Option, error) {
	c.mu.Lock()
	e, ok := c.lists[key]
	c.mu.Unlock()
	if age := now.Sub(e.at); ok && age >= 0 && age < listTTL {
		return e.options, nil
	}
	options, err := read()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	const most = 1000
	if c.lists == nil || len(c.lists) >= most {
		c.lists = map[string]cachedList{}
	}
	c.lists[key] = cachedList{options: options, at: now}
	return options, nil
}

// drop makes the next get read again.
func (c *listCache) drop(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.lists, key)
}
