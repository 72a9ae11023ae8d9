"""Fencing: what a leader does is refused once another has led, in the transaction that would do it.

A lease can be over without its holder knowing: it was frozen, its clock ran slow. So each kind of database
by which telephones ring or messages go out has a table `fence` with the greatest token it has seen.
"""

from __future__ import annotations

from collections.abc import Callable

from ivr.database.kind import Connection
from ivr.ports.cluster import Fenced

Token = Callable[[], int | None]
"""By which token a node leads now; None: nobody asks who leads."""


def nobody_asks() -> int | None:
    """Return no token: of a command, of an engine alone."""
    return None


def admit(connection: Connection, token: int | None) -> None:
    """Go on as the leader of a token, within a transaction that writes. Raises Fenced where a greater one
    was seen."""
    if token is None:
        return
    noted = connection.execute("UPDATE fence SET token = ? WHERE token <= ?", (token, token))
    if not noted.rowcount:
        raise Fenced(token)
