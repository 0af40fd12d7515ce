-- What is followed until it is done needs to know since when it waits, and what is set by several people which revision it is.

-- How often the rule was said; who says it anew names the one that they saw.
ALTER TABLE plan_rule ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
-- Day since which the plan stands as it does, as the centre learned of it.
ALTER TABLE plan ADD COLUMN state_on TEXT;
-- The moment at which the official said that they saw it, in seconds since 1970; a signature on paper has a day alone.
ALTER TABLE notice ADD COLUMN told_at BIGINT;
