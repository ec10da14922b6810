package teamtailor

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/internal/sign"
	"github.com/sparkbridge/sparkbridge/ats/teamtailor/teamtailortest"
)

// readyInbox accepts everything at once and keeps nothing.
type readyInbox struct {
	ats.Inbox
	conn ats.Connection
}

func (i readyInbox) Connection(context.Context, ats.TenantRef) (ats.Connection, error) {
	return i.conn, nil
}

func (i readyInbox) Submit(_ context.Context, r ats.Request) (ats.Interview, error) {
	return ats.Interview{ID: "i1", State: ats.StateRequested, Type: r.Type, Schedule: r.Schedule, RequestedFor: i.conn.Users[0]}, nil
}

// BenchmarkWebhook compares the whole way of a trigger without storage with what no
// receiver can do without: reading the body, checking the provider key and the
// signature. 128 calls are on their way at a time.
func BenchmarkWebhook(b *testing.B) {
	now := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	a, err := New(Config{
		PartnerAPIKeys: map[Stack]ats.Secret{AnyStack: "partner-api-key"}, WebhookSecrets: map[Stack]ats.Secret{AnyStack: "webhook-secret"},
		Clock: func() time.Time { return now },
	})
	require.NoError(b, err)
	key := teamtailortest.ProviderKey("partner-api-key", map[string]any{
		"apiKeys": "Organization: org-key-0001\nAsha Lind: user-key-0002" + strings.Repeat("\nName Of Another: user-key-0003", 20),
	})
	in := readyInbox{conn: ats.Connection{
		ID: "c1", Tenant: ats.TenantRef{Adapter: Name, Tenant: "Qw3rTyUi0p"}, Enabled: true, Connected: true,
		CredentialDigest: sign.Digest(key), Users: []ats.User{{ID: "asha-lind", Name: "Asha Lind", Linked: true}},
	}}
	h := &handler{Adapter: a, in: in}
	header := http.Header{}
	header.Set("Authorization", "Bearer "+key)
	header.Set(sign.TriggerHeader, teamtailortest.EventSignature("webhook-secret", "6f1c2a6e-3c1b-4b7e-9a53-0a6a0f6f2d11", now))

	verify := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := readBody(w, req)
		if err == nil {
			_, err = h.credentialOf(req.Header)
		}
		if err == nil {
			_, err = sign.Trigger(req.Header, body, h.webhookSecrets, h.window())
		}
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	for name, serve := range map[string]http.Handler{"verify only": verify, "accept": a.Handler(in)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(64)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					req := httptest.NewRequest(http.MethodPost, "/webhook", strings.NewReader(sample))
					req.Header = header
					rec := httptest.NewRecorder()
					serve.ServeHTTP(rec, req)
					if rec.Code != http.StatusOK {
						b.Error(rec.Code, rec.Body)
						return
					}
				}
			})
		})
	}
}

// BenchmarkFirstCall is what a provider key costs that has not been seen before.
func BenchmarkFirstCall(b *testing.B) {
	a, err := New(Config{
		PartnerAPIKeys: map[Stack]ats.Secret{AnyStack: "partner-api-key"}, WebhookSecrets: map[Stack]ats.Secret{AnyStack: "webhook-secret"},
	})
	require.NoError(b, err)
	header := http.Header{}
	header.Set("Authorization", "Bearer "+teamtailortest.ProviderKey("partner-api-key", map[string]any{"apiKeys": "Organization: 1\nAsha Lind: 2", "exp": 4102444800}))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.credentialOf(header); err != nil {
			b.Fatal(err)
		}
	}
}
