-- Notices of results: one per official of a published unit, with the day by which they are to be told.

CREATE TABLE notice (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    official TEXT NOT NULL,
    -- The order whose result it tells. A later one makes the notice anew.
    order_number BIGINT NOT NULL,
    name TEXT NOT NULL,
    post TEXT NOT NULL,
    -- Name, post and codes as somebody types them who looks for one.
    plain TEXT NOT NULL,
    made_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    -- All three or none.
    told_on TEXT,
    told_way TEXT,
    told_by TEXT,
    PRIMARY KEY (round, unit, official),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
) WITHOUT ROWID;

-- In the order of the list that people look at.
CREATE INDEX notice_by_day ON notice (due_on, unit, official, round);
