"""Where a PostgreSQL database is. Its URL holds a password, and is shown nowhere."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from ivr.model.secret import Secret

_SCHEMES = ("postgresql", "postgres")
_HOST = r"(\[[\da-fA-F:]+\]|[\w.-]*)(:\d+)?"
_HOSTS = re.compile(f"{_HOST}(,{_HOST})*")
_NAME = re.compile(r"/[\w.-]+")


class Server:
    """A database on a server: its `url`, and the `name` by which people are told of it.

    Raises ValueError, which quotes nothing, for what is no URL of a database.
    """

    def __init__(self, url: Secret) -> None:
        self.url = url
        parts = _split(url.reveal().strip())
        # What stands before the last `@` is not looked at: a password may hold anything.
        hosts = parts.netloc.rpartition("@")[2]
        plain = _HOSTS.fullmatch(hosts) and _NAME.fullmatch(parts.path)
        if parts.scheme not in _SCHEMES or not plain:
            raise ValueError(
                "no URL of a database: write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, "
                "with %-codes for what is special in the password"
            )
        self.name = f"{hosts or 'this machine'}{parts.path}"

    def __repr__(self) -> str:
        return f"store on {self.name}"


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
