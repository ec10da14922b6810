package atstest

import (
	"encoding/json"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

func settingsDecoderChecks() []check {
	return []check{
		{"valid settings are taken", func(w *world) {
			require.NoError(w.t, w.checkSettings(w.settings()))
		}},
		{"all settings that are not known are refused by name", func(w *world) {
			settings := w.settings()
			settings["not-a-setting-of-yours"] = json.RawMessage(`true`)
			settings["nor-is-this-one"] = json.RawMessage(`{"a":1}`)
			err := w.checkSettings(settings)
			require.ErrorContains(w.t, err, "not-a-setting-of-yours")
			require.ErrorContains(w.t, err, "nor-is-this-one")
		}},
		{"a setting of the wrong kind is refused by name", func(w *world) {
			for name := range w.settings() {
				settings := w.settings()
				settings[name] = json.RawMessage(`[[{"impossible":[]}]]`)
				require.ErrorContains(w.t, w.checkSettings(settings), name)
			}
		}},
		{"what is no JSON object is refused", func(w *world) {
			for _, raw := range []string{`[]`, `"text"`, `{"`, `7`} {
				require.Error(w.t, w.checkRaw(json.RawMessage(raw)), raw)
			}
		}},
		{"nobody is called", func(w *world) {
			if w.Calls == nil {
				w.t.Log("SettingsDecoder: nothing to test, because calls are not counted (Vendor.Calls is nil)")
				return
			}
			before := w.Calls()
			require.NoError(w.t, w.checkSettings(w.settings()))
			require.Equal(w.t, before, w.Calls())
		}},
	}
}

// settings returns a copy of the harness's settings.
func (w *world) settings() map[string]json.RawMessage {
	w.t.Helper()
	var settings map[string]json.RawMessage
	require.NoError(w.t, json.Unmarshal(w.Settings, &settings), "the harness must set Vendor.Settings (needed by ats.SettingsDecoder)")
	require.NotEmpty(w.t, settings)
	return settings
}

func (w *world) checkSettings(settings map[string]json.RawMessage) error {
	w.t.Helper()
	raw, err := json.Marshal(settings)
	require.NoError(w.t, err)
	return w.checkRaw(raw)
}

func (w *world) checkRaw(raw json.RawMessage) error {
	c := w.conn
	c.Settings = raw
	c.Secrets = nil
	return w.quiet(as[ats.SettingsDecoder](w).CheckSettings(c))
}
