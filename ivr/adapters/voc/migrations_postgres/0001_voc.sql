-- What people did about what was said: corrections, feedback to branches, replies, ends. `body` is JSON.
CREATE TABLE acts (
  number bigint PRIMARY KEY,
  at     text NOT NULL,
  by     text NOT NULL,
  body   bytea NOT NULL
);

CREATE FUNCTION acts_only_grow() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'what was done is only appended to'; END $$;

CREATE TRIGGER acts_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON acts
  FOR EACH STATEMENT EXECUTE FUNCTION acts_only_grow();

-- Reports as they were made, and the taxonomies they were made by.
CREATE TABLE reports (
  number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  month    text NOT NULL,
  sha256   text NOT NULL UNIQUE,
  taxonomy text NOT NULL,
  body     bytea NOT NULL
);

CREATE TABLE taxonomies (
  sha256 text PRIMARY KEY,
  body   text NOT NULL
);
