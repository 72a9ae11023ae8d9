-- The greatest token by which a leader has claimed anything here: a smaller one claims nothing.
CREATE TABLE fence (token INTEGER NOT NULL) STRICT;

INSERT INTO fence VALUES (0);

-- What is to go because it is old.
CREATE INDEX callbacks_by_until ON callbacks (until);
CREATE INDEX attempts_by_time ON attempts (at);
