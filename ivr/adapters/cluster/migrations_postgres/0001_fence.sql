CREATE TABLE fence (
    token bigint NOT NULL,
    kept_until double precision NOT NULL
);

INSERT INTO fence VALUES (0, 0);
