CREATE TABLE branches (
  number TEXT PRIMARY KEY,
  name   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- weekday: 0 is Monday. No row: closed all day.
CREATE TABLE branch_hours (
  branch  TEXT NOT NULL REFERENCES branches (number),
  weekday INTEGER NOT NULL CHECK (weekday BETWEEN 0 AND 6),
  opens   TEXT NOT NULL,
  closes  TEXT NOT NULL,
  PRIMARY KEY (branch, weekday)
) STRICT, WITHOUT ROWID;

-- share: hundredths of a percent of the amount; least and most in minor units, most 0: no limit.
CREATE TABLE fees (
  service  TEXT PRIMARY KEY,
  share    INTEGER NOT NULL CHECK (share BETWEEN 0 AND 10000),
  least    INTEGER NOT NULL CHECK (least >= 0),
  most     INTEGER NOT NULL CHECK (most = 0 OR most >= least),
  currency TEXT NOT NULL DEFAULT 'CNY'
) STRICT, WITHOUT ROWID;
