CREATE TABLE fence (
    token INTEGER NOT NULL,
    kept_until REAL NOT NULL
) STRICT;

INSERT INTO fence VALUES (0, 0);
