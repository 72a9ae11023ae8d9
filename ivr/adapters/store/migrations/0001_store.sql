-- Times are Unix milliseconds.
CREATE TABLE sessions (
  call_id  TEXT PRIMARY KEY,
  saved_at INTEGER NOT NULL,
  body     BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  seq     INTEGER PRIMARY KEY,
  call_id TEXT NOT NULL,
  at      INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  body    BLOB NOT NULL
) STRICT;

CREATE INDEX events_of_call ON events (call_id);
CREATE INDEX events_of_messages ON events (at) WHERE kind = 'MessageRecorded';

-- What one call added to its journal within one write: JSON lines.
CREATE TABLE journal (
  seq     INTEGER PRIMARY KEY,
  call_id TEXT NOT NULL,
  entries BLOB NOT NULL
) STRICT;

CREATE INDEX journal_of_call ON journal (call_id);

CREATE TABLE flow_versions (
  version TEXT PRIMARY KEY,
  kept_at INTEGER NOT NULL,
  files   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
