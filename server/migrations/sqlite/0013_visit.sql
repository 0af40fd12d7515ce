-- Visits of the inspection committee. Nothing is written over: each time somebody writes a visit is a row, and the last
-- one is how it stands.

CREATE TABLE visit (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    id BLOB NOT NULL,
    revision BIGINT NOT NULL,
    at BIGINT NOT NULL,
    written_by TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (round, unit, id, revision),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
) WITHOUT ROWID;
