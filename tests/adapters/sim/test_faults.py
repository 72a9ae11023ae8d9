"""Faults of some methods only, and answers that are lost."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.adapters.sim.faults import Faulty
from ivr.model.errors import PortError, PortTimeout
from ivr.model.scripted import Fault


class Counter:
    """A port that counts what it did."""

    def __init__(self) -> None:
        self.done = 0

    async def post(self) -> int:
        self.done += 1
        return self.done

    async def query(self) -> int:
        return self.done


async def test_only_these_methods_are_concerned() -> None:
    port = Faulty("bank", Counter(), Fault(fails=True, only=("post",)))
    with pytest.raises(PortError):
        await port.post()
    assert await port.query() == 0


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"times_out": True}, PortTimeout),
        ({"fails": True}, PortError),
        ({"delay": "9s"}, PortTimeout),
    ],
)
async def test_done_although_the_answer_is_lost(
    fault: dict[str, Any], error: type[PortError]
) -> None:
    counter = Counter()
    port = Faulty("bank", counter, Fault.model_validate({**fault, "done": True}))
    with pytest.raises(error):
        await port.post()
    assert counter.done == 1
