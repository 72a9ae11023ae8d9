"""The laws that are fuzzed: they hold for what they begin with, and a planted defect breaks them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from fuzz import targets
from fuzz.seeds import seeds
from fuzz.targets import TARGETS
from ivr.adapters.agi.protocol import Message, Protocol
from ivr.adapters.ami.link import Link


@pytest.mark.parametrize("name", [one for one in TARGETS if one != "yaml"])
async def test_the_laws_hold_for_what_is_so_in_earnest(name: str) -> None:
    begun = list(seeds(name))
    assert begun
    for one in begun:
        TARGETS[name](one)
        TARGETS[name](one[: len(one) // 2])


def test_a_flow_file_is_loaded_or_told() -> None:
    TARGETS["yaml"](b"flow: main\nstart: end\nsteps:\n  end: {hangup: completed}\n")
    TARGETS["yaml"](b"flow: [\xff\n")


class Greedy(Protocol):
    """Takes what it reads for whole lines."""

    def receive(self, data: bytes) -> Sequence[Message]:
        return super().receive(data if data.endswith(b"\n") else data + b"\n")


def _careless(*words: str) -> Any:
    return " ".join(words).encode("utf-8", "replace") + b"\n"


class Forgetful(Link):
    """Forgets what is no whole message yet."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._buffer = b""


class Open:
    """Computes whatever Python would."""

    def __init__(self, source: str) -> None:
        self._source = source

    def evaluate(self, scope: Any) -> Any:
        return eval(self._source.strip("{}"), {}, dict(scope))


@pytest.mark.parametrize(
    ("name", "part", "defect", "data"),
    [
        ("agi", "Protocol", Greedy, next(seeds("agi"))),
        ("command", "encode", _careless, b"SET\x1fVARIABLE\x1fa\nHANGUP"),
        ("ami", "Link", Forgetful, list(seeds("ami"))[1]),
        ("action", "headers", dict, b"Exten\x1f1\r\nAction: Hangup"),
        ("expression", "Expression", Open, b"what - 1"),
        ("http", "without_values", lambda said: said * 1_000, b"\x00[]"),
    ],
)
async def test_a_defect_breaks_the_law(
    name: str,
    part: str,
    defect: Callable[..., Any],
    data: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(targets, part, defect)
    with pytest.raises((AssertionError, TypeError)):
        TARGETS[name](data)
