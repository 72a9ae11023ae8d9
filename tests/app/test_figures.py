"""Today's figures: who was asked, and which cases are overdue."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from ivr.app.figures import Figures, figures
from ivr.model.errors import PortError
from ivr.ports.cases import CaseCounts
from ivr.ports.coverage import Tally

NOW = datetime(2026, 11, 23, 0, 20, tzinfo=timezone(timedelta(hours=8)))


class Books:
    """Both books, of which either may not answer; notes since when it was asked."""

    def __init__(self, down: bool = False) -> None:
        self.down = down
        self.since: datetime | None = None

    async def tally(self, since: datetime, until: datetime | None = None) -> Tally:
        self.since = since
        if self.down:
            raise PortError("store", "down")
        return Tally(8, 5, 2)

    async def counts(self) -> CaseCounts:
        return CaseCounts(4, 1)


async def test_calls_count_from_midnight_in_the_bank_s_zone() -> None:
    books: Any = Books()
    assert await figures(books, books, NOW) == Figures(Tally(8, 5, 2), CaseCounts(4, 1))
    assert books.since == NOW - timedelta(minutes=20)


async def test_what_cannot_be_asked_is_not_known_and_the_rest_is() -> None:
    books: Any = Books(down=True)
    assert await figures(books, books, NOW) == Figures(None, CaseCounts(4, 1))
    assert await figures(None, books, NOW) == Figures(None, CaseCounts(4, 1))


def test_coverage_is_of_those_whose_turn_has_come() -> None:
    assert Figures(Tally(8, 5, 2)).coverage == 5 / 6
    assert Figures(Tally(2, 0, 2)).coverage is None
    assert Figures().coverage is None
