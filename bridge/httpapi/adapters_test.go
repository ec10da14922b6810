package httpapi_test

import (
	"github.com/sparkbridge/sparkbridge/ats"
	"github.com/sparkbridge/sparkbridge/ats/memory"
)

// bareAdapter has no capability.
func bareAdapter(m *memory.Adapter) ats.Adapter { return struct{ ats.Adapter }{m} }

// secretive is an adapter with secret settings.
type secretive struct {
	ats.Adapter

	checked chan ats.Connection
}

func (s secretive) CheckSettings(c ats.Connection) error {
	_, err := ats.DecodeSettings[struct {
		HostURL   string     `json:"host_url"`
		HostToken ats.Secret `json:"host_token"`
	}](c.Settings)
	s.checked <- c
	return err
}
