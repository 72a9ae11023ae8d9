"""A place of each sort to keep a database in."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ivr.database import Kind, Place, Server
from ivr.model.secret import Secret
from lab.postgres import Cluster, cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A private PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="ivr-postgres-") as folder:
        Path(folder).chmod(0o755)
        with cluster(Path(folder) / "cluster") as running:
            yield running


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.proof)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty place of each sort."""
    if request.param == "sqlite":
        return tmp_path / "shop.sqlite"
    return Server(Secret(request.getfixturevalue("postgres").database()))


@pytest.fixture
def shop(tmp_path: Path) -> Callable[..., Kind]:
    """Make a kind of these scripts."""

    def kind(*texts: str) -> Kind:
        folder = tmp_path / f"scripts{len(texts)}"
        folder.mkdir(exist_ok=True)
        for number, text in enumerate(texts, 1):
            (folder / f"{number:04}_step.sql").write_text(text)
        return Kind("shop", 0x51, folder, folder)

    return kind
