-- A round's turn: whoever changes something of the whole round takes it first, so that writers of all processes follow
-- one after the other.

ALTER TABLE round ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;
