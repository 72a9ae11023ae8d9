-- Who works here. Hashes are argon2id, bound to the person and keyed with a pepper outside this file.
CREATE TABLE people (
  name          TEXT PRIMARY KEY,
  role          TEXT NOT NULL CHECK (role IN ('agent', 'supervisor', 'administrator')),
  agent         TEXT UNIQUE,
  shown         TEXT NOT NULL DEFAULT '',
  active        INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  pin_hash      TEXT,
  password_hash TEXT
) STRICT, WITHOUT ROWID;

-- Credentials that were tried since `since` (Unix seconds): of a person, or from a place.
CREATE TABLE attempts (
  of    TEXT PRIMARY KEY,
  made  INTEGER NOT NULL,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What people did. Nothing is ever changed or taken away.
CREATE TABLE trail (
  id     INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  who    TEXT NOT NULL,
  what   TEXT NOT NULL,
  about  TEXT NOT NULL,
  source TEXT NOT NULL
) STRICT;

CREATE TRIGGER trail_is_kept BEFORE DELETE ON trail
BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;

CREATE TRIGGER trail_is_not_changed BEFORE UPDATE ON trail
BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;
