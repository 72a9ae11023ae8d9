-- The coverage ledger: one row for each call that has ended, written with its CallEnded. `body` is the row
-- as canonical JSON; the columns beside it are for finding. Times are Unix milliseconds.
CREATE TABLE coverage (
  number   INTEGER PRIMARY KEY,
  call_id  TEXT NOT NULL UNIQUE,
  ended_at INTEGER NOT NULL,
  asked    INTEGER NOT NULL,
  ani      TEXT NOT NULL,
  customer TEXT NOT NULL,
  hash     TEXT NOT NULL,
  body     BLOB NOT NULL
) STRICT;

CREATE INDEX coverage_of_time ON coverage (ended_at);
CREATE INDEX coverage_of_ani ON coverage (ani, number) WHERE asked AND ani <> '';
CREATE INDEX coverage_of_customer ON coverage (customer, number) WHERE asked AND customer <> '';

CREATE TRIGGER coverage_is_not_changed BEFORE UPDATE ON coverage
BEGIN SELECT RAISE(ABORT, 'the coverage ledger is only appended to'); END;

CREATE TRIGGER coverage_is_not_deleted BEFORE DELETE ON coverage
BEGIN SELECT RAISE(ABORT, 'the coverage ledger is only appended to'); END;

-- Calls that had ended before there was a ledger have no rows: those of events up to this one.
CREATE TABLE coverage_begins (seq INTEGER NOT NULL) STRICT;

INSERT INTO coverage_begins SELECT coalesce(max(seq), 0) FROM events;

-- Calls that have ended, for whoever compares the two.
CREATE INDEX events_of_ends ON events (call_id) WHERE kind = 'CallEnded';

-- What was said in surveys, by the call or the case that it is about.
CREATE TABLE survey_events (
  about TEXT NOT NULL,
  seq   INTEGER NOT NULL REFERENCES events (seq),
  PRIMARY KEY (about, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX survey_events_of_seq ON survey_events (seq);

-- Who wants not to be asked (`wish` 1), or has taken that back (0): `caller` is `ani:…` or `customer:…`.
-- `after` is the number of the last row of coverage that was written before.
CREATE TABLE opt_outs (
  seq    INTEGER PRIMARY KEY,
  caller TEXT NOT NULL,
  wish   INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  who    TEXT NOT NULL,
  after  INTEGER NOT NULL
) STRICT;

CREATE INDEX opt_outs_of_caller ON opt_outs (caller, seq);

CREATE TRIGGER opt_outs_are_not_changed BEFORE UPDATE ON opt_outs
BEGIN SELECT RAISE(ABORT, 'opt-outs are only appended to'); END;

CREATE TRIGGER opt_outs_are_not_deleted BEFORE DELETE ON opt_outs
BEGIN SELECT RAISE(ABORT, 'opt-outs are only appended to'); END;

-- Callers who are asked after the call, or after their case: `about` is its id or key. A message goes out,
-- or a telephone is rung, from `not_before` to `not_after`. `attempt` is the id of the bank's own call, of
-- which there were `tries`.
CREATE TABLE offers (
  about      TEXT PRIMARY KEY,
  how        TEXT NOT NULL,
  progress   TEXT NOT NULL,
  survey     TEXT NOT NULL,
  language   TEXT NOT NULL,
  ani        TEXT NOT NULL,
  customer   TEXT NOT NULL,
  version    TEXT NOT NULL,
  made_at    INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  not_after  INTEGER NOT NULL,
  attempt    TEXT NOT NULL DEFAULT '',
  tries      INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX offers_due ON offers (not_before) WHERE progress = 'due';
CREATE INDEX offers_of_ani ON offers (ani, made_at) WHERE ani <> '';
CREATE INDEX offers_of_customer ON offers (customer, made_at) WHERE customer <> '';
CREATE INDEX offers_of_attempt ON offers (attempt) WHERE attempt <> '';
