-- What many people look at after the ballot is kept in memory while nobody writes.

-- How often something was written that follows the ballot. A round need not be there any more: it is counted, no more.
CREATE TABLE follow_up (
    round BYTEA NOT NULL PRIMARY KEY,
    turn BIGINT NOT NULL
);

-- Who looks for a name looks at each name once, however many rounds it comes in.
CREATE INDEX notice_by_plain ON notice (plain, due_on, unit, official, round);
CREATE INDEX plan_by_plain ON plan (plain, rank, due_on, unit, official, round);
