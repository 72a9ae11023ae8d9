"""What of a database the code of one version before leans on, and whether a script takes it away."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ivr.database import Connection, Kind, Place, reading

_COLUMNS = """
    SELECT m.name, c.name, c.type, c."notnull" AND c.dflt_value IS NULL AND NOT c.pk
    FROM sqlite_schema m JOIN pragma_table_xinfo(m.name) c WHERE m.type = 'table'"""
_RULES = """
    SELECT tbl_name, sql FROM sqlite_schema
    WHERE type = 'trigger' OR (type = 'index' AND sql LIKE 'CREATE UNIQUE%')"""
_COLUMNS_POSTGRES = """
    SELECT table_name, column_name, data_type,
      is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
    FROM information_schema.columns WHERE table_schema = ?"""
_RULES_POSTGRES = """
    SELECT tablename, indexdef FROM pg_indexes
    WHERE schemaname = :schema AND indexdef LIKE 'CREATE UNIQUE%'
    UNION SELECT c.relname, pg_get_triggerdef(t.oid) FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = :schema AND NOT t.tgisinternal
    UNION SELECT c.relname, pg_get_constraintdef(k.oid) FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = :schema"""


class Shape(msgspec.Struct, frozen=True):
    """Tables with the type of each column, the columns that must be given, and what rules there are:
    unique indexes, triggers, constraints."""

    columns: dict[str, dict[str, str]]
    given: set[tuple[str, str]]
    rules: set[tuple[str, str]]


def shape(place: Place, kind: Kind) -> Shape:
    """Return the shape of a database."""
    columns: dict[str, dict[str, str]] = {}
    given = set()
    with reading(place, kind) as connection:
        for table, name, type_, must in _columns(connection, place, kind):
            columns.setdefault(table, {})[name] = type_
            if must:
                given.add((table, name))
        return Shape(columns, given, set(_rules(connection, place, kind)))


def taken_away(before: Shape, after: Shape) -> list[str]:
    """Return what the code of one version before would miss, or trip over."""
    lost = [
        f"{table}.{name}"
        for table, columns in before.columns.items()
        for name, type_ in columns.items()
        if after.columns.get(table, {}).get(name) != type_
    ]
    asked = [
        f"{table}.{name} must be given"
        for table, name in after.given - before.given
        if table in before.columns
    ]
    ruled = [
        f"{table}: {rule}" for table, rule in before.rules ^ after.rules if table in before.columns
    ]
    return sorted(lost + asked + ruled)


def _columns(
    connection: Connection, place: Place, kind: Kind
) -> list[tuple[str, str, str, bool | int]]:
    if isinstance(place, Path):
        return connection.execute(_COLUMNS).fetchall()
    return connection.execute(_COLUMNS_POSTGRES, (kind.home,)).fetchall()


def _rules(connection: Connection, place: Place, kind: Kind) -> list[tuple[str, str]]:
    if isinstance(place, Path):
        return connection.execute(_RULES).fetchall()
    return connection.execute(_RULES_POSTGRES, {"schema": kind.home}).fetchall()
