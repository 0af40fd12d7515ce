-- Plans and messages after many years: each list finds its part without reading the rest.

-- Plans of one round, in the order of the list.
CREATE INDEX plan_of_round ON plan (round, rank, due_on, unit, official);

-- Messages of one round, and those that stand alike, the newest first.
CREATE INDEX outbox_of_round ON outbox (round, made_at, id);
CREATE INDEX outbox_by_state ON outbox (state, made_at, id);

-- How many stand how, by way.
CREATE INDEX outbox_counted ON outbox (state, way);
