-- Every call that the bank begins has a row here, whatever it is for, and a telephone one that is not
-- over. `number` is the telephone's one name; until `until` (ms) a call may be on its way unseen.
ALTER TABLE attempts ADD COLUMN until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN over INTEGER NOT NULL DEFAULT 1;

CREATE UNIQUE INDEX attempts_live ON attempts (number) WHERE NOT over;
