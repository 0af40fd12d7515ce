-- People of the office, their sessions, what they proposed and what was done: one owner per row.

CREATE TABLE person (
    id BYTEA NOT NULL PRIMARY KEY,
    login TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    sort_key TEXT COLLATE "C" NOT NULL,
    roles TEXT COLLATE "C" NOT NULL,
    unit TEXT COLLATE "C",
    votes_in TEXT COLLATE "C",
    officials TEXT COLLATE "C" NOT NULL,
    disabled BIGINT NOT NULL,
    version BIGINT NOT NULL,
    password TEXT COLLATE "C" NOT NULL,
    must_change BIGINT NOT NULL,
    failures BIGINT NOT NULL DEFAULT 0,
    locked_until BIGINT NOT NULL DEFAULT 0,
    second_factor BYTEA,
    second_factor_on BIGINT NOT NULL DEFAULT 0,
    second_factor_step BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE session (
    secret_hash BYTEA NOT NULL PRIMARY KEY,
    id BYTEA NOT NULL UNIQUE,
    person BYTEA NOT NULL REFERENCES person (id),
    kind TEXT COLLATE "C" NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    began BIGINT NOT NULL,
    used BIGINT NOT NULL,
    ends BIGINT NOT NULL
);

CREATE INDEX session_person ON session (person);

-- What one person proposed and a second one has not confirmed yet.
CREATE TABLE proposal (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    person BYTEA NOT NULL REFERENCES person (id),
    subject TEXT COLLATE "C" NOT NULL,
    verdict TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (round, unit, id),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
);

-- Answers to requests that may be sent again, sealed under a key of the centre.
CREATE TABLE answered (
    person BYTEA NOT NULL,
    request_key BYTEA NOT NULL,
    request BYTEA NOT NULL,
    at BIGINT NOT NULL,
    status BIGINT,
    answer BYTEA,
    PRIMARY KEY (person, request_key)
);

CREATE TABLE audit (
    seq BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL
);

CREATE TABLE audit_head (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    seq BIGINT NOT NULL,
    hash BYTEA,
    signed BYTEA
);

INSERT INTO audit_head (one, seq) VALUES (1, 0);
