"""How long something is heard."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.centre.listening import heard_ms
from ivr.model.prompt import Audible, Prompted, Recording, Spoken


class Table:
    """Two recordings for a spoken value, one for a prompt; each twice as long in Chinese."""

    def render(self, items: Iterable[Audible], language: str) -> tuple[Recording, ...]:
        ms = 200 if language == "zh" else 100
        return tuple(
            Recording("x", "", "", ms)
            for item in items
            for _ in range(2 if isinstance(item, Spoken) else 1)
        )


def test_it_is_the_sum_of_what_is_played() -> None:
    items = (Prompted("balance-is"), Spoken("number", 12))
    assert heard_ms(Table(), items, "en") == 300
    assert heard_ms(Table(), items, "zh") == 600
    assert heard_ms(Table(), (), "en") == 0
