"""What kind of database the store is."""

from __future__ import annotations

from importlib.resources import files

from ivr.database import Kind

_HERE = files(__package__)

KIND = Kind("store", 0x4F435331, _HERE / "migrations", _HERE / "migrations_postgres")
