package memory

import "github.com/sparkbridge/sparkbridge/ats"

// Settings are what a connection to this adapter can be told.
type Settings struct {
	// HideScore keeps ratings off the cards.
	HideScore bool `json:"hide_score,omitempty"`
}

// CheckSettings implements [ats.SettingsDecoder].
func (a *Adapter) CheckSettings(c ats.Connection) error {
	_, err := ats.DecodeSettings[Settings](c.Settings)
	return err
}
