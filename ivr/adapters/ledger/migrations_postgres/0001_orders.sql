-- What happened to orders, in the order in which it was written: rows are added, never touched.
CREATE TABLE entries (
  n bigint PRIMARY KEY,
  order_id text NOT NULL,
  number integer NOT NULL,
  hash text NOT NULL,
  body bytea NOT NULL,
  seal text NOT NULL,
  UNIQUE (order_id, number)
);

CREATE FUNCTION entries_only_grow() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'entries of the ledger are never changed or removed'; END $$;

CREATE TRIGGER entries_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
  FOR EACH STATEMENT EXECUTE FUNCTION entries_only_grow();

-- How far the entries go: one row, locked by whoever writes.
CREATE TABLE head (
  one integer PRIMARY KEY CHECK (one = 1),
  n bigint NOT NULL,
  seal text NOT NULL
);

INSERT INTO head VALUES (1, 0, '');

-- What the entries of each order come to, with columns to find it by; times in ms since 1970.
CREATE TABLE orders (
  id text PRIMARY KEY,
  state text NOT NULL,
  desk text NOT NULL,
  kind text NOT NULL,
  customer text NOT NULL,
  reference text UNIQUE,
  opened_at bigint NOT NULL,
  authorised_at bigint,
  amount bigint NOT NULL,
  currency text NOT NULL,
  booked_on text,
  record bytea NOT NULL,
  due_at bigint,
  tries integer NOT NULL DEFAULT 0
);

CREATE INDEX orders_due ON orders (desk, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX orders_of_state ON orders (state, opened_at);
CREATE INDEX orders_of_customer ON orders (customer, kind, authorised_at);
CREATE INDEX orders_of_day ON orders (booked_on) WHERE booked_on IS NOT NULL;
CREATE INDEX orders_of_time ON orders (opened_at);

CREATE TABLE cases (
  number text PRIMARY KEY,
  opened_at bigint NOT NULL,
  closed_at bigint,
  body bytea NOT NULL
);

CREATE INDEX cases_open ON cases (opened_at) WHERE closed_at IS NULL;

-- Messages that are still to be sent: one an order, the latest.
CREATE TABLE outbox (
  key text PRIMARY KEY,
  order_id text NOT NULL UNIQUE,
  body bytea NOT NULL,
  due_at bigint NOT NULL,
  tries integer NOT NULL DEFAULT 0
);

CREATE INDEX outbox_due ON outbox (due_at);
