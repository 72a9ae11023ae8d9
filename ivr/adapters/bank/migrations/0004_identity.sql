-- Wrong PINs by the trunk that calls came in by, since `since` (Unix seconds, as all times here).
CREATE TABLE trunk_attempts (
  trunk TEXT PRIMARY KEY,
  made  INTEGER NOT NULL,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Second factors evaluated since the last right one or the last unlock.
CREATE TABLE factor_attempts (
  customer TEXT PRIMARY KEY,
  made     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Dates of birth (ISO 8601): a PIN must not be one's own.
CREATE TABLE births (
  customer TEXT PRIMARY KEY REFERENCES customers (number),
  born     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Which card is whose. A card number is kept as a keyed hash only.
CREATE TABLE card_numbers (
  keyed    TEXT PRIMARY KEY,
  customer TEXT NOT NULL REFERENCES customers (number),
  account  TEXT NOT NULL REFERENCES accounts (number)
) STRICT, WITHOUT ROWID;

-- The telephone banking code, digit by digit as keyed hashes, so that some of them can be checked.
CREATE TABLE code_digits (
  customer TEXT NOT NULL REFERENCES customers (number),
  position INTEGER NOT NULL CHECK (position BETWEEN 1 AND 12),
  keyed    TEXT NOT NULL,
  PRIMARY KEY (customer, position)
) STRICT, WITHOUT ROWID;

-- The positions that a customer is asked for until they are answered right, as "2 5 7".
CREATE TABLE asked_positions (
  customer  TEXT PRIMARY KEY REFERENCES customers (number),
  positions TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One-time codes that were sent. `keyed` is null where the code was used, or a later one was sent.
CREATE TABLE sent_codes (
  id       INTEGER PRIMARY KEY,
  customer TEXT NOT NULL REFERENCES customers (number),
  keyed    TEXT,
  at       INTEGER NOT NULL
) STRICT;

CREATE INDEX sent_codes_of_customer ON sent_codes (customer, at);

-- Whom the bank has promised to call, at the number on file, about which call.
CREATE TABLE callbacks (
  id       INTEGER PRIMARY KEY,
  customer TEXT NOT NULL REFERENCES customers (number),
  number   TEXT NOT NULL,
  call     TEXT NOT NULL UNIQUE,
  at       INTEGER NOT NULL
) STRICT;

-- The read-backs that a customer has authorised by a PIN (hex SHA-256): nothing else is posted.
CREATE TABLE authorisations (
  digest   TEXT NOT NULL,
  customer TEXT NOT NULL REFERENCES customers (number),
  account  TEXT NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (digest, customer)
) STRICT, WITHOUT ROWID;

-- What was done to PINs and locks, by whom. Nothing is ever changed or taken away.
CREATE TABLE audit (
  id      INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  what    TEXT NOT NULL,
  subject TEXT NOT NULL,
  actor   TEXT NOT NULL,
  reason  TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
