package atstest

import (
	"encoding/json"
	"net/url"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

// unreadable returns settings that no adapter can read.
func unreadable() []json.RawMessage {
	return []json.RawMessage{nil, json.RawMessage(`null`), json.RawMessage(`{"not-a-setting-of-yours":true}`), json.RawMessage(`{"`), json.RawMessage(`7`)}
}

func policyTailorChecks() []check {
	return []check{
		{"the rules of a connection are without contradiction", func(w *world) {
			require.NoError(w.t, w.policyFor(w.conn).Validate())
		}},
		{"the rules of a connection stay the same", func(w *world) {
			first := w.policyFor(w.conn)
			require.Equal(w.t, first, w.policyFor(w.conn))
		}},
		{"settings that cannot be read change nothing", func(w *world) {
			for _, settings := range unreadable() {
				c := w.conn
				c.Settings = settings
				require.Equal(w.t, w.Adapter.Policy(), w.policyFor(c), "settings %s", settings)
			}
		}},
	}
}

func (w *world) policyFor(c ats.Connection) ats.Policy { return as[ats.PolicyTailor](w).PolicyFor(c) }

func gatekeeperChecks() []check {
	return []check{
		{"the gate is open for a connection in use", func(w *world) {
			require.NoError(w.t, w.gate(w.conn))
		}},
		{"a shut gate is a refusal that says what to do", func(w *world) {
			for _, settings := range unreadable() {
				c := w.conn
				c.Settings = settings
				if err := w.gate(c); err != nil {
					refusal, ok := ats.AsRefusal(err)
					require.True(w.t, ok, "settings %s: %v is no refusal", settings, err)
					require.NotEmpty(w.t, refusal.Code)
					require.NotEmpty(w.t, refusal.Message)
				}
			}
		}},
	}
}

func (w *world) gate(c ats.Connection) error { return w.quiet(as[ats.Gatekeeper](w).Gate(c)) }

func authorizerChecks() []check {
	flow := ats.AuthorizationFlow{
		State: "state-7d1c", Verifier: "a-verifier-of-at-least-forty-three-characters-0123",
		RedirectURL: "https://bridge.example/oauth/callback", User: ats.User{ID: "user-1"},
	}
	return []check{
		{"the browser is sent out with the state and without the verifier", func(w *world) {
			text, err := as[ats.Authorizer](w).AuthorizationURL(w.t.Context(), w.conn, flow)
			require.NoError(w.t, w.quiet(err))
			u, err := url.Parse(text)
			require.NoError(w.t, err)
			require.True(w.t, u.IsAbs(), "the address is absolute")
			require.Equal(w.t, flow.State, u.Query().Get("state"))
			require.NotContains(w.t, text, flow.Verifier)
		}},
		{"a code that nobody gave out is not accepted", func(w *world) {
			err := w.quiet(as[ats.Authorizer](w).Authorize(w.t.Context(), w.conn, flow, "not-a-code-of-yours"))
			require.ErrorIs(w.t, err, ats.ErrUnauthorized)
		}},
	}
}
