-- Backups that were made, and whether this centre itself came out of one.

CREATE TABLE backup (
    id BYTEA NOT NULL PRIMARY KEY,
    taken_at BIGINT NOT NULL,
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    file_digest BYTEA NOT NULL,
    encrypted BIGINT NOT NULL,
    verified BIGINT NOT NULL
);

CREATE TABLE restoration (
    number BIGINT NOT NULL PRIMARY KEY,
    backup BYTEA NOT NULL,
    taken_at BIGINT NOT NULL,
    restored_at BIGINT NOT NULL
);

-- Tablets that have not shown since the last restore that the centre holds all they hold. No time, no envelope.
CREATE TABLE unheard (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    device BYTEA NOT NULL,
    PRIMARY KEY (round, unit, device),
    FOREIGN KEY (round, unit, device) REFERENCES device_unit (round, unit, device)
);
