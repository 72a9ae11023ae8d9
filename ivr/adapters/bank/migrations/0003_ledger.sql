-- The bank's books: double entry, in minor units (hundredths) of a currency. A fund or a bond is a
-- currency of its own (`F001`), so that its units are booked and balanced as money is.
-- What the bank owes its customers is positive, what they owe it (loans) negative; internal accounts
-- are the other side, and all accounts of a currency come to zero together.
CREATE TABLE books (
  number   TEXT PRIMARY KEY,
  kind     TEXT NOT NULL CHECK (
    kind IN ('current', 'savings', 'deposit', 'loan', 'fund', 'bond', 'internal')
  ),
  customer TEXT REFERENCES customers (number),
  currency TEXT NOT NULL,
  opened   TEXT NOT NULL,
  balance  INTEGER NOT NULL DEFAULT 0,
  CHECK ((kind = 'internal') = (customer IS NULL)),
  CHECK (CASE kind WHEN 'internal' THEN 1 WHEN 'loan' THEN balance <= 0 ELSE balance >= 0 END)
) STRICT, WITHOUT ROWID;

CREATE INDEX books_of_customer ON books (customer, kind);

-- An entry is written after its legs, and only if they balance; from then on nothing of it changes.
-- `at` is Unix milliseconds, `key` what keeps the bank's own entries from being made twice.
CREATE TABLE entries (
  id        INTEGER PRIMARY KEY,
  day       TEXT NOT NULL,
  at        INTEGER NOT NULL,
  operation TEXT NOT NULL,
  detail    TEXT NOT NULL,
  key       TEXT UNIQUE
) STRICT;

CREATE TABLE legs (
  account TEXT NOT NULL REFERENCES books (number),
  entry   INTEGER NOT NULL REFERENCES entries (id) DEFERRABLE INITIALLY DEFERRED,
  amount  INTEGER NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (account, entry)
) STRICT, WITHOUT ROWID;

CREATE INDEX legs_of_entry ON legs (entry, account, amount);

CREATE TRIGGER entry_balances BEFORE INSERT ON entries
WHEN EXISTS (
  SELECT 1 FROM legs JOIN books ON number = account
  WHERE entry = NEW.id GROUP BY currency HAVING sum(amount) <> 0
)
BEGIN SELECT raise(ABORT, 'the legs of an entry do not come to zero'); END;

CREATE TRIGGER entry_is_closed BEFORE INSERT ON legs
WHEN EXISTS (SELECT 1 FROM entries WHERE id = NEW.entry)
BEGIN SELECT raise(ABORT, 'an entry that is written gets no more legs'); END;

CREATE TRIGGER leg_is_booked AFTER INSERT ON legs
BEGIN UPDATE books SET balance = balance + NEW.amount WHERE number = NEW.account; END;

CREATE TRIGGER entry_stays BEFORE UPDATE ON entries
BEGIN SELECT raise(ABORT, 'an entry is never changed'); END;

CREATE TRIGGER entry_is_kept BEFORE DELETE ON entries
BEGIN SELECT raise(ABORT, 'an entry is never deleted'); END;

CREATE TRIGGER leg_stays BEFORE UPDATE ON legs
BEGIN SELECT raise(ABORT, 'an entry is never changed'); END;

CREATE TRIGGER leg_is_kept BEFORE DELETE ON legs
BEGIN SELECT raise(ABORT, 'an entry is never deleted'); END;

-- What was posted, and what came of it. A refusal is kept as well: the same key gets the same answer.
CREATE TABLE postings (
  number    INTEGER PRIMARY KEY,
  key       TEXT NOT NULL UNIQUE,
  operation TEXT NOT NULL,
  customer  TEXT NOT NULL,
  digest    TEXT NOT NULL,
  at        INTEGER NOT NULL,
  day       TEXT NOT NULL,
  reason    TEXT NOT NULL,
  amount    INTEGER NOT NULL,
  fee       INTEGER NOT NULL,
  entry     INTEGER REFERENCES entries (id)
) STRICT;

CREATE INDEX postings_of_digest ON postings (digest);
CREATE INDEX postings_of_day ON postings (day);
CREATE INDEX postings_of_customer ON postings (customer, at);

-- Payees saved; `bank` is empty for accounts of this bank. `added_at` is Unix seconds.
CREATE TABLE payees (
  id       INTEGER PRIMARY KEY,
  customer TEXT NOT NULL REFERENCES customers (number),
  bank     TEXT NOT NULL,
  account  TEXT NOT NULL,
  name     TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  UNIQUE (customer, bank, account)
) STRICT;

CREATE TABLE banks (
  id   TEXT PRIMARY KEY,
  name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Cards on file: what the gateway knows them by, never their numbers.
CREATE TABLE cards (
  token    TEXT PRIMARY KEY,
  customer TEXT NOT NULL REFERENCES customers (number),
  brand    TEXT NOT NULL,
  tail     TEXT NOT NULL CHECK (length(tail) = 4)
) STRICT, WITHOUT ROWID;

-- Rates and prices are decimal texts: '0.0015' is 0.15 %.
CREATE TABLE funds (
  id       TEXT PRIMARY KEY,
  name     TEXT NOT NULL,
  least    INTEGER NOT NULL,
  fee_rate TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE navs (
  fund TEXT NOT NULL REFERENCES funds (id),
  day  TEXT NOT NULL,
  nav  TEXT NOT NULL,
  PRIMARY KEY (fund, day)
) STRICT, WITHOUT ROWID;

-- Money to be invested (`amount`) or units to be paid out (`units`) at the price of `price_day`, done
-- on the day `due`; `entry` is what did it.
CREATE TABLE fund_orders (
  posting   INTEGER PRIMARY KEY REFERENCES postings (number),
  customer  TEXT NOT NULL,
  fund      TEXT NOT NULL REFERENCES funds (id),
  account   TEXT NOT NULL REFERENCES books (number),
  amount    INTEGER NOT NULL,
  units     INTEGER NOT NULL,
  price_day TEXT NOT NULL,
  due       TEXT NOT NULL,
  entry     INTEGER REFERENCES entries (id),
  CHECK ((amount = 0) <> (units = 0))
) STRICT;

CREATE INDEX fund_orders_due ON fund_orders (due) WHERE entry IS NULL;

-- Sold from the day `opens` to the day `closes`, both included.
CREATE TABLE bonds (
  id     TEXT PRIMARY KEY,
  name   TEXT NOT NULL,
  least  INTEGER NOT NULL,
  opens  TEXT NOT NULL,
  closes TEXT NOT NULL,
  months INTEGER NOT NULL,
  rate   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Bonds bought; on the day `matures` they are paid back to `account` with `interest`.
CREATE TABLE bond_lots (
  id       INTEGER PRIMARY KEY,
  holding  TEXT NOT NULL REFERENCES books (number),
  bond     TEXT NOT NULL REFERENCES bonds (id),
  account  TEXT NOT NULL REFERENCES books (number),
  amount   INTEGER NOT NULL,
  interest INTEGER NOT NULL,
  matures  TEXT NOT NULL,
  entry    INTEGER REFERENCES entries (id)
) STRICT;

CREATE INDEX bond_lots_due ON bond_lots (matures) WHERE entry IS NULL;

-- Notice deposits of 1 or 7 `days`; `noticed` can be drawn from the day `draw_from` on.
CREATE TABLE deposits (
  number    TEXT PRIMARY KEY REFERENCES books (number),
  days      INTEGER NOT NULL CHECK (days IN (1, 7)),
  rate      TEXT NOT NULL,
  noticed   INTEGER NOT NULL DEFAULT 0,
  draw_from TEXT NOT NULL DEFAULT '',
  CHECK ((noticed = 0) = (draw_from = ''))
) STRICT, WITHOUT ROWID;

-- Prepaying before the day `fee_until` costs `fee_rate` of what is prepaid.
CREATE TABLE loans (
  number    TEXT PRIMARY KEY REFERENCES books (number),
  kind      TEXT NOT NULL,
  fee_rate  TEXT NOT NULL,
  fee_until TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE billers (
  id     TEXT PRIMARY KEY,
  name   TEXT NOT NULL,
  digits INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE bills (
  biller    TEXT NOT NULL REFERENCES billers (id),
  reference TEXT NOT NULL,
  amount    INTEGER NOT NULL,
  due       TEXT NOT NULL,
  paid_by   INTEGER REFERENCES postings (number),
  PRIMARY KEY (biller, reference)
) STRICT, WITHOUT ROWID;

INSERT INTO books (number, kind, currency, opened) VALUES
  ('opening', 'internal', 'CNY', '2026-01-01'),
  ('fees', 'internal', 'CNY', '2026-01-01'),
  ('interest', 'internal', 'CNY', '2026-01-01'),
  ('settlement', 'internal', 'CNY', '2026-01-01'),
  ('fund-orders', 'internal', 'CNY', '2026-01-01'),
  ('fund-house', 'internal', 'CNY', '2026-01-01'),
  ('treasury', 'internal', 'CNY', '2026-01-01'),
  ('billers', 'internal', 'CNY', '2026-01-01');

-- The balances there were are the books' first entries.
INSERT INTO books (number, kind, customer, currency, opened)
  SELECT number, 'current', customer, currency, '2026-01-01' FROM accounts;
INSERT INTO legs (entry, account, amount)
  SELECT rowid, number, balance FROM accounts WHERE balance <> 0
  UNION ALL
  SELECT rowid, 'opening', -balance FROM accounts WHERE balance <> 0;
INSERT INTO entries (id, day, at, operation, detail, key)
  SELECT rowid, '2026-01-01', 1767196800000, 'opening', '', 'opening-' || number
  FROM accounts WHERE balance <> 0;
ALTER TABLE accounts DROP COLUMN balance;
ALTER TABLE accounts DROP COLUMN currency;
-- What customers hold is told by their accounts and cards now.
DROP TABLE holdings;
-- Branches are the knowledge port's.
DROP TABLE branch_hours;
DROP TABLE branches;
