-- The greatest token by which a leader has written here: a smaller one writes nothing.
CREATE TABLE fence (token INTEGER NOT NULL) STRICT;

INSERT INTO fence VALUES (0);
