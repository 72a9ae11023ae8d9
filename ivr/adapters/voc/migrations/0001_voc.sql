-- What people did about what was said: corrections, feedback to branches, replies, ends. `body` is JSON.
CREATE TABLE acts (
  number INTEGER PRIMARY KEY,
  at     TEXT NOT NULL,
  by     TEXT NOT NULL,
  body   BLOB NOT NULL
) STRICT;

CREATE TRIGGER acts_are_not_changed BEFORE UPDATE ON acts
BEGIN SELECT RAISE(ABORT, 'what was done is only appended to'); END;

CREATE TRIGGER acts_are_not_deleted BEFORE DELETE ON acts
BEGIN SELECT RAISE(ABORT, 'what was done is only appended to'); END;

-- Reports as they were made, and the taxonomies they were made by.
CREATE TABLE reports (
  number   INTEGER PRIMARY KEY,
  month    TEXT NOT NULL,
  sha256   TEXT NOT NULL UNIQUE,
  taxonomy TEXT NOT NULL,
  body     BLOB NOT NULL
) STRICT;

CREATE TABLE taxonomies (
  sha256 TEXT PRIMARY KEY,
  body   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
