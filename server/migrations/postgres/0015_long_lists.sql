-- Lists that are looked at after many years: each finds its part without reading the rest.

-- The state of every round, without its roster and package, which are large and lie in the same row.
CREATE INDEX round_light ON round (id, state, turn, mode);

-- Notices of one round, in the order of the list.
CREATE INDEX notice_of_round ON notice (round, due_on, unit, official);

-- What was done to what, and when first.
CREATE INDEX audit_action ON audit (action, object, seq, at);
