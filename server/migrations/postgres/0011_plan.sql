-- Correction plans: who owes one by when, what is projected from the unit's record, and files that belong to them.

-- Who owes a plan in a round; without a row everybody does.
CREATE TABLE plan_rule (
    round BYTEA NOT NULL PRIMARY KEY,
    -- everybody, over_half or two_thirds: at the lowest level, by the figures that are published.
    who TEXT COLLATE "C" NOT NULL,
    -- Working days from publication until it is due.
    working_days BIGINT NOT NULL,
    FOREIGN KEY (round) REFERENCES round (id)
);

CREATE TABLE plan (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    official TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    post TEXT COLLATE "C" NOT NULL,
    -- Name, post and codes as somebody types them who looks for one.
    plain TEXT COLLATE "C" NOT NULL,
    -- Whether a plan is owed; all are in a published unit, owed or not.
    owed BIGINT NOT NULL,
    made_on TEXT COLLATE "C" NOT NULL,
    due_on TEXT COLLATE "C" NOT NULL,
    -- Projected from the unit's record: none, conflict, written, confirmed, in_progress or done.
    state TEXT COLLATE "C" NOT NULL,
    -- Place in lists: what needs somebody's doing comes first.
    rank BIGINT NOT NULL,
    -- Last day that a measure names.
    ends_on TEXT COLLATE "C",
    -- Day on which the centre first knew of a plan.
    written_on TEXT COLLATE "C",
    PRIMARY KEY (round, unit, official),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
);

-- In the order of the list that people look at.
CREATE INDEX plan_by_rank ON plan (rank, due_on, unit, official, round);

CREATE TABLE plan_attachment (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    official TEXT COLLATE "C" NOT NULL,
    -- SHA-256 of the content: the same file twice is one.
    id BYTEA NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    -- Type by content, once all of it is here.
    kind TEXT COLLATE "C",
    size BIGINT NOT NULL,
    added_on TEXT COLLATE "C" NOT NULL,
    added_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (round, unit, official, id),
    FOREIGN KEY (round, unit, official) REFERENCES plan (round, unit, official)
);

CREATE TABLE plan_attachment_piece (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    official TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    number BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (round, unit, official, id, number),
    FOREIGN KEY (round, unit, official, id) REFERENCES plan_attachment (round, unit, official, id)
);
