-- The figures told for a call to the number on file, as a keyed hash; null once they are used, or later
-- ones were told.
ALTER TABLE callbacks ADD COLUMN keyed TEXT;
