-- How often a call was resumed: who has it no longer does not write over who has it now.
ALTER TABLE sessions ADD COLUMN resumed INTEGER NOT NULL DEFAULT 0;
