-- What the events up to this number come to: a floor that starts goes on from there. One row, or none.
CREATE TABLE checkpoint (number INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
