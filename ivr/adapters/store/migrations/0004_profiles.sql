-- What is remembered of customers between calls. `revision` counts the changes, so that none is lost.
CREATE TABLE profiles (
  customer   TEXT PRIMARY KEY,
  revision   INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  body       BLOB NOT NULL
) STRICT, WITHOUT ROWID;
