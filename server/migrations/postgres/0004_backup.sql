-- Which backup holds which state of a round, told by a digest over everything of it, and whether it was checked.

CREATE TABLE backup_round (
    backup BYTEA NOT NULL,
    round BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    verified BIGINT NOT NULL,
    PRIMARY KEY (backup, round)
);
