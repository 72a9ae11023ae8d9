CREATE TABLE events (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at     double precision NOT NULL,
  body   bytea NOT NULL
);

CREATE INDEX events_at ON events (at);

-- The greatest token by which a leader has written here: a smaller one writes nothing.
CREATE TABLE fence (token bigint NOT NULL);

INSERT INTO fence VALUES (0);
