-- name: InsertFirstEvent :exec
-- Package postgres inserts several at once by this text.
INSERT INTO sparkbridge_events (interview_id, seq, key, kind, at, text, actor, data, reportable, acknowledged)
VALUES (@interview_id, @seq, @key, @kind, @at, @text, @actor, @data, @reportable, @acknowledged);

-- name: InsertEvent :execrows
-- The next seq, unless the interview has the key already.
INSERT INTO sparkbridge_events (interview_id, seq, key, kind, at, text, actor, data, reportable, acknowledged)
SELECT
    CAST(@interview_id AS text),
    coalesce((SELECT max(seq) FROM sparkbridge_events WHERE interview_id = @interview_id), 0) + 1,
    CAST(@key AS text), CAST(@kind AS text), CAST(@at AS bigint), CAST(@text AS text), CAST(@actor AS text),
    CAST(@data AS text), CAST(@reportable AS bigint), 0
WHERE NOT EXISTS (SELECT 1 FROM sparkbridge_events WHERE interview_id = @interview_id AND key = @key);

-- name: Events :many
SELECT * FROM sparkbridge_events WHERE interview_id = @interview_id ORDER BY seq;

-- name: UnacknowledgedEvents :many
SELECT * FROM sparkbridge_events
WHERE interview_id = @interview_id AND reportable = 1 AND acknowledged = 0
ORDER BY seq;

-- name: AcknowledgeEvents :exec
UPDATE sparkbridge_events SET acknowledged = 1
WHERE interview_id = @interview_id AND seq <= @seq AND acknowledged = 0;

-- name: EraseEvents :exec
UPDATE sparkbridge_events SET text = '', actor = '', data = '' WHERE interview_id = @interview_id;
