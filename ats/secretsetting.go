package ats

import "strings"

// SecretSetting reports whether the setting of that name is a secret, which is
// told by the end of the name: _key, _token, _secret or _password. The engine
// keeps such settings sealed, under their names in [Connection.Secrets], and leaves
// them out of [Connection.Settings] and of whatever it shows. Only
// [SettingsDecoder.CheckSettings] sees new ones among the settings. An adapter
// that has a secret setting must name it so, and must read it from the secrets.
func SecretSetting(name string) bool {
	for _, end := range []string{"_key", "_token", "_secret", "_password"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
