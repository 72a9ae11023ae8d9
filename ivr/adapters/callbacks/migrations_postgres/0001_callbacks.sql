-- Calls that the bank has promised. `body` is the whole of one (JSON), the rest finds it; times in ms
-- since 1970. `session` is the call that it goes on with.
CREATE TABLE callbacks (
  id      text COLLATE "C" PRIMARY KEY,
  state   text NOT NULL,
  attempt text NOT NULL,
  tries   integer NOT NULL,
  entered bigint NOT NULL,
  until   bigint NOT NULL,
  body    bytea NOT NULL,
  session bytea
);

CREATE INDEX callbacks_by_state ON callbacks (state);
CREATE INDEX callbacks_by_until ON callbacks (until);
CREATE UNIQUE INDEX callbacks_by_attempt ON callbacks (attempt) WHERE attempt <> '';

-- Every call that the bank begins has a row here before its telephone rings, and a telephone one that is
-- not over. `number` is the telephone's one name; until `until` (ms) a call may be on its way unseen.
CREATE TABLE attempts (
  id     text COLLATE "C" PRIMARY KEY,
  number text NOT NULL,
  at     bigint NOT NULL,
  until  bigint NOT NULL,
  over   boolean NOT NULL
);

CREATE INDEX attempts_by_number ON attempts (number, at);
CREATE INDEX attempts_by_time ON attempts (at);
CREATE UNIQUE INDEX attempts_live ON attempts (number) WHERE NOT over;

-- The greatest token by which a leader has claimed anything here: a smaller one claims nothing.
CREATE TABLE fence (token bigint NOT NULL);

INSERT INTO fence VALUES (0);
