"""How long something is heard."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.centre.listening import first_option_ms, heard_ms
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


class Texts:
    """Each prompt says its id, a letter in 10 ms."""

    def render(self, items: Iterable[Audible], language: str) -> tuple[Recording, ...]:
        ids = [item.id for item in items if isinstance(item, Prompted)]
        return tuple(Recording(name, name, "", 10 * len(name)) for name in ids)


def test_the_first_option_begins_where_its_sentence_does() -> None:
    menu = Prompted("We can help. For help, press one. For more help, press two.")
    begins = 10 * menu.id.index(" For help")
    assert first_option_ms(Texts(), [menu], "en") == begins
    assert first_option_ms(Texts(), [Prompted("Welcome."), menu], "en") == 80 + begins
    assert first_option_ms(Texts(), [Prompted("Welcome.")], "en") is None
    chinese = Prompted("查询余额请按一", language="zh")
    assert first_option_ms(Texts(), [Prompted("Welcome."), chinese], "en") == 80
