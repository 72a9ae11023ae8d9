-- What happened to cases, in the order in which it was written: rows are added, never touched.
CREATE TABLE entries (
  n           INTEGER PRIMARY KEY,
  case_number TEXT NOT NULL,
  number      INTEGER NOT NULL,
  hash        TEXT NOT NULL,
  body        BLOB NOT NULL,
  UNIQUE (case_number, number)
) STRICT;

CREATE TRIGGER entries_are_not_changed BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries of cases are never changed'); END;

CREATE TRIGGER entries_are_not_removed BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries of cases are never removed'); END;

-- What the entries of each case come to, with columns to find it by; times in ms since 1970. `due_at` is
-- when its customer must have been answered, as long as they are not; `wake_at` when it is to be looked
-- at by itself.
CREATE TABLE cases (
  number    TEXT PRIMARY KEY,
  key       TEXT NOT NULL UNIQUE,
  state     TEXT NOT NULL,
  kind      TEXT NOT NULL,
  owner     TEXT NOT NULL,
  customer  TEXT NOT NULL,
  ani       TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  due_at    INTEGER,
  wake_at   INTEGER,
  entries   INTEGER NOT NULL,
  record    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX cases_not_closed ON cases (due_at, opened_at) WHERE state <> 'closed';
CREATE INDEX cases_of_customer ON cases (customer) WHERE customer <> '';
CREATE INDEX cases_of_number ON cases (ani) WHERE ani <> '';
CREATE INDEX cases_of_time ON cases (opened_at);
CREATE INDEX cases_to_wake ON cases (wake_at) WHERE wake_at IS NOT NULL;

-- What belongs to cases, to find them by it.
CREATE TABLE links (
  case_number TEXT NOT NULL,
  kind        TEXT NOT NULL,
  id          TEXT NOT NULL,
  PRIMARY KEY (kind, id, case_number)
) STRICT, WITHOUT ROWID;
