-- name: InsertInterview :execrows
-- Package postgres inserts several at once by this text.
INSERT INTO sparkbridge_interviews (
    id, connection_id, request_key, request_digest, scope_key, state, revision, adapter, tenant, type,
    origin, candidate_id, candidate, job_id, job, spark_hire_id, spark_hire, schedule, message, requested_by,
    requested_for_id, requested_for, remarks, reply_to, credential, attempt, attempt_at, next_at, cancel_by, cancel_at,
    spark_hire_scheduled_at, rating_digest, acknowledged, reported_revision, created_at, updated_at, completed_at, ended_at, erased_at
) VALUES (
    @id, @connection_id, @request_key, @request_digest, @scope_key, @state, @revision, @adapter, @tenant, @type,
    @origin, @candidate_id, @candidate, @job_id, @job, @spark_hire_id, @spark_hire, @schedule, @message, @requested_by,
    @requested_for_id, @requested_for, @remarks, @reply_to, @credential, @attempt, @attempt_at, @next_at, @cancel_by, @cancel_at,
    @spark_hire_scheduled_at, @rating_digest, @acknowledged, @reported_revision, @created_at, @updated_at, @completed_at, @ended_at, @erased_at
)
ON CONFLICT (connection_id, request_key) DO NOTHING;

-- name: Interview :one
SELECT * FROM sparkbridge_interviews WHERE id = @id;

-- name: InterviewByKey :one
SELECT * FROM sparkbridge_interviews WHERE connection_id = @connection_id AND request_key = @request_key;

-- name: InterviewBySparkHireID :one
SELECT * FROM sparkbridge_interviews
WHERE spark_hire_id = @spark_hire_id AND spark_hire_id <> '' AND connection_id = @connection_id
ORDER BY id LIMIT 1;

-- name: InterviewInScope :one
-- The newest interview that counts as the same: a pending one when pending is
-- 1, a completed one when completed is 1.
SELECT * FROM sparkbridge_interviews
WHERE connection_id = @connection_id AND scope_key = @scope_key AND scope_key <> ''
    AND ((CAST(@pending AS bigint) = 1 AND state IN ('requested', 'sending', 'sent', 'accepted', 'unconfirmed'))
        OR (CAST(@completed AS bigint) = 1 AND state = 'completed'))
ORDER BY created_at DESC, id DESC LIMIT 1;

-- name: UpdateInterview :execrows
UPDATE sparkbridge_interviews SET
    request_digest = @request_digest, scope_key = @scope_key, state = @state, revision = @revision,
    adapter = @adapter, tenant = @tenant, type = @type, origin = @origin, candidate_id = @candidate_id,
    candidate = @candidate, job_id = @job_id, job = @job, spark_hire_id = @spark_hire_id, spark_hire = @spark_hire,
    schedule = @schedule, message = @message, requested_by = @requested_by, requested_for_id = @requested_for_id,
    requested_for = @requested_for, remarks = @remarks, reply_to = @reply_to, credential = @credential,
    attempt = @attempt, attempt_at = @attempt_at, next_at = @next_at, cancel_by = @cancel_by, cancel_at = @cancel_at,
    spark_hire_scheduled_at = @spark_hire_scheduled_at, rating_digest = @rating_digest, acknowledged = @acknowledged,
    reported_revision = @reported_revision, updated_at = @updated_at, completed_at = @completed_at,
    ended_at = @ended_at, erased_at = @erased_at
WHERE id = @id AND (revision = CAST(@revision AS bigint) - 1 OR revision = @revision);

-- name: InterviewRevision :one
SELECT revision FROM sparkbridge_interviews WHERE id = @id;

-- name: Due :many
SELECT * FROM sparkbridge_interviews
WHERE credential = @credential AND state IN ('requested', 'sending') AND next_at <= @now
ORDER BY next_at, id LIMIT @most;

-- name: NextDue :one
SELECT next_at FROM sparkbridge_interviews
WHERE credential = @credential AND state IN ('requested', 'sending')
ORDER BY next_at, id LIMIT 1;

-- name: Waiting :one
SELECT count(*) FROM (
    SELECT 1 FROM sparkbridge_interviews
    WHERE credential = @credential AND state IN ('requested', 'sending') AND state = 'requested'
    LIMIT @most
) AS counted;

-- name: OldestInState :one
-- The first row of an index, for a state that few or many have.
SELECT credential, created_at FROM sparkbridge_interviews
WHERE connection_id = @connection_id AND state = @state
ORDER BY created_at, id LIMIT 1;

-- name: MoveCredential :exec
UPDATE sparkbridge_interviews SET credential = @credential
WHERE connection_id = @connection_id
    AND state IN ('requested', 'sending', 'sent', 'accepted', 'unconfirmed')
    AND requested_for_id = @requested_for_id
    AND (credential LIKE 'v2/%') = (@credential LIKE 'v2/%');

-- name: UnfinishedInterviews :many
SELECT id FROM sparkbridge_interviews
WHERE connection_id = @connection_id
    AND state IN ('requested', 'sending', 'sent', 'accepted', 'unconfirmed')
    AND requested_for_id = @requested_for_id;

-- name: CandidateInterviews :many
SELECT * FROM sparkbridge_interviews
WHERE candidate_id = @candidate_id AND connection_id = @connection_id
ORDER BY created_at, id;

-- name: PersonalDataBefore :many
SELECT id FROM sparkbridge_interviews
WHERE ended_at > 0 AND erased_at = 0 AND ended_at < @before
ORDER BY ended_at, id LIMIT @most;
