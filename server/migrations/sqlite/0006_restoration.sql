-- Backups that were made, and whether this centre itself came out of one.

CREATE TABLE backup (
    id BLOB NOT NULL PRIMARY KEY,
    taken_at BIGINT NOT NULL,
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    digest BLOB NOT NULL,
    file_digest BLOB NOT NULL,
    encrypted BIGINT NOT NULL,
    verified BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE restoration (
    number BIGINT NOT NULL PRIMARY KEY,
    backup BLOB NOT NULL,
    taken_at BIGINT NOT NULL,
    restored_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Tablets that have not shown since the last restore that the centre holds all they hold. No time, no envelope.
CREATE TABLE unheard (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    device BLOB NOT NULL,
    PRIMARY KEY (round, unit, device),
    FOREIGN KEY (round, unit, device) REFERENCES device_unit (round, unit, device)
) WITHOUT ROWID;
