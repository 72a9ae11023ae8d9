-- Calls that the bank has promised. `body` is the whole of one (JSON), the rest finds it; times in ms
-- since 1970. `session` is the call that it goes on with.
CREATE TABLE callbacks (
  id      TEXT PRIMARY KEY,
  state   TEXT NOT NULL,
  attempt TEXT NOT NULL,
  tries   INTEGER NOT NULL,
  entered INTEGER NOT NULL,
  until   INTEGER NOT NULL,
  body    BLOB NOT NULL,
  session BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX callbacks_by_state ON callbacks (state);
CREATE UNIQUE INDEX callbacks_by_attempt ON callbacks (attempt) WHERE attempt <> '';

-- Every time a telephone was rung: written before it rings.
CREATE TABLE attempts (
  id     TEXT PRIMARY KEY,
  number TEXT NOT NULL,
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_by_number ON attempts (number, at);
