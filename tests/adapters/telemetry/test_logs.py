"""Log lines as JSON."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from ivr.adapters.telemetry.logs import JsonLines, about
from ivr.model.secret import MASK, Secret


@contextmanager
def logging_to(node: str = "") -> Iterator[tuple[logging.Logger, Callable[[], list[Any]]]]:
    """Yield a logger and what reads its lines."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(ZoneInfo("Asia/Shanghai"), node))
    logger = logging.getLogger("ivr.tests.telemetry")
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield logger, lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    finally:
        logger.removeHandler(handler)


def test_a_line_is_an_object_in_the_banks_time() -> None:
    with logging_to("e1") as (logger, lines):
        logger.warning("store: %d entries\nwait", 7)
        (line,) = lines()
    assert line["message"] == "store: 7 entries\nwait"
    assert line["level"] == "warning"
    assert line["node"] == "e1"
    assert line["at"].endswith("+08:00")
    assert "call" not in line


async def test_each_call_has_its_own_lines() -> None:
    with logging_to() as (logger, lines):

        async def one(call_id: str) -> None:
            about(call_id)
            await asyncio.sleep(0)
            logger.warning("it goes on")

        await asyncio.gather(one("1.1"), one("2.1"))
        logger.warning("the engine's own")
        assert [line.get("call") for line in lines()] == ["1.1", "2.1", None]


def test_secrets_are_bullets_whoever_logs_them() -> None:
    pin = Secret("408297")
    with logging_to() as (logger, lines):
        logger.error("keyed %s, %r and %s", pin, pin, [pin])
        try:
            raise ValueError(f"not {pin}")
        except ValueError:
            logger.exception("it failed")
        said, failed = lines()
    assert said["message"] == f"keyed {MASK}, {MASK} and [{MASK}]"
    assert f"ValueError: not {MASK}" in failed["error"]
    assert "408297" not in json.dumps([said, failed])
