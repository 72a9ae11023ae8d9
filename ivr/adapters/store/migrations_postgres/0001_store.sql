-- The store, as SQLite has it (../migrations). Times are Unix milliseconds. Rows are written by one writer
-- at a time, so `seq` is the order in which they are seen.
CREATE TABLE sessions (
  call_id  text COLLATE "C" PRIMARY KEY,
  saved_at bigint NOT NULL,
  resumed  bigint NOT NULL,
  body     bytea NOT NULL
);

CREATE TABLE events (
  seq     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  call_id text COLLATE "C" NOT NULL,
  at      bigint NOT NULL,
  kind    text COLLATE "C" NOT NULL,
  body    bytea NOT NULL
);

CREATE INDEX events_of_call ON events (call_id);
CREATE INDEX events_of_time ON events (at, seq);
CREATE INDEX events_of_messages ON events (at, seq) WHERE kind = 'MessageRecorded';
CREATE INDEX events_of_starts ON events (at, seq) WHERE kind = 'CallStarted';
CREATE INDEX events_of_ends ON events (call_id) WHERE kind = 'CallEnded';
CREATE INDEX events_that_tell ON events (call_id) WHERE kind IN (
  'CallStarted', 'CallEnded', 'CallQueued', 'CallTransferred', 'LanguageChanged', 'StepFailed'
);

-- What one call added to its journal within one write: JSON lines.
CREATE TABLE journal (
  seq     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  call_id text COLLATE "C" NOT NULL,
  entries bytea NOT NULL
);

CREATE INDEX journal_of_call ON journal (call_id);

CREATE TABLE flow_versions (
  version text COLLATE "C" PRIMARY KEY,
  kept_at bigint NOT NULL,
  files   bytea NOT NULL
);

-- What is remembered of customers between calls. `revision` counts the changes, so that none is lost.
CREATE TABLE profiles (
  customer   text COLLATE "C" PRIMARY KEY,
  revision   bigint NOT NULL,
  changed_at bigint NOT NULL,
  body       bytea NOT NULL
);

-- The ledger of releases. `hash` is the SHA-256 of `body`.
CREATE TABLE releases (
  number bigint PRIMARY KEY,
  hash   text NOT NULL,
  body   bytea NOT NULL
);

-- The coverage ledger: one row for each call that has ended, written with its CallEnded.
CREATE TABLE coverage (
  number   bigint PRIMARY KEY,
  call_id  text COLLATE "C" NOT NULL UNIQUE,
  ended_at bigint NOT NULL,
  asked    boolean NOT NULL,
  ani      text COLLATE "C" NOT NULL,
  customer text COLLATE "C" NOT NULL,
  hash     text NOT NULL,
  body     bytea NOT NULL
);

CREATE INDEX coverage_of_time ON coverage (ended_at);
CREATE INDEX coverage_of_ani ON coverage (ani, number) WHERE asked AND ani <> '';
CREATE INDEX coverage_of_customer ON coverage (customer, number) WHERE asked AND customer <> '';

-- Calls that had ended before there was a ledger have no rows: here, none.
CREATE TABLE coverage_begins (seq bigint NOT NULL);

INSERT INTO coverage_begins VALUES (0);

-- What was said in surveys, by the call or the case that it is about.
CREATE TABLE survey_events (
  about text COLLATE "C" NOT NULL,
  seq   bigint NOT NULL REFERENCES events (seq),
  PRIMARY KEY (about, seq)
);

CREATE INDEX survey_events_of_seq ON survey_events (seq);

-- Who wants not to be asked, or has taken that back: `caller` is `ani:…` or `customer:…`. `after` is the
-- number of the last row of coverage that was written before.
CREATE TABLE opt_outs (
  seq    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  caller text COLLATE "C" NOT NULL,
  wish   boolean NOT NULL,
  at     bigint NOT NULL,
  who    text NOT NULL,
  after  bigint NOT NULL
);

CREATE INDEX opt_outs_of_caller ON opt_outs (caller, seq);

-- Callers who are asked after the call, or after their case.
CREATE TABLE offers (
  about      text COLLATE "C" PRIMARY KEY,
  how        text NOT NULL,
  progress   text COLLATE "C" NOT NULL,
  survey     text NOT NULL,
  language   text NOT NULL,
  ani        text COLLATE "C" NOT NULL,
  telephone  text COLLATE "C" NOT NULL,
  customer   text COLLATE "C" NOT NULL,
  version    text NOT NULL,
  made_at    bigint NOT NULL,
  not_before bigint NOT NULL,
  not_after  bigint NOT NULL,
  attempt    text COLLATE "C" NOT NULL DEFAULT '',
  tries      bigint NOT NULL DEFAULT 0
);

CREATE INDEX offers_due ON offers (not_before) WHERE progress = 'due';
CREATE INDEX offers_of_telephone ON offers (telephone, made_at) WHERE telephone <> '';
CREATE INDEX offers_of_customer ON offers (customer, made_at) WHERE customer <> '';
CREATE INDEX offers_of_attempt ON offers (attempt) WHERE attempt <> '';

CREATE FUNCTION only_appended_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is only appended to', TG_TABLE_NAME; END $$;

CREATE TRIGGER releases_are_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON releases
  EXECUTE FUNCTION only_appended_to();
CREATE TRIGGER coverage_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON coverage
  EXECUTE FUNCTION only_appended_to();
CREATE TRIGGER opt_outs_are_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON opt_outs
  EXECUTE FUNCTION only_appended_to();
