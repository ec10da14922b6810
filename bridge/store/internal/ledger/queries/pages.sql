-- One query per leading filter, so that each has its index; the other filters are
-- checked row by row and match everything when empty. Pages go from the cursor
-- (before_at, before_id) to older interviews.

-- name: PageOfAll :many
SELECT * FROM sparkbridge_interviews
WHERE (created_at, id) < (@before_at, CAST(@before_id AS text))
    AND (CAST(@state AS text) = '' OR state = @state)
ORDER BY created_at DESC, id DESC LIMIT @most;

-- name: PageOfConnection :many
SELECT * FROM sparkbridge_interviews
WHERE connection_id = @connection_id AND (created_at, id) < (@before_at, CAST(@before_id AS text))
ORDER BY created_at DESC, id DESC LIMIT @most;

-- name: PageOfState :many
SELECT * FROM sparkbridge_interviews
WHERE connection_id = @connection_id AND state = @state AND (created_at, id) < (@before_at, CAST(@before_id AS text))
ORDER BY created_at DESC, id DESC LIMIT @most;

-- name: PageOfCandidate :many
SELECT * FROM sparkbridge_interviews
WHERE candidate_id = @candidate_id AND connection_id = @connection_id AND (created_at, id) < (@before_at, CAST(@before_id AS text))
    AND (CAST(@job_id AS text) = '' OR job_id = @job_id)
    AND (CAST(@state AS text) = '' OR state = @state)
ORDER BY created_at DESC, id DESC LIMIT @most;

-- name: PageOfCandidateAnywhere :many
SELECT * FROM sparkbridge_interviews
WHERE candidate_id = @candidate_id AND (created_at, id) < (@before_at, CAST(@before_id AS text))
    AND (CAST(@job_id AS text) = '' OR job_id = @job_id)
    AND (CAST(@state AS text) = '' OR state = @state)
ORDER BY created_at DESC, id DESC LIMIT @most;

-- name: PageOfJob :many
SELECT * FROM sparkbridge_interviews
WHERE job_id = @job_id AND job_id <> '' AND connection_id = @connection_id AND (created_at, id) < (@before_at, CAST(@before_id AS text))
    AND (CAST(@state AS text) = '' OR state = @state)
ORDER BY created_at DESC, id DESC LIMIT @most;

-- name: PageOfJobAnywhere :many
SELECT * FROM sparkbridge_interviews
WHERE job_id = @job_id AND job_id <> '' AND (created_at, id) < (@before_at, CAST(@before_id AS text))
    AND (CAST(@state AS text) = '' OR state = @state)
ORDER BY created_at DESC, id DESC LIMIT @most;
