package atstest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

func adapterChecks() []check {
	return []check{
		{"the name is lower-case letters and digits and stays the same", func(w *world) {
			name := w.Adapter.Name()
			require.Regexp(w.t, `^[a-z0-9]+$`, name)
			require.Equal(w.t, name, w.Adapter.Name())
		}},
		{"the policy has no contradictions", func(w *world) {
			require.NoError(w.t, w.Adapter.Policy().Validate())
		}},
		{"the policy is the same on every call, whatever a caller does to it", func(w *world) {
			p := w.Adapter.Policy()
			want := fmt.Sprintf("%+v", p)
			p.Types[0] = "altered"
			p.QuestionSet["altered"] = ats.Required
			require.Equal(w.t, want, fmt.Sprintf("%+v", w.Adapter.Policy()), "Policy must return copies of its slices and maps")
		}},
		{"the connection is one of the adapter's", func(w *world) {
			require.Equal(w.t, w.Adapter.Name(), w.conn.Tenant.Adapter)
			require.NotEmpty(w.t, w.conn.Tenant.Tenant)
			require.True(w.t, w.conn.Connected)
			found, err := w.inbox.Connection(w.ctx(), w.conn.Tenant)
			require.NoError(w.t, err, "Connect must return a connection of env.Inbox")
			require.Equal(w.t, w.conn.ID, found.ID)
		}},
	}
}
