-- Amounts are integers in minor units (fen).
CREATE TABLE customers (
  number   TEXT PRIMARY KEY,
  name     TEXT NOT NULL,
  segment  TEXT NOT NULL CHECK (segment IN ('vip', 'standard')),
  language TEXT NOT NULL
) STRICT;

CREATE TABLE accounts (
  number   TEXT PRIMARY KEY,
  customer TEXT NOT NULL REFERENCES customers (number),
  balance  INTEGER NOT NULL,
  currency TEXT NOT NULL DEFAULT 'CNY',
  pin_hash TEXT NOT NULL
) STRICT;

CREATE TABLE branches (
  number TEXT PRIMARY KEY,
  name   TEXT NOT NULL
) STRICT;

-- weekday: 0 is Monday. No row: closed all day.
CREATE TABLE branch_hours (
  branch  TEXT NOT NULL REFERENCES branches (number),
  weekday INTEGER NOT NULL CHECK (weekday BETWEEN 0 AND 6),
  opens   TEXT NOT NULL,
  closes  TEXT NOT NULL,
  PRIMARY KEY (branch, weekday)
) STRICT, WITHOUT ROWID;

-- PINs evaluated since the last right one or the last unlock. Account numbers that do not exist are
-- counted as well, so that nobody can tell them apart.
CREATE TABLE account_attempts (
  account TEXT PRIMARY KEY,
  made    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Wrong PINs by calling number since `since` (Unix seconds).
CREATE TABLE ani_attempts (
  ani   TEXT PRIMARY KEY,
  made  INTEGER NOT NULL,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE facts (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
