-- +goose Up
CREATE TABLE sparkbridge_connections (
    id                      TEXT PRIMARY KEY,
    adapter                 TEXT NOT NULL,
    tenant                  TEXT NOT NULL,
    name                    TEXT NOT NULL,
    time_zone               TEXT NOT NULL,
    enabled                 INTEGER NOT NULL,
    connected               INTEGER NOT NULL,
    settings                TEXT NOT NULL,
    credential_digest       TEXT NOT NULL,
    api_version             TEXT NOT NULL,
    organization_key        BLOB,
    organization_credential TEXT NOT NULL,
    primary_user            TEXT NOT NULL,
    created_at              INTEGER NOT NULL,
    updated_at              INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX sparkbridge_connections_tenant ON sparkbridge_connections (adapter, tenant);
CREATE INDEX sparkbridge_connections_digest ON sparkbridge_connections (adapter, credential_digest, created_at, id) WHERE credential_digest <> '';
CREATE INDEX sparkbridge_connections_credential ON sparkbridge_connections (organization_credential) WHERE organization_credential <> '';
CREATE INDEX sparkbridge_connections_created ON sparkbridge_connections (created_at, id);
CREATE INDEX sparkbridge_connections_adapter ON sparkbridge_connections (adapter, created_at, id);

CREATE TABLE sparkbridge_users (
    connection_id TEXT NOT NULL REFERENCES sparkbridge_connections (id),
    id            TEXT NOT NULL,
    place         INTEGER NOT NULL,
    name          TEXT NOT NULL,
    email         TEXT NOT NULL,
    time_zone     TEXT NOT NULL,
    sealed_key    BLOB,
    key_hint      TEXT NOT NULL,
    credential    TEXT NOT NULL,
    PRIMARY KEY (connection_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX sparkbridge_users_credential ON sparkbridge_users (credential) WHERE credential <> '';

CREATE TABLE sparkbridge_secrets (
    connection_id TEXT NOT NULL REFERENCES sparkbridge_connections (id),
    name          TEXT NOT NULL,
    sealed        BLOB NOT NULL,
    PRIMARY KEY (connection_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE sparkbridge_interviews (
    id                      TEXT PRIMARY KEY,
    connection_id           TEXT NOT NULL REFERENCES sparkbridge_connections (id),
    request_key             TEXT NOT NULL,
    request_digest          TEXT NOT NULL,
    scope_key               TEXT NOT NULL,
    state                   TEXT NOT NULL,
    revision                INTEGER NOT NULL,
    adapter                 TEXT NOT NULL,
    tenant                  TEXT NOT NULL,
    type                    TEXT NOT NULL,
    origin                  TEXT NOT NULL,
    candidate_id            TEXT NOT NULL,
    candidate               TEXT NOT NULL,
    job_id                  TEXT NOT NULL,
    job                     TEXT NOT NULL,
    spark_hire_id           TEXT NOT NULL,
    spark_hire              TEXT NOT NULL,
    schedule                TEXT NOT NULL,
    message                 TEXT NOT NULL,
    requested_by            TEXT NOT NULL,
    requested_for_id        TEXT NOT NULL,
    requested_for           TEXT NOT NULL,
    remarks                 TEXT NOT NULL,
    reply_to                TEXT NOT NULL,
    credential              TEXT NOT NULL,
    attempt                 INTEGER NOT NULL,
    attempt_at              INTEGER NOT NULL,
    next_at                 INTEGER NOT NULL,
    cancel_by               TEXT NOT NULL,
    cancel_at               INTEGER NOT NULL,
    spark_hire_scheduled_at INTEGER NOT NULL,
    rating_digest           TEXT NOT NULL,
    acknowledged            TEXT NOT NULL,
    reported_revision       INTEGER NOT NULL,
    created_at              INTEGER NOT NULL,
    updated_at              INTEGER NOT NULL,
    completed_at            INTEGER NOT NULL,
    ended_at                INTEGER NOT NULL,
    erased_at               INTEGER NOT NULL
) STRICT;

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
    interview_id TEXT NOT NULL REFERENCES sparkbridge_interviews (id),
    seq          INTEGER NOT NULL,
    key          TEXT NOT NULL,
    kind         TEXT NOT NULL,
    at           INTEGER NOT NULL,
    text         TEXT NOT NULL,
    actor        TEXT NOT NULL,
    data         TEXT NOT NULL,
    reportable   INTEGER NOT NULL,
    acknowledged INTEGER NOT NULL,
    PRIMARY KEY (interview_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE sparkbridge_deliveries (
    interview_id    TEXT PRIMARY KEY REFERENCES sparkbridge_interviews (id),
    connection_id   TEXT NOT NULL,
    state           TEXT NOT NULL,
    failures        INTEGER NOT NULL,
    first_failed_at INTEGER NOT NULL,
    next_at         INTEGER NOT NULL,
    last_error      TEXT NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sparkbridge_deliveries_state ON sparkbridge_deliveries (state, updated_at, interview_id);

CREATE TABLE sparkbridge_limits (
    credential    TEXT PRIMARY KEY,
    sends         BLOB NOT NULL,
    blocked_until INTEGER NOT NULL
) STRICT;

CREATE TABLE sparkbridge_watermarks (
    connection_id TEXT NOT NULL REFERENCES sparkbridge_connections (id),
    credential    TEXT NOT NULL,
    at            INTEGER NOT NULL,
    PRIMARY KEY (connection_id, credential)
) STRICT, WITHOUT ROWID;

CREATE TABLE sparkbridge_audit (
    id            INTEGER PRIMARY KEY,
    at            INTEGER NOT NULL,
    connection_id TEXT NOT NULL,
    interview_id  TEXT NOT NULL,
    actor         TEXT NOT NULL,
    action        TEXT NOT NULL,
    detail        TEXT NOT NULL
) STRICT;

CREATE TABLE sparkbridge_alarms (
    at   INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id   TEXT NOT NULL,
    PRIMARY KEY (at, kind, id)
) STRICT, WITHOUT ROWID;

-- +goose Down
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
