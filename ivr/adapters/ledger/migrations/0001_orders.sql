-- What happened to orders, in the order in which it was written: rows are added, never touched.
CREATE TABLE entries (
  n INTEGER PRIMARY KEY,
  order_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  hash TEXT NOT NULL,
  body BLOB NOT NULL,
  seal TEXT NOT NULL,
  UNIQUE (order_id, number)
) STRICT;

CREATE TRIGGER entries_are_not_changed BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries of the ledger are never changed'); END;

CREATE TRIGGER entries_are_not_removed BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries of the ledger are never removed'); END;

-- How far the entries go: one row.
CREATE TABLE head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  n INTEGER NOT NULL,
  seal TEXT NOT NULL
) STRICT;

INSERT INTO head VALUES (1, 0, '');

-- What the entries of each order come to, with columns to find it by; times in ms since 1970.
CREATE TABLE orders (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  desk TEXT NOT NULL,
  kind TEXT NOT NULL,
  customer TEXT NOT NULL,
  reference TEXT UNIQUE,
  opened_at INTEGER NOT NULL,
  authorised_at INTEGER,
  amount INTEGER NOT NULL,
  currency TEXT NOT NULL,
  booked_on TEXT,
  record BLOB NOT NULL,
  due_at INTEGER,
  tries INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX orders_due ON orders (desk, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX orders_of_state ON orders (state, opened_at);
CREATE INDEX orders_of_customer ON orders (customer, kind, authorised_at);
CREATE INDEX orders_of_day ON orders (booked_on) WHERE booked_on IS NOT NULL;
CREATE INDEX orders_of_time ON orders (opened_at);

CREATE TABLE cases (
  number TEXT PRIMARY KEY,
  opened_at INTEGER NOT NULL,
  closed_at INTEGER,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX cases_open ON cases (opened_at) WHERE closed_at IS NULL;

-- Messages that are still to be sent: one an order, the latest.
CREATE TABLE outbox (
  key TEXT PRIMARY KEY,
  order_id TEXT NOT NULL UNIQUE,
  body BLOB NOT NULL,
  due_at INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_due ON outbox (due_at);
