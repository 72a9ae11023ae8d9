CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE INDEX events_at ON events (at);
