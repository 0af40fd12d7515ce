-- Tablets without which two people finish a round, though they were not heard from since the last restore. The next
-- restore forgets it: what was known then of these tablets is not known any more.

CREATE TABLE going_on_without (
    round BLOB NOT NULL,
    unit TEXT NOT NULL,
    device BLOB NOT NULL,
    first_person TEXT NOT NULL,
    second_person TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (round, unit, device),
    FOREIGN KEY (round, unit, device) REFERENCES device_unit (round, unit, device)
) WITHOUT ROWID;
