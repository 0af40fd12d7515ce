-- One round, its units, devices and envelopes. Keys of the hot tables begin with round and unit.
-- No time, no counter and no row id is kept for an envelope. The heap keeps rows as they came; ARCHITECTURE.md says what
-- that shows.

CREATE TABLE round (
    id BYTEA NOT NULL PRIMARY KEY,
    mode BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    draft TEXT COLLATE "C" NOT NULL,
    package BYTEA,
    package_hash BYTEA UNIQUE
);

CREATE TABLE unit (
    round BYTEA NOT NULL REFERENCES round (id),
    code TEXT COLLATE "C" NOT NULL,
    turn BIGINT NOT NULL DEFAULT 0,
    permits BYTEA,
    published BIGINT,
    PRIMARY KEY (round, code)
);

CREATE TABLE sheet (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (round, unit, hash),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
);

CREATE TABLE replacement (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (round, unit, number),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
);

CREATE TABLE invite (
    secret_hash BYTEA NOT NULL PRIMARY KEY,
    round BYTEA NOT NULL REFERENCES round (id),
    label TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    device BYTEA
);

CREATE TABLE device (
    round BYTEA NOT NULL REFERENCES round (id),
    id BYTEA NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    certificate BYTEA NOT NULL,
    revocation BYTEA,
    PRIMARY KEY (round, id)
);

-- Few devices are revoked, and every request asks which.
CREATE INDEX device_revoked ON device (round, id) WHERE revocation IS NOT NULL;

CREATE TABLE device_unit (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    device BYTEA NOT NULL,
    PRIMARY KEY (round, unit, device),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code),
    FOREIGN KEY (round, device) REFERENCES device (round, id)
);

CREATE TABLE envelope (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    device BYTEA NOT NULL,
    number BIGINT NOT NULL,
    previous BYTEA,
    sheet BYTEA NOT NULL,
    total BIGINT,
    ballots BIGINT NOT NULL,
    record_len BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (round, unit, id),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
);

CREATE INDEX envelope_device ON envelope (round, unit, device);

-- Envelopes that were here when the round was closed; later ones are late.
CREATE TABLE at_close (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    envelope BYTEA NOT NULL,
    PRIMARY KEY (round, unit, envelope)
);

CREATE TABLE decision (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    verdict TEXT COLLATE "C" NOT NULL,
    first_person TEXT COLLATE "C" NOT NULL,
    second_person TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (round, unit, subject),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
);

CREATE TABLE opening_order (
    round BYTEA NOT NULL REFERENCES round (id),
    number BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    result BYTEA,
    PRIMARY KEY (round, number)
);
