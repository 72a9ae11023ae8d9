-- What happened to cases, in the order in which it was written: rows are added, never touched.
CREATE TABLE entries (
  n           bigint PRIMARY KEY,
  case_number text NOT NULL,
  number      integer NOT NULL,
  hash        text NOT NULL,
  body        bytea NOT NULL,
  UNIQUE (case_number, number)
);

CREATE FUNCTION entries_only_grow() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'entries of cases are never changed or removed'; END $$;

CREATE TRIGGER entries_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
  FOR EACH STATEMENT EXECUTE FUNCTION entries_only_grow();

-- What the entries of each case come to, with columns to find it by; times in ms since 1970. `due_at` is
-- when its customer must have been answered, as long as they are not; `wake_at` when it is to be looked
-- at by itself.
CREATE TABLE cases (
  number    text COLLATE "C" PRIMARY KEY,
  key       text NOT NULL UNIQUE,
  state     text NOT NULL,
  kind      text NOT NULL,
  owner     text NOT NULL,
  customer  text NOT NULL,
  ani       text NOT NULL,
  opened_at bigint NOT NULL,
  due_at    bigint,
  wake_at   bigint,
  entries   integer NOT NULL,
  record    bytea NOT NULL
);

CREATE INDEX cases_not_closed ON cases (due_at, opened_at) WHERE state <> 'closed';
CREATE INDEX cases_of_customer ON cases (customer) WHERE customer <> '';
CREATE INDEX cases_of_number ON cases (ani) WHERE ani <> '';
CREATE INDEX cases_of_time ON cases (opened_at);
CREATE INDEX cases_to_wake ON cases (wake_at) WHERE wake_at IS NOT NULL;

-- What belongs to cases, to find them by it.
CREATE TABLE links (
  case_number text NOT NULL,
  kind        text NOT NULL,
  id          text NOT NULL,
  PRIMARY KEY (kind, id, case_number)
);
