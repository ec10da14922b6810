-- name: JobLink :one
SELECT * FROM sparkbridge_job_links WHERE connection_id = @connection_id AND job_id = @job_id;

-- name: JobLinks :many
SELECT * FROM sparkbridge_job_links WHERE connection_id = @connection_id ORDER BY created_at, job_id;

-- name: SaveJobLink :exec
INSERT INTO sparkbridge_job_links (
    connection_id, job_id, title, spark_hire_job_id, question_set_id, state, marker, credential, attempt_at, created_at, updated_at
) VALUES (
    @connection_id, @job_id, @title, @spark_hire_job_id, @question_set_id, @state, @marker, @credential, @attempt_at, @created_at, @updated_at
)
ON CONFLICT (connection_id, job_id) DO UPDATE SET
    title = excluded.title, spark_hire_job_id = excluded.spark_hire_job_id, question_set_id = excluded.question_set_id,
    state = excluded.state, marker = excluded.marker, credential = excluded.credential, attempt_at = excluded.attempt_at,
    updated_at = excluded.updated_at;

-- name: DeleteJobLink :exec
DELETE FROM sparkbridge_job_links WHERE connection_id = @connection_id AND job_id = @job_id;
