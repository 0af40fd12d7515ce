-- One round, its units, devices and envelopes. Keys of the hot tables begin with round and unit.
-- No time, no counter and no row id is kept for an envelope: WITHOUT ROWID leaves no order of arrival behind.

CREATE TABLE round (
    id BLOB NOT NULL PRIMARY KEY,
    mode BIGINT NOT NULL,
    state TEXT NOT NULL,
    draft TEXT NOT NULL,
    package BLOB,
    package_hash BLOB UNIQUE
) WITHOUT ROWID;

CREATE TABLE unit (
    round BLOB NOT NULL REFERENCES round (id),
    code TEXT NOT NULL,
    turn BIGINT NOT NULL DEFAULT 0,
    permits BLOB,
    published BIGINT,
    PRIMARY KEY (round, code)
) WITHOUT ROWID;

CREATE TABLE sheet (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    hash BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (round, unit, hash),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
) WITHOUT ROWID;

CREATE TABLE replacement (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    number BIGINT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (round, unit, number),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
) WITHOUT ROWID;

CREATE TABLE invite (
    secret_hash BLOB NOT NULL PRIMARY KEY,
    round BLOB NOT NULL REFERENCES round (id),
    label TEXT NOT NULL,
    scope TEXT NOT NULL,
    device BLOB
) WITHOUT ROWID;

CREATE TABLE device (
    round BLOB NOT NULL REFERENCES round (id),
    id BLOB NOT NULL,
    label TEXT NOT NULL,
    certificate BLOB NOT NULL,
    revocation BLOB,
    PRIMARY KEY (round, id)
) WITHOUT ROWID;

-- Few devices are revoked, and every request asks which.
CREATE INDEX device_revoked ON device (round, id) WHERE revocation IS NOT NULL;

CREATE TABLE device_unit (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    device BLOB NOT NULL,
    PRIMARY KEY (round, unit, device),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code),
    FOREIGN KEY (round, device) REFERENCES device (round, id)
) WITHOUT ROWID;

CREATE TABLE envelope (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    id BLOB NOT NULL,
    device BLOB NOT NULL,
    number BIGINT NOT NULL,
    previous BLOB,
    sheet BLOB NOT NULL,
    total BIGINT,
    ballots BIGINT NOT NULL,
    record_len BIGINT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (round, unit, id),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
) WITHOUT ROWID;

CREATE INDEX envelope_device ON envelope (round, unit, device);

-- Envelopes that were here when the round was closed; later ones are late.
CREATE TABLE at_close (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    envelope BLOB NOT NULL,
    PRIMARY KEY (round, unit, envelope)
) WITHOUT ROWID;

CREATE TABLE decision (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    subject TEXT NOT NULL,
    verdict TEXT NOT NULL,
    first_person TEXT NOT NULL,
    second_person TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (round, unit, subject),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
) WITHOUT ROWID;

CREATE TABLE opening_order (
    round BLOB NOT NULL REFERENCES round (id),
    number BIGINT NOT NULL,
    bytes BLOB NOT NULL,
    result BLOB,
    PRIMARY KEY (round, number)
) WITHOUT ROWID;
