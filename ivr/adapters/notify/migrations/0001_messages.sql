-- Customers' handsets: the numbers that the bank has on file.
CREATE TABLE handsets (
  customer TEXT PRIMARY KEY,
  number   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What was sent. `text` never holds a one-time code; `disclosed` does, until `until` (Unix seconds).
CREATE TABLE messages (
  id        INTEGER PRIMARY KEY,
  key       TEXT NOT NULL UNIQUE,
  customer  TEXT NOT NULL REFERENCES handsets (customer),
  template  TEXT NOT NULL,
  language  TEXT NOT NULL,
  text      TEXT NOT NULL,
  disclosed TEXT,
  until     INTEGER,
  sent_at   INTEGER NOT NULL,
  CHECK ((disclosed IS NULL) = (until IS NULL))
) STRICT;

CREATE INDEX messages_to_forget ON messages (until) WHERE until IS NOT NULL;
CREATE INDEX messages_of_customer ON messages (customer);
