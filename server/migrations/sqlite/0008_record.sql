-- The record of each unit: signed changes as they travelled. No time and no order of arrival is kept: rows lie by
-- writer and number, and two rows with one number are twins.

CREATE TABLE record_change (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    actor BLOB NOT NULL,
    sequence BIGINT NOT NULL,
    id BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (round, unit, actor, sequence, id),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
) WITHOUT ROWID;

-- A projection of the changes: how far each writer's chain is known. Written in the same transaction.
CREATE TABLE record_head (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    actor BLOB NOT NULL,
    sequence BIGINT NOT NULL,
    hash BLOB NOT NULL,
    size BIGINT NOT NULL,
    PRIMARY KEY (round, unit, actor),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
) WITHOUT ROWID;

-- A projection of the record and of what it is held against: what does not reconcile. It counts only while its basis
-- is the one that follows from the rows it rests on, and is made anew otherwise.
CREATE TABLE record_summary (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    basis BLOB NOT NULL,
    summary TEXT NOT NULL,
    PRIMARY KEY (round, unit),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
) WITHOUT ROWID;
