-- +goose Up
CREATE TABLE sparkbridge_job_links (
    connection_id     text COLLATE "C" NOT NULL REFERENCES sparkbridge_connections (id),
    job_id            text COLLATE "C" NOT NULL,
    title             text COLLATE "C" NOT NULL,
    spark_hire_job_id text COLLATE "C" NOT NULL,
    question_set_id   text COLLATE "C" NOT NULL,
    state             text COLLATE "C" NOT NULL,
    marker            text COLLATE "C" NOT NULL,
    credential        text COLLATE "C" NOT NULL,
    attempt_at        bigint NOT NULL,
    created_at        bigint NOT NULL,
    updated_at        bigint NOT NULL,
    PRIMARY KEY (connection_id, job_id)
);

CREATE INDEX sparkbridge_job_links_age ON sparkbridge_job_links (connection_id, created_at, job_id);

-- +goose Down
DROP TABLE sparkbridge_job_links;
