-- +goose Up
-- Texts are compared byte by byte, whatever the database's locale: no index breaks
-- when the operating system's rules of sorting change.
CREATE TABLE sparkbridge_connections (
    id                      text COLLATE "C" PRIMARY KEY,
    adapter                 text COLLATE "C" NOT NULL,
    tenant                  text COLLATE "C" NOT NULL,
    name                    text COLLATE "C" NOT NULL,
    time_zone               text COLLATE "C" NOT NULL,
    enabled                 bigint NOT NULL,
    connected               bigint NOT NULL,
    settings                text COLLATE "C" NOT NULL,
    credential_digest       text COLLATE "C" NOT NULL,
    api_version             text COLLATE "C" NOT NULL,
    organization_key        bytea,
    organization_credential text COLLATE "C" NOT NULL,
    primary_user            text COLLATE "C" NOT NULL,
    created_at              bigint NOT NULL,
    updated_at              bigint NOT NULL
);

CREATE UNIQUE INDEX sparkbridge_connections_tenant ON sparkbridge_connections (adapter, tenant);
CREATE INDEX sparkbridge_connections_digest ON sparkbridge_connections (adapter, credential_digest, created_at, id) WHERE credential_digest <> '';
CREATE INDEX sparkbridge_connections_credential ON sparkbridge_connections (organization_credential) WHERE organization_credential <> '';
CREATE INDEX sparkbridge_connections_created ON sparkbridge_connections (created_at, id);
CREATE INDEX sparkbridge_connections_adapter ON sparkbridge_connections (adapter, created_at, id);

CREATE TABLE sparkbridge_users (
    connection_id text COLLATE "C" NOT NULL REFERENCES sparkbridge_connections (id),
    id            text COLLATE "C" NOT NULL,
    place         bigint NOT NULL,
    name          text COLLATE "C" NOT NULL,
    email         text COLLATE "C" NOT NULL,
    time_zone     text COLLATE "C" NOT NULL,
    sealed_key    bytea,
    key_hint      text COLLATE "C" NOT NULL,
    credential    text COLLATE "C" NOT NULL,
    PRIMARY KEY (connection_id, id)
);

CREATE INDEX sparkbridge_users_credential ON sparkbridge_users (credential) WHERE credential <> '';

CREATE TABLE sparkbridge_secrets (
    connection_id text COLLATE "C" NOT NULL REFERENCES sparkbridge_connections (id),
    name          text COLLATE "C" NOT NULL,
    sealed        bytea NOT NULL,
    PRIMARY KEY (connection_id, name)
);

CREATE TABLE sparkbridge_interviews (
    id                      text COLLATE "C" PRIMARY KEY,
    connection_id           text COLLATE "C" NOT NULL REFERENCES sparkbridge_connections (id),
    request_key             text COLLATE "C" NOT NULL,
    request_digest          text COLLATE "C" NOT NULL,
    scope_key               text COLLATE "C" NOT NULL,
    state                   text COLLATE "C" NOT NULL,
    revision                bigint NOT NULL,
    adapter                 text COLLATE "C" NOT NULL,
    tenant                  text COLLATE "C" NOT NULL,
    type                    text COLLATE "C" NOT NULL,
    origin                  text COLLATE "C" NOT NULL,
    candidate_id            text COLLATE "C" NOT NULL,
    candidate               text COLLATE "C" NOT NULL,
    job_id                  text COLLATE "C" NOT NULL,
    job                     text COLLATE "C" NOT NULL,
    spark_hire_id           text COLLATE "C" NOT NULL,
    spark_hire              text COLLATE "C" NOT NULL,
    schedule                text COLLATE "C" NOT NULL,
    message                 text COLLATE "C" NOT NULL,
    requested_by            text COLLATE "C" NOT NULL,
    requested_for_id        text COLLATE "C" NOT NULL,
    requested_for           text COLLATE "C" NOT NULL,
    remarks                 text COLLATE "C" NOT NULL,
    reply_to                text COLLATE "C" NOT NULL,
    credential              text COLLATE "C" NOT NULL,
    attempt                 bigint NOT NULL,
    attempt_at              bigint NOT NULL,
    next_at                 bigint NOT NULL,
    cancel_by               text COLLATE "C" NOT NULL,
    cancel_at               bigint NOT NULL,
    spark_hire_scheduled_at bigint NOT NULL,
    rating_digest           text COLLATE "C" NOT NULL,
    acknowledged            text COLLATE "C" NOT NULL,
    reported_revision       bigint NOT NULL,
    created_at              bigint NOT NULL,
    updated_at              bigint NOT NULL,
    completed_at            bigint NOT NULL,
    ended_at                bigint NOT NULL,
    erased_at               bigint NOT NULL
);

CREATE UNIQUE INDEX sparkbridge_interviews_request ON sparkbridge_interviews (connection_id, request_key);
CREATE INDEX sparkbridge_interviews_scope ON sparkbridge_interviews (connection_id, scope_key, created_at, id, state) WHERE scope_key <> '';
-- What inviting must look at; empty when nothing waits.
CREATE INDEX sparkbridge_interviews_due ON sparkbridge_interviews (credential, next_at, id, state) WHERE state IN ('requested', 'sending');
CREATE INDEX sparkbridge_interviews_spark_hire ON sparkbridge_interviews (spark_hire_id, connection_id, id) WHERE spark_hire_id <> '';
-- What still holds personal data after its end.
CREATE INDEX sparkbridge_interviews_ended ON sparkbridge_interviews (ended_at, id) WHERE ended_at > 0 AND erased_at = 0;
-- One per leading filter of the list pages; see queries/pages.sql.
CREATE INDEX sparkbridge_interviews_all ON sparkbridge_interviews (created_at, id);
CREATE INDEX sparkbridge_interviews_connection ON sparkbridge_interviews (connection_id, created_at, id);
CREATE INDEX sparkbridge_interviews_state ON sparkbridge_interviews (connection_id, state, created_at, id);
CREATE INDEX sparkbridge_interviews_candidate ON sparkbridge_interviews (candidate_id, connection_id, created_at, id);
CREATE INDEX sparkbridge_interviews_job ON sparkbridge_interviews (job_id, connection_id, created_at, id) WHERE job_id <> '';

CREATE TABLE sparkbridge_events (
    interview_id text COLLATE "C" NOT NULL REFERENCES sparkbridge_interviews (id),
    seq          bigint NOT NULL,
    key          text COLLATE "C" NOT NULL,
    kind         text COLLATE "C" NOT NULL,
    at           bigint NOT NULL,
    text         text COLLATE "C" NOT NULL,
    actor        text COLLATE "C" NOT NULL,
    data         text COLLATE "C" NOT NULL,
    reportable   bigint NOT NULL,
    acknowledged bigint NOT NULL,
    PRIMARY KEY (interview_id, seq)
);

CREATE TABLE sparkbridge_deliveries (
    interview_id    text COLLATE "C" PRIMARY KEY REFERENCES sparkbridge_interviews (id),
    connection_id   text COLLATE "C" NOT NULL,
    state           text COLLATE "C" NOT NULL,
    failures        bigint NOT NULL,
    first_failed_at bigint NOT NULL,
    next_at         bigint NOT NULL,
    last_error      text COLLATE "C" NOT NULL,
    updated_at      bigint NOT NULL
);

CREATE INDEX sparkbridge_deliveries_state ON sparkbridge_deliveries (state, updated_at, interview_id);

CREATE TABLE sparkbridge_limits (
    credential    text COLLATE "C" PRIMARY KEY,
    sends         bytea NOT NULL,
    blocked_until bigint NOT NULL
) WITH (fillfactor = 25); -- every call to Spark Hire updates its row, which then stays in its page

CREATE TABLE sparkbridge_watermarks (
    connection_id text COLLATE "C" NOT NULL REFERENCES sparkbridge_connections (id),
    credential    text COLLATE "C" NOT NULL,
    at            bigint NOT NULL,
    PRIMARY KEY (connection_id, credential)
);

CREATE TABLE sparkbridge_audit (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at            bigint NOT NULL,
    connection_id text COLLATE "C" NOT NULL,
    interview_id  text COLLATE "C" NOT NULL,
    actor         text COLLATE "C" NOT NULL,
    action        text COLLATE "C" NOT NULL,
    detail        text COLLATE "C" NOT NULL
);

CREATE TABLE sparkbridge_alarms (
    at   bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    id   text COLLATE "C" NOT NULL,
    PRIMARY KEY (at, kind, id)
);

-- The processes that work; PostgreSQL only.
CREATE TABLE sparkbridge_processes (
    id   text COLLATE "C" PRIMARY KEY,
    seen timestamptz NOT NULL -- by the server's clock
);

-- +goose Down
DROP TABLE sparkbridge_processes;
DROP TABLE sparkbridge_alarms;
DROP TABLE sparkbridge_audit;
DROP TABLE sparkbridge_watermarks;
DROP TABLE sparkbridge_limits;
DROP TABLE sparkbridge_deliveries;
DROP TABLE sparkbridge_events;
DROP TABLE sparkbridge_interviews;
DROP TABLE sparkbridge_secrets;
DROP TABLE sparkbridge_users;
DROP TABLE sparkbridge_connections;
