package ats_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sparkbridge/sparkbridge/ats"
)

func TestASecretSettingIsToldByItsName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"company_webhook_key": true, "host_token": true, "client_secret": true, "account_password": true,
		"date_field": false, "host_url": false, "client_id": false, "provider_key_sha256": false, "key": false, "": false,
	} {
		require.Equal(t, want, ats.SecretSetting(name), name)
	}
}
