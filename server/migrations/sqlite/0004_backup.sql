-- Which backup holds which state of a round, told by a digest over everything of it, and whether it was checked.

CREATE TABLE backup_round (
    backup BLOB NOT NULL,
    round BLOB NOT NULL,
    digest BLOB NOT NULL,
    verified BIGINT NOT NULL,
    PRIMARY KEY (backup, round)
) WITHOUT ROWID;
