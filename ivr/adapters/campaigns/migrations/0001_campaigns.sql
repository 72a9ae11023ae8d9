-- Times in ms since 1970. `telephone` is a number's one name, however it is written.
CREATE TABLE campaigns (
  name       TEXT PRIMARY KEY,
  running    TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  by         TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- `body` is the whole of a contact (JSON), the rest finds it.
CREATE TABLE contacts (
  id         INTEGER PRIMARY KEY,
  campaign   TEXT NOT NULL,
  telephone  TEXT NOT NULL,
  state      TEXT NOT NULL,
  not_before INTEGER NOT NULL,
  attempt    TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  body       BLOB NOT NULL
) STRICT;

CREATE INDEX contacts_due ON contacts (campaign, state, not_before);
CREATE INDEX contacts_by_changed ON contacts (campaign, changed_at);
CREATE UNIQUE INDEX contacts_by_attempt ON contacts (attempt) WHERE attempt <> '';
CREATE UNIQUE INDEX contacts_open ON contacts (campaign, telephone)
  WHERE state IN ('review', 'ready', 'calling');

-- Every call: written before its telephone rings. `result` is empty while it is not known to be over.
CREATE TABLE attempts (
  id       TEXT PRIMARY KEY,
  contact  INTEGER NOT NULL REFERENCES contacts (id),
  campaign TEXT NOT NULL,
  at       INTEGER NOT NULL,
  answered INTEGER,
  talked   INTEGER,
  dropped  INTEGER,
  agent    TEXT NOT NULL DEFAULT '',
  result   TEXT NOT NULL DEFAULT '',
  outcome  TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_of_campaign ON attempts (campaign, at);
CREATE INDEX attempts_of_contact ON attempts (contact, at);

CREATE TABLE no_calls (
  telephone TEXT NOT NULL,
  scope     TEXT NOT NULL,
  at        INTEGER NOT NULL,
  by        TEXT NOT NULL,
  why       TEXT NOT NULL,
  PRIMARY KEY (telephone, scope)
) STRICT, WITHOUT ROWID;

-- Who agrees to be called for sales, and who did once; the latest word counts.
CREATE TABLE consents (
  telephone TEXT NOT NULL,
  at        INTEGER NOT NULL,
  given     INTEGER NOT NULL,
  by        TEXT NOT NULL,
  PRIMARY KEY (telephone, at)
) STRICT, WITHOUT ROWID;

-- What somebody does not want to be offered again: a customer by number, anybody else by telephone.
CREATE TABLE refusals (
  who     TEXT NOT NULL,
  product TEXT NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (who, product)
) STRICT, WITHOUT ROWID;
