-- Ways by which something reaches people: their addresses, messages on their way out, codes of letters.

CREATE TABLE contact (
    -- Whose: official, unit or person, and the code or login of that one.
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Name, code and addresses as somebody types them who looks for one.
    plain TEXT NOT NULL,
    email TEXT,
    phone TEXT,
    -- The way that is taken: email, webhook or letter.
    way TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (kind, code)
) WITHOUT ROWID;

CREATE TABLE outbox (
    -- Goes along on every try, so that a receiver can drop what it has.
    id BLOB NOT NULL PRIMARY KEY,
    -- What it is, by whoever made it: nothing is made twice.
    once_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    way TEXT NOT NULL,
    round BLOB,
    unit TEXT,
    official TEXT,
    order_number BIGINT,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    words TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    -- Who sends it now, and until when nobody else does.
    held_by BLOB,
    held_until BIGINT NOT NULL,
    done_at BIGINT,
    -- Why the last try failed.
    why TEXT
) WITHOUT ROWID;

CREATE INDEX outbox_by_time ON outbox (made_at, id);
CREATE INDEX outbox_due ON outbox (state, next_at);

-- Of the code itself only a keyed hash is kept.
CREATE TABLE letter_code (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    official TEXT NOT NULL,
    -- The first part of the code, by which it is found.
    selector TEXT NOT NULL UNIQUE,
    hash BLOB NOT NULL,
    -- The order whose result it opens.
    order_number BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    -- Wrong second parts so far.
    wrong BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (round, unit, official),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
) WITHOUT ROWID;

-- When and how it was sent out; both or none. That somebody was told is known only once they say so.
ALTER TABLE notice ADD COLUMN sent_on TEXT;
ALTER TABLE notice ADD COLUMN sent_way TEXT;

-- What is not known to be told is little, and what people look for.
CREATE INDEX notice_open ON notice (due_on, unit, official, round) WHERE told_on IS NULL;
CREATE INDEX notice_late ON notice (due_on, unit, official, round) WHERE told_on > due_on;
