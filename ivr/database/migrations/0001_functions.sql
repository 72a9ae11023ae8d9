-- What of SQLite's functions our statements use, so that one text serves both.
CREATE FUNCTION instr(bytea, bytea) RETURNS integer
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN position($2 IN $1);

CREATE FUNCTION instr(text, text) RETURNS integer
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN strpos($1, $2);

-- The texts of a JSON array; PostgreSQL keeps no text with a NUL in it.
CREATE FUNCTION json_each(text) RETURNS TABLE (value text)
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 100
  AS $$ SELECT json_array_elements_text(replace($1, '\u0000', '\ufffd')::json) $$;

-- The last transaction of each connection that writes: who loses the answer to a COMMIT finds it here.
CREATE TABLE commits (
  connection text PRIMARY KEY,
  number     bigint NOT NULL,
  at         timestamptz NOT NULL DEFAULT now()
);
