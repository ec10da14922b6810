package postgres_test

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/bridge/store"
	"github.com/sparkbridge/sparkbridge/bridge/store/postgres"
	"github.com/sparkbridge/sparkbridge/bridge/store/storetest"
	"github.com/sparkbridge/sparkbridge/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, empty)
}

// empty opens a store with nothing in it.
func empty(tb testing.TB, clock func() time.Time) store.Store {
	tb.Helper()
	return open(tb, prepared(tb), postgres.WithClock(clock))
}

// open opens a store that the test's cleanup closes.
func open(tb testing.TB, url string, opts ...postgres.Option) *postgres.Store {
	tb.Helper()
	s, err := postgres.Open(tb.Context(), url, opts...)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}

var template struct {
	once sync.Once
	url  string
}

// prepared returns the URL of a new database that has its tables already.
func prepared(tb testing.TB) string {
	tb.Helper()
	template.once.Do(func() {
		template.url = pgtest.Template(tb, func(url string) error {
			s, err := postgres.Open(context.WithoutCancel(tb.Context()), url)
			if err != nil {
				return err
			}
			return s.Close()
		})
	})
	return pgtest.Clone(tb, template.url)
}
