-- The end of a round: one signed statement per unit, and the units that two people left unpublished.

CREATE TABLE statement (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (round, unit),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
);

CREATE TABLE left_unpublished (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    first_person TEXT COLLATE "C" NOT NULL,
    second_person TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (round, unit),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
);
