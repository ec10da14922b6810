-- name: SaveAlarm :exec
INSERT INTO sparkbridge_alarms (at, kind, id) VALUES (@at, @kind, @id) ON CONFLICT (at, kind, id) DO NOTHING;

-- name: NextAlarm :one
SELECT at FROM sparkbridge_alarms ORDER BY at LIMIT 1;

-- name: DueAlarms :many
SELECT * FROM sparkbridge_alarms WHERE at <= @now ORDER BY at, kind, id LIMIT @most;

-- name: DeleteAlarms :exec
-- Up to and including the last one of DueAlarms.
DELETE FROM sparkbridge_alarms WHERE (at, kind, id) <= (@at, CAST(@kind AS text), CAST(@id AS text));
