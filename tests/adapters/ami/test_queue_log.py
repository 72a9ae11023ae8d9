"""Reading queue_log from its end."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.ami import queue_log
from ivr.adapters.ami.queue_log import QueueLogEntry, read_queue_log
from ivr.model.errors import PortError


def line(time: int, event: str = "ABANDON", data: str = "1|1|5") -> str:
    return f"{time}|{time}.7|service|NONE|{event}|{data}\n"


@pytest.mark.parametrize("block", [16, 64, 1 << 16])
@pytest.mark.parametrize("since", [0, 1, 250, 499, 500, 999])
def test_since(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, since: int) -> None:
    monkeypatch.setattr(queue_log, "_BLOCK", block)
    path = tmp_path / "queue_log"
    path.write_text("".join(line(time) for time in range(500)))
    assert [one.time for one in read_queue_log(path, since)] == list(range(since, 500))


def test_fields(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text("1764000000|17.5|service|PJSIP/1|ENTERQUEUE||王芳|1\n")
    assert read_queue_log(path, 0) == [
        QueueLogEntry(1764000000, "17.5", "service", "PJSIP/1", "ENTERQUEUE", ("", "王芳", "1"))
    ]


def test_a_line_being_written_waits_for_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text(line(1) + "2|2.7|service|NONE|ABAN")
    assert [one.time for one in read_queue_log(path, 0)] == [1]


def test_a_forged_old_line_hides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text(line(10) + line(3) + line(11))
    assert [one.time for one in read_queue_log(path, 9)] == [10, 11]


def test_no_log_and_no_readable_log(tmp_path: Path) -> None:
    assert read_queue_log(tmp_path / "none", 0) == []
    with pytest.raises(PortError, match="cannot be read"):
        read_queue_log(tmp_path, 0)


@given(st.binary())
def test_rubbish(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "rubbish"
    path.write_bytes(content + b"\n" + line(5).encode())
    assert read_queue_log(path, 0)[-1].time == 5
