-- Tablets without which two people finish a round, though they were not heard from since the last restore. The next
-- restore forgets it: what was known then of these tablets is not known any more.

CREATE TABLE going_on_without (
    round BYTEA NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    device BYTEA NOT NULL,
    first_person TEXT COLLATE "C" NOT NULL,
    second_person TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (round, unit, device),
    FOREIGN KEY (round, unit, device) REFERENCES device_unit (round, unit, device)
);
