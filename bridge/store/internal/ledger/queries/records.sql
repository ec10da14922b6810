-- name: Delivery :one
SELECT * FROM sparkbridge_deliveries WHERE interview_id = @interview_id;

-- name: SaveDelivery :exec
INSERT INTO sparkbridge_deliveries (
    interview_id, connection_id, state, failures, first_failed_at, next_at, last_error, updated_at
) VALUES (
    @interview_id, @connection_id, @state, @failures, @first_failed_at, @next_at, @last_error, @updated_at
)
ON CONFLICT (interview_id) DO UPDATE SET
    connection_id = excluded.connection_id, state = excluded.state, failures = excluded.failures,
    first_failed_at = excluded.first_failed_at, next_at = excluded.next_at, last_error = excluded.last_error,
    updated_at = excluded.updated_at;

-- name: PageOfDeliveries :many
SELECT * FROM sparkbridge_deliveries
WHERE state = @state AND (updated_at, interview_id) > (@after_at, CAST(@after_id AS text))
ORDER BY updated_at, interview_id LIMIT @most;

-- name: Limit :one
SELECT * FROM sparkbridge_limits WHERE credential = @credential;

-- name: SaveLimit :exec
INSERT INTO sparkbridge_limits (credential, sends, blocked_until) VALUES (@credential, @sends, @blocked_until)
ON CONFLICT (credential) DO UPDATE SET sends = excluded.sends, blocked_until = excluded.blocked_until;

-- name: Watermark :one
SELECT at FROM sparkbridge_watermarks WHERE connection_id = @connection_id AND credential = @credential;

-- name: SaveWatermark :exec
INSERT INTO sparkbridge_watermarks (connection_id, credential, at) VALUES (@connection_id, @credential, @at)
ON CONFLICT (connection_id, credential) DO UPDATE SET at = excluded.at;

-- name: InsertAudit :exec
INSERT INTO sparkbridge_audit (at, connection_id, interview_id, actor, action, detail)
VALUES (@at, @connection_id, @interview_id, @actor, @action, @detail);
