"""Where the calls are kept that the bank has promised, and every telephone that it rings."""

from importlib.resources import files

from ivr.database import Kind

PORT = "callbacks"
KIND = Kind(
    PORT,
    0x4F434C31,
    files(__package__) / "migrations",
    files(__package__) / "migrations_postgres",
)
