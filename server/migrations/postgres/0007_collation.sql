-- Names of backups are compared byte by byte, as every text is.

ALTER TABLE backup ALTER COLUMN name TYPE TEXT COLLATE "C";
