"""Fixtures: where OneCall's own data may be, in SQLite files or on a PostgreSQL of our own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ivr.database import Place, Server
from ivr.model.secret import Secret
from lab.postgres import Cluster, cluster

SORTS = ["sqlite", pytest.param("postgres", marks=pytest.mark.proof)]
"""The sorts of places."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A private PostgreSQL, installed at the first use; databases are made in it."""
    with postgres_folders() as folder, cluster(folder, durable=False) as running:
        yield running


@pytest.fixture
def postgres_folder() -> Iterator[Path]:
    """Where a test has a PostgreSQL of its own."""
    with postgres_folders() as folder:
        yield folder


@contextmanager
def postgres_folders() -> Iterator[Path]:
    """A folder for a cluster. Not in pytest's: that is nobody else's, and PostgreSQL runs as a user of its
    own."""
    with tempfile.TemporaryDirectory(prefix="ivr-postgres-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "cluster"


@pytest.fixture(params=SORTS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty place of each sort."""
    return place_of(request, tmp_path)


@pytest.fixture
def server(postgres: Cluster) -> Server:
    """An empty database on a server."""
    return Server(Secret(postgres.database()))


def place_of(request: pytest.FixtureRequest, folder: Path) -> Place:
    """Return a place of the sort that is asked for."""
    if request.param == "sqlite":
        return folder / "onecall.sqlite"
    return Server(Secret(request.getfixturevalue("postgres").database()))
