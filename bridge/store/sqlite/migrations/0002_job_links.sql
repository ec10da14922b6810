-- +goose Up
CREATE TABLE sparkbridge_job_links (
    connection_id     TEXT NOT NULL REFERENCES sparkbridge_connections (id),
    job_id            TEXT NOT NULL,
    title             TEXT NOT NULL,
    spark_hire_job_id TEXT NOT NULL,
    question_set_id   TEXT NOT NULL,
    state             TEXT NOT NULL,
    marker            TEXT NOT NULL,
    credential        TEXT NOT NULL,
    attempt_at        INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    PRIMARY KEY (connection_id, job_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX sparkbridge_job_links_age ON sparkbridge_job_links (connection_id, created_at, job_id);

-- +goose Down
DROP TABLE sparkbridge_job_links;
