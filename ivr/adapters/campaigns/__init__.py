"""Where campaigns are kept: their lists, what became of each call, and who wants no calls."""

from importlib.resources import files

from ivr.database import Kind

PORT = "campaigns"
KIND = Kind(
    PORT,
    0x4F434D31,
    files(__package__) / "migrations",
    files(__package__) / "migrations_postgres",
)
