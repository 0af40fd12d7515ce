-- Visits of the inspection committee. Nothing is written over: each time somebody writes a visit is a row, and the last
-- one is how it stands.

CREATE TABLE visit (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    revision BIGINT NOT NULL,
    at BIGINT NOT NULL,
    written_by TEXT COLLATE "C" NOT NULL,
    content TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (round, unit, id, revision),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
);
