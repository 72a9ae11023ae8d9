"""Kinds of databases for tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.database import Kind


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
