-- The ledger: publishing, rollbacks, schedules, overrides. `hash` is the SHA-256 of `body`.
CREATE TABLE releases (
  number INTEGER PRIMARY KEY,
  hash   TEXT NOT NULL,
  body   BLOB NOT NULL
) STRICT;

CREATE TRIGGER releases_are_not_changed BEFORE UPDATE ON releases
BEGIN SELECT RAISE(ABORT, 'the ledger is only appended to'); END;

CREATE TRIGGER releases_are_not_deleted BEFORE DELETE ON releases
BEGIN SELECT RAISE(ABORT, 'the ledger is only appended to'); END;
