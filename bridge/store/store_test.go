package store_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/bridge/store"
)

func TestTimeIsUTCAndMicroseconds(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 9, 0, 0, 123456789, time.FixedZone("there", 3600))
	require.Equal(t, time.Date(2026, 12, 1, 8, 0, 0, 123456000, time.UTC), store.Time(at))
	require.Equal(t, time.Time{}, store.Time(time.Time{}))
	require.Equal(t, time.Time{}, store.Time(time.Time{}.In(time.FixedZone("there", 3600))))
}

func TestRecordsLogNoPersonalDataAndNoSecrets(t *testing.T) {
	t.Parallel()
	i := store.Interview{
		Interview: ats.Interview{ID: "i1", Candidate: ats.Candidate{ID: "p1", FirstName: "private", Email: "private@mail.example"}, Message: "private"},
		ReplyTo:   []byte("private"),
	}
	user := store.User{ID: "u1", Name: "private", Email: "private@birch.example", Key: []byte("private"), KeyHint: "private"}
	var log strings.Builder
	l := slog.New(slog.NewTextHandler(&log, nil))
	l.Info("all",
		"interview", i,
		"acceptance", store.Acceptance{Interview: i, Event: ats.Event{Text: "private"}},
		"accepted", store.Accepted{Interview: i},
		"connection", store.Connection{ID: "c1", OrganizationKey: []byte("private"), Users: []store.User{user}},
		"user", user,
		"key", store.SealedKey{ConnectionID: "c1", Key: []byte("private")},
	)
	require.NotContains(t, log.String(), "private")
	for _, id := range []string{"interview.id=i1", "connection.id=c1", "u1", "key.connection=c1"} {
		require.Contains(t, log.String(), id)
	}
}
