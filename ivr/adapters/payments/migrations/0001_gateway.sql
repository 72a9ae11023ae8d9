-- The sandbox gateway. No card number, expiry or security code is ever in it: a card is its brand, its
-- last four digits, a token, and `mark`, a keyed hash by which the same card is known again.
CREATE TABLE merchant_orders (
    number TEXT PRIMARY KEY,
    merchant TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    instalments TEXT NOT NULL,
    open INTEGER NOT NULL CHECK (open IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE cards (
    token TEXT PRIMARY KEY,
    brand TEXT NOT NULL,
    tail TEXT NOT NULL CHECK (length(tail) <= 4),
    mark TEXT UNIQUE
) STRICT, WITHOUT ROWID;

-- One row a key, for ever. `number` makes the reference; `refunds` is the key of the payment that a
-- refund gives back from.
CREATE TABLE payments (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    merchant_order TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    currency TEXT NOT NULL,
    instalments INTEGER NOT NULL,
    brand TEXT NOT NULL,
    tail TEXT NOT NULL CHECK (length(tail) <= 4),
    token TEXT NOT NULL,
    decline TEXT NOT NULL,
    refunds TEXT NOT NULL,
    mishap TEXT NOT NULL,
    blind INTEGER NOT NULL
) STRICT;

CREATE INDEX payments_of_order ON payments (merchant_order, state);
CREATE INDEX refunds_of_payment ON payments (refunds);

-- What is held under a key, with what was given back of it.
CREATE VIEW held AS
SELECT key, state, amount, currency, printf('%012d', number) AS reference, brand, tail, token, decline,
    merchant_order,
    (SELECT coalesce(sum(given.amount), 0) FROM payments AS given
     WHERE given.refunds = payments.key AND given.state = 'refunded') AS refunded
FROM payments;
