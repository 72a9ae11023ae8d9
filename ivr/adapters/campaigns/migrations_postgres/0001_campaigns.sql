-- Times in ms since 1970. `telephone` is a number's one name, however it is written.
CREATE TABLE campaigns (
  name       text PRIMARY KEY,
  running    text NOT NULL,
  changed_at bigint NOT NULL,
  by         text NOT NULL
);

-- `body` is the whole of a contact (JSON), the rest finds it.
CREATE TABLE contacts (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign   text NOT NULL,
  telephone  text NOT NULL,
  state      text NOT NULL,
  not_before bigint NOT NULL,
  attempt    text NOT NULL,
  changed_at bigint NOT NULL,
  body       bytea NOT NULL
);

CREATE INDEX contacts_due ON contacts (campaign, state, not_before);
CREATE INDEX contacts_by_changed ON contacts (campaign, changed_at);
CREATE UNIQUE INDEX contacts_by_attempt ON contacts (attempt) WHERE attempt <> '';
CREATE UNIQUE INDEX contacts_open ON contacts (campaign, telephone)
  WHERE state IN ('review', 'ready', 'calling');

-- Every call: written before its telephone rings. `result` is empty while it is not known to be over.
CREATE TABLE attempts (
  id       text PRIMARY KEY,
  contact  bigint NOT NULL REFERENCES contacts (id),
  campaign text NOT NULL,
  at       bigint NOT NULL,
  answered bigint,
  talked   bigint,
  dropped  bigint,
  agent    text NOT NULL DEFAULT '',
  result   text NOT NULL DEFAULT '',
  outcome  text NOT NULL DEFAULT ''
);

CREATE INDEX attempts_of_campaign ON attempts (campaign, at);
CREATE INDEX attempts_of_contact ON attempts (contact, at);

CREATE TABLE no_calls (
  telephone text NOT NULL,
  scope     text NOT NULL,
  at        bigint NOT NULL,
  by        text NOT NULL,
  why       text NOT NULL,
  PRIMARY KEY (telephone, scope)
);

-- Who agrees to be called for sales, and who did once; the latest word counts.
CREATE TABLE consents (
  telephone text NOT NULL,
  at        bigint NOT NULL,
  given     boolean NOT NULL,
  by        text NOT NULL,
  PRIMARY KEY (telephone, at)
);

-- What somebody does not want to be offered again: a customer by number, anybody else by telephone.
CREATE TABLE refusals (
  who     text NOT NULL,
  product text NOT NULL,
  at      bigint NOT NULL,
  PRIMARY KEY (who, product)
);

-- The greatest token by which a leader has claimed anything here: a smaller one claims nothing.
CREATE TABLE fence (token bigint NOT NULL);

INSERT INTO fence VALUES (0);
