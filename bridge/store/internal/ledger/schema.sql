-- The tables as sqlc sees them, in PostgreSQL's words. Each database has
-- migrations of its own; a test compares their columns with these.
--
-- Times are microseconds since 1970, 0 for none. Yes and no are 1 and 0. JSON is
-- text. Names begin with sparkbridge_ because the database may be a host's.

CREATE TABLE sparkbridge_connections (
    id                      text PRIMARY KEY,
    adapter                 text NOT NULL,
    tenant                  text NOT NULL,
    name                    text NOT NULL,
    time_zone               text NOT NULL,
    enabled                 bigint NOT NULL,
    connected               bigint NOT NULL,
    settings                text NOT NULL,
    credential_digest       text NOT NULL,
    api_version             text NOT NULL,
    organization_key        bytea,
    organization_credential text NOT NULL,
    primary_user            text NOT NULL,
    created_at              bigint NOT NULL,
    updated_at              bigint NOT NULL
);

CREATE TABLE sparkbridge_users (
    connection_id text NOT NULL,
    id            text NOT NULL,
    place         bigint NOT NULL, -- in Connection.Users
    name          text NOT NULL,
    email         text NOT NULL,
    time_zone     text NOT NULL,
    sealed_key    bytea,
    key_hint      text NOT NULL,
    credential    text NOT NULL,
    PRIMARY KEY (connection_id, id)
);

CREATE TABLE sparkbridge_secrets (
    connection_id text NOT NULL,
    name          text NOT NULL,
    sealed        bytea NOT NULL,
    PRIMARY KEY (connection_id, name)
);

CREATE TABLE sparkbridge_job_links (
    connection_id     text NOT NULL,
    job_id            text NOT NULL, -- the ATS's
    title             text NOT NULL,
    spark_hire_job_id text NOT NULL, -- '' until Spark Hire has answered
    question_set_id   text NOT NULL,
    state             text NOT NULL,
    marker            text NOT NULL,
    credential        text NOT NULL,
    attempt_at        bigint NOT NULL,
    created_at        bigint NOT NULL,
    updated_at        bigint NOT NULL,
    PRIMARY KEY (connection_id, job_id)
);

CREATE TABLE sparkbridge_interviews (
    id                      text PRIMARY KEY,
    connection_id           text NOT NULL,
    request_key             text NOT NULL,
    request_digest          text NOT NULL,
    scope_key               text NOT NULL,
    state                   text NOT NULL,
    revision                bigint NOT NULL,
    adapter                 text NOT NULL,
    tenant                  text NOT NULL,
    type                    text NOT NULL,
    origin                  text NOT NULL,
    candidate_id            text NOT NULL,
    candidate               text NOT NULL, -- JSON, personal data
    job_id                  text NOT NULL,
    job                     text NOT NULL, -- JSON
    spark_hire_id           text NOT NULL, -- '' before Spark Hire has answered
    spark_hire              text NOT NULL, -- JSON
    schedule                text NOT NULL, -- JSON
    message                 text NOT NULL,
    requested_by            text NOT NULL, -- JSON
    requested_for_id        text NOT NULL,
    requested_for           text NOT NULL, -- JSON
    remarks                 text NOT NULL, -- JSON: reason and notice
    reply_to                text NOT NULL, -- JSON
    credential              text NOT NULL,
    attempt                 bigint NOT NULL,
    attempt_at              bigint NOT NULL,
    next_at                 bigint NOT NULL,
    cancel_by               text NOT NULL,
    cancel_at               bigint NOT NULL,
    spark_hire_scheduled_at bigint NOT NULL,
    rating_digest           text NOT NULL,
    acknowledged            text NOT NULL,
    reported_revision       bigint NOT NULL,
    created_at              bigint NOT NULL,
    updated_at              bigint NOT NULL,
    completed_at            bigint NOT NULL,
    ended_at                bigint NOT NULL,
    erased_at               bigint NOT NULL
);

CREATE TABLE sparkbridge_events (
    interview_id text NOT NULL,
    seq          bigint NOT NULL,
    key          text NOT NULL,
    kind         text NOT NULL,
    at           bigint NOT NULL,
    text         text NOT NULL,
    actor        text NOT NULL,
    data         text NOT NULL, -- JSON
    reportable   bigint NOT NULL,
    acknowledged bigint NOT NULL,
    PRIMARY KEY (interview_id, seq)
);

CREATE TABLE sparkbridge_deliveries (
    interview_id    text PRIMARY KEY,
    connection_id   text NOT NULL,
    state           text NOT NULL,
    failures        bigint NOT NULL,
    first_failed_at bigint NOT NULL,
    next_at         bigint NOT NULL,
    last_error      text NOT NULL,
    updated_at      bigint NOT NULL
);

CREATE TABLE sparkbridge_limits (
    credential    text PRIMARY KEY,
    sends         bytea NOT NULL, -- see encodeSends
    blocked_until bigint NOT NULL
);

CREATE TABLE sparkbridge_watermarks (
    connection_id text NOT NULL,
    credential    text NOT NULL,
    at            bigint NOT NULL,
    PRIMARY KEY (connection_id, credential)
);

CREATE TABLE sparkbridge_audit (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at            bigint NOT NULL,
    connection_id text NOT NULL,
    interview_id  text NOT NULL,
    actor         text NOT NULL,
    action        text NOT NULL,
    detail        text NOT NULL
);

-- Nudges for later. The queue moves them into River's table when their time
-- comes: see package queue.
CREATE TABLE sparkbridge_alarms (
    at   bigint NOT NULL,
    kind text NOT NULL,
    id   text NOT NULL,
    PRIMARY KEY (at, kind, id)
);
