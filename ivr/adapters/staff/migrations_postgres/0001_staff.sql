-- Who works here. Hashes are argon2id, bound to the person and keyed with a pepper outside this database.
CREATE TABLE people (
  name          text COLLATE "C" PRIMARY KEY,
  role          text NOT NULL CHECK (role IN ('agent', 'supervisor', 'administrator')),
  agent         text UNIQUE,
  shown         text NOT NULL DEFAULT '',
  active        boolean NOT NULL DEFAULT true,
  pin_hash      text,
  password_hash text
);

-- Credentials that were tried since `since` (Unix seconds): of a person, or from a place.
CREATE TABLE attempts (
  of    text PRIMARY KEY,
  made  integer NOT NULL,
  since bigint NOT NULL
);

-- What people did. Nothing is ever changed or taken away.
CREATE TABLE trail (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at     bigint NOT NULL,
  who    text NOT NULL,
  what   text NOT NULL,
  about  text NOT NULL,
  source text NOT NULL
);

CREATE FUNCTION trail_only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the trail is append-only'; END $$;

CREATE TRIGGER trail_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON trail
  FOR EACH STATEMENT EXECUTE FUNCTION trail_only_grows();

-- Which pepper the hashes were made with, by its fingerprint: one row.
CREATE TABLE pepper (
  one         integer PRIMARY KEY CHECK (one = 1),
  fingerprint text NOT NULL
);
