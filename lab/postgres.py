"""A private PostgreSQL: a cluster of its own in a folder, on a free port of the loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.errors import LabError

ROOT = Path(__file__).parents[1]
USER = "onecall"


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        subprocess.run(["./scripts/apt-install", "postgresql"], cwd=ROOT, check=True)
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent


class Cluster:
    """A running PostgreSQL. Databases are made empty, one for each test."""

    def __init__(self, programs: Path, folder: Path, port: int, durable: bool) -> None:
        self._programs = programs
        self._durable = durable
        self._folder = folder
        self.data = folder / "data"
        self.port = port
        self._made = 0

    def database(self) -> str:
        """Make an empty database and return its URL."""
        self._made += 1
        name = f"ledger{self._made}"
        self.run("psql", "-qc", f"CREATE DATABASE {name}", "postgres")
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of its client programs."""
        command = [str(self._programs / program), "-h", "127.0.0.1", "-p", str(self.port)]
        _as_postgres([*command, "-U", USER, *arguments], self._folder)

    def shell(self, script: str) -> None:
        """Run a script as the user of the server, in its folder."""
        _as_postgres(["sh", "-euc", script], self._folder)

    def configure(self, settings: str) -> None:
        """Add settings (lines of `postgresql.conf`); they hold from the next start."""
        with (self.data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
            file.write(f"{settings}\n")

    def restart(self) -> None:
        """Stop at once, as a machine does that loses its power, and start again."""
        self.stop("immediate")
        self.start()

    def start(self) -> None:
        options = f"-p {self.port} -h 127.0.0.1 -k {self._folder} -c max_connections=40"
        if not self._durable:
            options += " -c fsync=off"
        self._control("start", "-o", options, "-l", str(self._folder / "log"))

    def stop(self, mode: str = "fast") -> None:
        self._control("stop", "-m", mode)

    def _control(self, *arguments: str) -> None:
        program = str(self._programs / "pg_ctl")
        _as_postgres([program, "-w", "-D", str(self.data), *arguments], self._folder)


def _as_postgres(command: list[str], folder: Path) -> None:
    """PostgreSQL refuses to run as root."""
    user = pwd.getpwnam("postgres").pw_uid if os.getuid() == 0 else None
    done = subprocess.run(
        command,
        cwd=folder,
        user=user,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LabError(f"{command[0]}: {done.stdout}")


@contextmanager
def cluster(folder: Path, *, durable: bool = True) -> Iterator[Cluster]:
    """Run a cluster in an empty folder, and leave nothing of it behind. One that is not durable outlives
    its processes, not its machine, and is several times as fast."""
    programs = _programs()
    folder.mkdir(parents=True)
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    initdb = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", USER, "-A", "trust"]
    _as_postgres([*initdb, "-E", "UTF8", "--no-sync"], folder)
    running = Cluster(programs, folder, port, durable)
    running.start()
    try:
        yield running
    finally:
        running.stop("immediate")
        shutil.rmtree(folder)
