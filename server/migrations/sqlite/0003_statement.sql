-- The end of a round: one signed statement per unit, and the units that two people left unpublished.

CREATE TABLE statement (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (round, unit),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
) WITHOUT ROWID;

CREATE TABLE left_unpublished (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    first_person TEXT NOT NULL,
    second_person TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (round, unit),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
) WITHOUT ROWID;
