"""What kinds of databases there are, and what every connection to one can do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.resources.abc import Traversable
from typing import Any, Protocol

import msgspec

from ivr.model.errors import PortError

Values = Sequence[object] | Mapping[str, object]

AHEAD = 1
"""By how many versions a database may be newer than the OneCall that uses it (docs/upgrade.md)."""

_SCRIPT = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


class Kind(msgspec.Struct, frozen=True):
    """A kind of database: the `port` it serves, a number of its own for its SQLite files, the folder of
    its scripts, and that of its scripts for PostgreSQL, if it can be kept there.

    There it is a `schema` of its own, called as its port if nothing else is said.
    """

    port: str
    application_id: int
    scripts: Traversable
    postgres: Traversable | None = None
    schema: str = ""

    @property
    def home(self) -> str:
        """The name of its schema."""
        return self.schema or self.port

    def serving(self, port: str) -> Kind:
        """Return the same kind as another port uses it, which then names its faults."""
        return msgspec.structs.replace(self, port=port, schema=self.home)


class Cursor(Protocol):
    """What a statement answered."""

    @property
    def rowcount(self) -> int: ...

    @property
    def description(self) -> object: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A connection. Statements mark values with `?` or `:name`; transactions are begun by hand."""

    def execute(self, sql: str, values: Values = ..., /) -> Cursor: ...

    def executemany(self, sql: str, rows: Iterable[Values], /) -> Cursor: ...

    def stream(self, sql: str, values: Values = ()) -> Iterator[Any]:
        """Yield the rows of a query, however many, within a transaction."""

    def begin(self, *, write: bool) -> None:
        """Begin a transaction: a reader sees one moment, a writer is the only one of its kind of database."""

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None: ...


class InDoubt(PortError):
    """The server is gone, and whether the last transaction was written is not known: `settled` asks."""

    def __init__(self, port: str, name: str, settled: Callable[[], bool]) -> None:
        problem = f"the database {name} is gone; whether the last write is in it is not known yet"
        super().__init__(port, problem, retryable=True)
        self.settled = settled


def scripts(folder: Traversable) -> dict[int, str]:
    """Return the scripts of a folder, `0001_name.sql`, by the versions to which they lead."""
    named = ((_SCRIPT.fullmatch(file.name), file) for file in folder.iterdir())
    return {int(match[1]): file.read_text("utf-8") for match, file in named if match}
