-- name: SaveAlarm :exec
-- An equal alarm is locked, so that it does not ring before this transaction ends.
INSERT INTO sparkbridge_alarms (at, kind, id) VALUES (@at, @kind, @id)
ON CONFLICT (at, kind, id) DO UPDATE SET at = excluded.at;

-- name: NextAlarm :one
SELECT at FROM sparkbridge_alarms ORDER BY at LIMIT 1;

-- name: TakeAlarms :many
-- Removes exactly what it returns: an alarm that is committed meanwhile stays.
DELETE FROM sparkbridge_alarms WHERE (at, kind, id) IN (
    SELECT due.at, due.kind, due.id FROM sparkbridge_alarms AS due WHERE due.at <= @now ORDER BY due.at, due.kind, due.id LIMIT @most
) RETURNING *;
