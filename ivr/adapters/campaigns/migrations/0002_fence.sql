-- The greatest token by which a leader has claimed anything here: a smaller one claims nothing.
CREATE TABLE fence (token INTEGER NOT NULL) STRICT;

INSERT INTO fence VALUES (0);
