-- Notices of results: one per official of a published unit, with the day by which they are to be told.

CREATE TABLE notice (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    official TEXT COLLATE "C" NOT NULL,
    -- The order whose result it tells. A later one makes the notice anew.
    order_number BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    post TEXT COLLATE "C" NOT NULL,
    -- Name, post and codes as somebody types them who looks for one.
    plain TEXT COLLATE "C" NOT NULL,
    made_on TEXT COLLATE "C" NOT NULL,
    due_on TEXT COLLATE "C" NOT NULL,
    -- All three or none.
    told_on TEXT COLLATE "C",
    told_way TEXT COLLATE "C",
    told_by TEXT COLLATE "C",
    PRIMARY KEY (round, unit, official),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
);

-- In the order of the list that people look at.
CREATE INDEX notice_by_day ON notice (due_on, unit, official, round);
