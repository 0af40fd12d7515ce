-- Correction plans: who owes one by when, what is projected from the unit's record, and files that belong to them.

-- Who owes a plan in a round; without a row everybody does.
CREATE TABLE plan_rule (
    round BLOB NOT NULL PRIMARY KEY,
    -- everybody, over_half or two_thirds: at the lowest level, by the figures that are published.
    who TEXT NOT NULL,
    -- Working days from publication until it is due.
    working_days BIGINT NOT NULL,
    FOREIGN KEY (round) REFERENCES round (id)
) WITHOUT ROWID;

CREATE TABLE plan (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    official TEXT NOT NULL,
    name TEXT NOT NULL,
    post TEXT NOT NULL,
    -- Name, post and codes as somebody types them who looks for one.
    plain TEXT NOT NULL,
    -- Whether a plan is owed; all are in a published unit, owed or not.
    owed BIGINT NOT NULL,
    made_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    -- Projected from the unit's record: none, conflict, written, confirmed, in_progress or done.
    state TEXT NOT NULL,
    -- Place in lists: what needs somebody's doing comes first.
    rank BIGINT NOT NULL,
    -- Last day that a measure names.
    ends_on TEXT,
    -- Day on which the centre first knew of a plan.
    written_on TEXT,
    PRIMARY KEY (round, unit, official),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
) WITHOUT ROWID;

-- In the order of the list that people look at.
CREATE INDEX plan_by_rank ON plan (rank, due_on, unit, official, round);

CREATE TABLE plan_attachment (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    official TEXT NOT NULL,
    -- SHA-256 of the content: the same file twice is one.
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    -- Type by content, once all of it is here.
    kind TEXT,
    size BIGINT NOT NULL,
    added_on TEXT NOT NULL,
    added_by TEXT NOT NULL,
    PRIMARY KEY (round, unit, official, id),
    FOREIGN KEY (round, unit, official) REFERENCES plan (round, unit, official)
) WITHOUT ROWID;

CREATE TABLE plan_attachment_piece (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    official TEXT NOT NULL,
    id BLOB NOT NULL,
    number BIGINT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (round, unit, official, id, number),
    FOREIGN KEY (round, unit, official, id) REFERENCES plan_attachment (round, unit, official, id)
) WITHOUT ROWID;
