-- Calling numbers that customers have on file; several customers may share one.
CREATE TABLE phones (
  number   TEXT NOT NULL,
  customer TEXT NOT NULL REFERENCES customers (number),
  PRIMARY KEY (number, customer)
) STRICT, WITHOUT ROWID;

CREATE TABLE holdings (
  customer TEXT NOT NULL REFERENCES customers (number),
  product  TEXT NOT NULL,
  PRIMARY KEY (customer, product)
) STRICT, WITHOUT ROWID;

-- What is open between a customer and the bank. `opened_at` is Unix seconds. A matter of the demo has
-- an `age_s` instead, and was opened so long ago whenever it is asked for. `amount` in minor units.
CREATE TABLE matters (
  id        TEXT PRIMARY KEY,
  customer  TEXT NOT NULL REFERENCES customers (number),
  kind      TEXT NOT NULL,
  level     INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3),
  opened_at INTEGER,
  age_s     INTEGER,
  state     TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'rejected')),
  amount    INTEGER,
  currency  TEXT NOT NULL DEFAULT 'CNY',
  CHECK ((opened_at IS NULL) <> (age_s IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX matters_of_customer ON matters (customer);
