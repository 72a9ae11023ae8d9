-- A caller is found by telephone, however their number is written: see ivr/centre/dialling.py. What was
-- written before is of China (86).
ALTER TABLE offers ADD COLUMN telephone TEXT NOT NULL DEFAULT '';

UPDATE offers SET telephone = CASE
  WHEN ani LIKE '+86%' THEN ltrim(substr(ani, 4), '0')
  WHEN ani LIKE '0086%' THEN ltrim(substr(ani, 5), '0')
  WHEN ani LIKE '+%' OR ani LIKE '00%' THEN '+' || ltrim(ani, '+0')
  ELSE ltrim(ani, '0') END;

DROP INDEX offers_of_ani;
CREATE INDEX offers_of_telephone ON offers (telephone, made_at) WHERE telephone <> '';

DROP TRIGGER coverage_is_not_changed;
UPDATE coverage SET ani = CASE
  WHEN ani LIKE '+86%' THEN ltrim(substr(ani, 4), '0')
  WHEN ani LIKE '0086%' THEN ltrim(substr(ani, 5), '0')
  WHEN ani LIKE '+%' OR ani LIKE '00%' THEN '+' || ltrim(ani, '+0')
  ELSE ltrim(ani, '0') END;
CREATE TRIGGER coverage_is_not_changed BEFORE UPDATE ON coverage
BEGIN SELECT RAISE(ABORT, 'the coverage ledger is only appended to'); END;

DROP TRIGGER opt_outs_are_not_changed;
UPDATE opt_outs SET caller = 'ani:' || CASE
  WHEN caller LIKE 'ani:+86%' THEN ltrim(substr(caller, 8), '0')
  WHEN caller LIKE 'ani:0086%' THEN ltrim(substr(caller, 9), '0')
  WHEN caller LIKE 'ani:+%' OR caller LIKE 'ani:00%' THEN '+' || ltrim(substr(caller, 5), '+0')
  ELSE ltrim(substr(caller, 5), '0') END
WHERE caller LIKE 'ani:%';
CREATE TRIGGER opt_outs_are_not_changed BEFORE UPDATE ON opt_outs
BEGIN SELECT RAISE(ABORT, 'opt-outs are only appended to'); END;
