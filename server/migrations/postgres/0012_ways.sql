-- Ways by which something reaches people: their addresses, messages on their way out, codes of letters.

CREATE TABLE contact (
    -- Whose: official, unit or person, and the code or login of that one.
    kind TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    -- Name, code and addresses as somebody types them who looks for one.
    plain TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C",
    phone TEXT COLLATE "C",
    -- The way that is taken: email, webhook or letter.
    way TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (kind, code)
);

CREATE TABLE outbox (
    -- Goes along on every try, so that a receiver can drop what it has.
    id BYTEA NOT NULL PRIMARY KEY,
    -- What it is, by whoever made it: nothing is made twice.
    once_key TEXT COLLATE "C" NOT NULL UNIQUE,
    kind TEXT COLLATE "C" NOT NULL,
    way TEXT COLLATE "C" NOT NULL,
    round BYTEA,
    unit TEXT COLLATE "C",
    official TEXT COLLATE "C",
    order_number BIGINT,
    name TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    words TEXT COLLATE "C" NOT NULL,
    made_at BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    tries BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    -- Who sends it now, and until when nobody else does.
    held_by BYTEA,
    held_until BIGINT NOT NULL,
    done_at BIGINT,
    -- Why the last try failed.
    why TEXT COLLATE "C"
);

CREATE INDEX outbox_by_time ON outbox (made_at, id);
CREATE INDEX outbox_due ON outbox (state, next_at);

-- Of the code itself only a keyed hash is kept.
CREATE TABLE letter_code (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    official TEXT COLLATE "C" NOT NULL,
    -- The first part of the code, by which it is found.
    selector TEXT COLLATE "C" NOT NULL UNIQUE,
    hash BYTEA NOT NULL,
    -- The order whose result it opens.
    order_number BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    -- Wrong second parts so far.
    wrong BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (round, unit, official),
    FOREIGN KEY (round, unit) REFERENCES unit (round, code)
);

-- When and how it was sent out; both or none. That somebody was told is known only once they say so.
ALTER TABLE notice ADD COLUMN sent_on TEXT COLLATE "C";
ALTER TABLE notice ADD COLUMN sent_way TEXT COLLATE "C";

-- What is not known to be told is little, and what people look for.
CREATE INDEX notice_open ON notice (due_on, unit, official, round) WHERE told_on IS NULL;
CREATE INDEX notice_late ON notice (due_on, unit, official, round) WHERE told_on > due_on;
