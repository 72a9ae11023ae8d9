"""Dumps of a PostgreSQL database, by its own client programs: taken while it is used, and put back whole.

The programs are told where it is by a service file of mode 0600 that is gone afterwards: a URL with its
password is on no command line and in no environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ivr.database import Server
from ivr.model.errors import OneCallError

_DEBIAN = Path("/usr/lib/postgresql")
_SERVICE = "onecall"
_LOCKED_MS = 10_000
"""Longest wait of a dump for somebody who changes a table."""

_OTHERS = """
    SELECT DISTINCT coalesce(host(client_addr), 'this machine') FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'onecall'
    ORDER BY 1"""
_CLEAR = """
DO $$ DECLARE one text; BEGIN
  FOR one IN SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
  LOOP EXECUTE one; END LOOP;
  FOR one IN SELECT format('DROP TABLE IF EXISTS %s CASCADE', oid::regclass) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
  LOOP EXECUTE one; END LOOP;
  FOR one IN SELECT format('DROP FUNCTION IF EXISTS %s CASCADE', oid::regprocedure) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
  LOOP EXECUTE one; END LOOP;
END $$;
"""


class DumpError(OneCallError):
    """A dump cannot be taken, read or put back: what, where, what to do."""


def dump(server: Server, to: Path) -> None:
    """Write a dump of a database, as it is at one moment, to a new file. Raises DumpError."""
    os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    wait = f"--lock-wait-timeout={_LOCKED_MS}"
    _run(server, "pg_dump", "--format=custom", *_BARE, wait, f"--file={to}")


def unsound(file: Path) -> str:
    """Read a whole dump; return what is wrong with it, empty for nothing."""
    try:
        _run(None, "pg_restore", "--file=/dev/null", str(file))
    except DumpError as error:
        return f"no sound dump: {error}"
    return ""


def put_back(server: Server, file: Path, beside: Path) -> None:
    """Replace what a database holds by what a dump does: all of it or nothing. It is unpacked in a folder
    `beside`, of mode 0700. Raises DumpError."""
    with tempfile.TemporaryDirectory(dir=beside) as folder:
        clear, script = Path(folder) / "clear.sql", Path(folder) / "restore.sql"
        clear.write_text(_CLEAR, "utf-8")
        _run(None, "pg_restore", *_BARE, f"--file={script}", str(file))
        once = ("--single-transaction", "--set=ON_ERROR_STOP=1", "--no-psqlrc", "--quiet")
        _run(server, "psql", *once, "--output=/dev/null", f"--file={clear}", f"--file={script}")


def users(server: Server) -> tuple[str, ...]:
    """Return the addresses from which OneCall's engines, desks and commands use a database now. Raises
    PortError."""
    import psycopg

    from ivr.database.faults import explain
    from ivr.database.upgrading import connected

    try:
        with connected(server) as raw:
            return tuple(address for (address,) in raw.execute(_OTHERS))
    except psycopg.Error as error:
        raise explain(error, "database", server.name) from error


_BARE = ("--no-owner", "--no-privileges")


def _run(server: Server | None, program: str, *arguments: str) -> None:
    path = _program(program)
    with _service(server) as where:
        done = subprocess.run(  # noqa: S603 - programs that we name, no shell
            [path, *arguments],
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", **where},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
        raise DumpError(
            f"{program}: {said[0].removeprefix(f'{program}: ').removeprefix('error: ')}"
        )


@contextmanager
def _service(server: Server | None) -> Iterator[dict[str, str]]:
    """Tell client programs where a database is, as long as they run."""
    if server is None:
        yield {}
        return
    from psycopg.conninfo import conninfo_to_dict

    with tempfile.TemporaryDirectory(prefix="onecall-") as folder:
        file = Path(folder) / "service"
        file.touch(0o600)
        keys = conninfo_to_dict(server.url.reveal(), connect_timeout=5)
        lines = [f"{key}={value}" for key, value in keys.items()]
        file.write_text("\n".join([f"[{_SERVICE}]", *lines, ""]), "utf-8")
        yield {"PGSERVICEFILE": str(file), "PGSERVICE": _SERVICE}


def _program(name: str) -> str:
    """Return where a client program is: Debian's newest, or the one of the PATH."""
    versions = sorted(
        (one for one in _DEBIAN.glob(f"*/bin/{name}") if one.parts[-3].isdecimal()),
        key=lambda one: int(one.parts[-3]),
    )
    found = str(versions[-1]) if versions else shutil.which(name)
    if found is None:
        hint = "install PostgreSQL's client programs (Debian: postgresql-client)"
        raise DumpError(f"{name} is not installed here: {hint}")
    return found
