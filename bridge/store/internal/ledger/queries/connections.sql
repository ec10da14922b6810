-- name: Connection :one
SELECT * FROM sparkbridge_connections WHERE id = @id;

-- name: ConnectionByTenant :one
SELECT * FROM sparkbridge_connections WHERE adapter = @adapter AND tenant = @tenant;

-- name: ConnectionByDigest :one
SELECT * FROM sparkbridge_connections
WHERE adapter = @adapter AND credential_digest = @credential_digest AND credential_digest <> '' AND connected = 1
ORDER BY created_at, id LIMIT 1;

-- name: SaveConnection :exec
INSERT INTO sparkbridge_connections (
    id, adapter, tenant, name, time_zone, enabled, connected, settings, credential_digest, api_version,
    organization_key, organization_credential, primary_user, created_at, updated_at
) VALUES (
    @id, @adapter, @tenant, @name, @time_zone, @enabled, @connected, @settings, @credential_digest, @api_version,
    @organization_key, @organization_credential, @primary_user, @created_at, @updated_at
)
ON CONFLICT (id) DO UPDATE SET
    adapter = excluded.adapter, tenant = excluded.tenant, name = excluded.name, time_zone = excluded.time_zone,
    enabled = excluded.enabled, connected = excluded.connected, settings = excluded.settings,
    credential_digest = excluded.credential_digest, api_version = excluded.api_version,
    organization_key = excluded.organization_key, organization_credential = excluded.organization_credential,
    primary_user = excluded.primary_user, created_at = excluded.created_at, updated_at = excluded.updated_at;

-- name: Users :many
SELECT * FROM sparkbridge_users WHERE connection_id = @connection_id ORDER BY place;

-- name: SaveUser :exec
INSERT INTO sparkbridge_users (connection_id, id, place, name, email, time_zone, sealed_key, key_hint, credential)
VALUES (@connection_id, @id, @place, @name, @email, @time_zone, @sealed_key, @key_hint, @credential);

-- name: DeleteUsers :exec
DELETE FROM sparkbridge_users WHERE connection_id = @connection_id;

-- name: PageOfConnections :many
SELECT * FROM sparkbridge_connections
WHERE (created_at, id) > (@after_at, CAST(@after_id AS text)) AND connected >= @connected
ORDER BY created_at, id LIMIT @most;

-- name: PageOfAdapterConnections :many
SELECT * FROM sparkbridge_connections
WHERE adapter = @adapter AND (created_at, id) > (@after_at, CAST(@after_id AS text)) AND connected >= @connected
ORDER BY created_at, id LIMIT @most;

-- name: Secret :one
SELECT sealed FROM sparkbridge_secrets WHERE connection_id = @connection_id AND name = @name;

-- name: SecretNames :many
SELECT name FROM sparkbridge_secrets WHERE connection_id = @connection_id ORDER BY name;

-- name: SaveSecret :exec
INSERT INTO sparkbridge_secrets (connection_id, name, sealed) VALUES (@connection_id, @name, @sealed)
ON CONFLICT (connection_id, name) DO UPDATE SET sealed = excluded.sealed;

-- name: DeleteSecret :exec
DELETE FROM sparkbridge_secrets WHERE connection_id = @connection_id AND name = @name;

-- name: DeleteSecrets :exec
DELETE FROM sparkbridge_secrets WHERE connection_id = @connection_id;

-- name: ForgetOrganizationKey :exec
UPDATE sparkbridge_connections SET organization_key = NULL, organization_credential = '' WHERE id = @id;

-- name: ForgetUserKeys :exec
UPDATE sparkbridge_users SET sealed_key = NULL, key_hint = '', credential = '' WHERE connection_id = @connection_id;

-- name: UserKey :one
SELECT connection_id, id, sealed_key FROM sparkbridge_users
WHERE credential = @credential AND credential <> '' AND sealed_key IS NOT NULL
LIMIT 1;

-- name: OrganizationKey :one
SELECT id, organization_key FROM sparkbridge_connections
WHERE organization_credential = @organization_credential AND organization_credential <> '' AND organization_key IS NOT NULL
LIMIT 1;
