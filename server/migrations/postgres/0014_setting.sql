-- What the organisation board sets beside rounds: the interval of rounds, due days of units, guidance for each step.
-- Nothing is written over: each time somebody writes a setting is a row, and the last one holds.

CREATE TABLE setting (
    name TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    at BIGINT NOT NULL,
    written_by TEXT COLLATE "C" NOT NULL,
    content TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (name, revision)
);
