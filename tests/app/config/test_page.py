"""The reference of the configuration: complete, and as it is committed."""

from __future__ import annotations

from pathlib import Path

from ivr.app.config.keys import keys
from ivr.app.config.page import page

COMMITTED = Path(__file__).parents[3] / "docs" / "config.md"


def test_every_key_is_documented() -> None:
    assert [key.path for key in keys() if not key.meaning] == []


def test_the_committed_page_is_the_one_that_is_written() -> None:
    assert COMMITTED.read_text("utf-8") == page(), "run `make docs`"


def test_defaults_stand_as_they_are_written() -> None:
    defaults = {key.path: key.default for key in keys()}
    assert defaults["bank.budget"] == "3s"
    assert defaults["window.keep"] == "10s"
    assert defaults["state"] == "var"
    assert defaults["ami.secret_file"] is None
