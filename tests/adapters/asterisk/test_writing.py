"""Files put into Asterisk's folder: whole, closed to others, and what they replace is kept."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ivr.adapters.asterisk.template import templates
from ivr.adapters.asterisk.writing import (
    RELOADS,
    RESTART,
    WritingError,
    installed,
    reloads,
    write,
)


def test_what_is_replaced_is_kept_and_its_owner_stays(tmp_path: Path) -> None:
    old, aside = tmp_path / "manager.conf", tmp_path / "aside"
    old.write_text("old", "utf-8")
    owner = 65534 if os.getuid() == 0 else os.getuid()
    os.chown(old, owner, -1)
    write(tmp_path, {"manager.conf": "new", "other.conf": "x"}, aside)
    assert installed(tmp_path) == {"manager.conf": "new", "other.conf": "x"}
    assert old.stat().st_uid == owner
    assert [(one.name, one.read_text("utf-8")) for one in aside.iterdir()] == [
        ("manager.conf", "old")
    ]
    for file in (old, tmp_path / "other.conf"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert stat.S_IMODE(aside.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    with pytest.raises(WritingError, match="no such folder"):
        installed(tmp_path / "none")
    (tmp_path / "a.conf").write_bytes(b"\xff")
    with pytest.raises(WritingError, match=r"a\.conf: not UTF-8"):
        installed(tmp_path)
    (tmp_path / "b.conf").mkdir()
    with pytest.raises(WritingError, match=r"b\.conf: cannot be written"):
        write(tmp_path, {"b.conf": "x"}, tmp_path / "aside")


def test_what_to_reload_is_said_once_and_a_restart_does_for_all() -> None:
    assert reloads(["extensions.conf", "queues.conf"]) == ("dialplan reload", "queue reload all")
    assert reloads(["extensions.conf", "modules.conf"]) == (RESTART,)
    # Every other file is read once, when Asterisk starts.
    names = {file.name for file in templates()}
    assert names - set(RELOADS) == {"asterisk.conf", "modules.conf", "stasis.conf"}
