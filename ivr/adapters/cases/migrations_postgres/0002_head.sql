-- How far the entries of all cases are sealed, in the order in which they were written, and the seal of the
-- last: no case can be taken out as a whole. Entries that are there before are sealed at the next opening.
CREATE TABLE head (
  n    bigint NOT NULL,
  seal text NOT NULL
);

INSERT INTO head VALUES (0, '0000000000000000000000000000000000000000000000000000000000000000');
