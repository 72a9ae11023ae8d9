-- Which pepper the hashes were made with, by its fingerprint: one row.
CREATE TABLE pepper (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  fingerprint TEXT NOT NULL
) STRICT;
