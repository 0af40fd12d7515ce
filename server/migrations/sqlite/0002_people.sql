-- People of the office, their sessions, what they proposed and what was done: one owner per row.

CREATE TABLE person (
    id BLOB NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    sort_key TEXT NOT NULL,
    roles TEXT NOT NULL,
    unit TEXT,
    votes_in TEXT,
    officials TEXT NOT NULL,
    disabled BIGINT NOT NULL,
    version BIGINT NOT NULL,
    password TEXT NOT NULL,
    must_change BIGINT NOT NULL,
    failures BIGINT NOT NULL DEFAULT 0,
    locked_until BIGINT NOT NULL DEFAULT 0,
    second_factor BLOB,
    second_factor_on BIGINT NOT NULL DEFAULT 0,
    second_factor_step BIGINT NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE session (
    secret_hash BLOB NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    person BLOB NOT NULL REFERENCES person (id),
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    began BIGINT NOT NULL,
    used BIGINT NOT NULL,
    ends BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX session_person ON session (person);

-- What one person proposed and a second one has not confirmed yet.
CREATE TABLE proposal (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    id BLOB NOT NULL,
    person BLOB NOT NULL REFERENCES person (id),
    subject TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (round, unit, id),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
) WITHOUT ROWID;

-- Answers to requests that may be sent again, sealed under a key of the centre.
CREATE TABLE answered (
    person BLOB NOT NULL,
    request_key BLOB NOT NULL,
    request BLOB NOT NULL,
    at BIGINT NOT NULL,
    status BIGINT,
    answer BLOB,
    PRIMARY KEY (person, request_key)
) WITHOUT ROWID;

CREATE TABLE audit (
    seq BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE audit_head (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    seq BIGINT NOT NULL,
    hash BLOB,
    signed BLOB
) WITHOUT ROWID;

INSERT INTO audit_head (one, seq) VALUES (1, 0);
