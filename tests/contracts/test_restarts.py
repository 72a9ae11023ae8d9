"""The books on a server that loses its power: nothing that was told is lost, and they go on by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.callbacks.promised import DatabaseCallbacks
from ivr.adapters.callbacks.ringings import DatabaseRingings
from ivr.adapters.campaigns.lists import DatabaseCampaigns
from ivr.adapters.cases.database import DatabaseCases
from ivr.adapters.voc.book import DatabaseVocBook
from ivr.centre.cases.acts import Noted
from ivr.centre.cases.decisions import wakes
from ivr.database import Server
from ivr.model.errors import PortError
from ivr.ports.campaigns import Listed
from ivr.ports.dialler import Dialled
from lab.postgres import Cluster
from tests.app.callbacks.kit import Clock
from tests.centre.campaigns.kit import campaign
from tests.centre.cases.kit import Hand
from tests.contracts.conftest import MONDAY, StillClock
from tests.contracts.test_callbacks import DAY, begun, promise, ringing
from tests.contracts.test_voc_book import SENT

pytestmark = [pytest.mark.proof, pytest.mark.timeout(60)]

ZONE = ZoneInfo("Asia/Shanghai")
Asked = Callable[[], Coroutine[None, None, object]]


class Books:
    """All of them, and something to write into each, twice."""

    def __init__(
        self,
        promised: DatabaseCallbacks,
        ringings: DatabaseRingings,
        campaigns: DatabaseCampaigns,
        cases: DatabaseCases,
        voc: DatabaseVocBook,
    ) -> None:
        self.promised, self.ringings = promised, ringings
        self.campaigns, self.cases, self.voc = campaigns, cases, voc
        self.case = Hand()

    @classmethod
    async def open(cls, server: Server) -> Books:
        voc = await asyncio.to_thread(DatabaseVocBook, server, StillClock(), ZONE)
        return cls(
            await DatabaseCallbacks.open(server),
            await DatabaseRingings.open(server, ZONE),
            await DatabaseCampaigns.open(server, Clock()),
            await DatabaseCases.opened(server),
            voc,
        )

    async def close(self) -> None:
        for one in (self.promised, self.ringings, self.campaigns, self.cases):
            await one.close()

    async def write(self, number: int) -> None:
        """Write something into each."""
        await self.promised.put(promise(f"17.{number}"))
        assert await self.promised.claim(begun(promise(f"17.{number}"), f"callback-{number}"))
        assert (
            await self.ringings.take(ringing(f"c-{number}", f"1380{number}"), MONDAY - DAY, 9)
            is None
        )
        await self.campaigns.take_in(campaign(), [Listed(f"1380000{number}")], str, "")
        if number > 1:
            self.case.does(Noted("rang again"))
        entry = self.case.entries[-1]
        assert await self.cases.add(entry, self.case.record, wakes(self.case.record))
        await asyncio.to_thread(self.voc.append, "li", SENT)

    def asked(self) -> tuple[Asked, ...]:
        """Return a question to each."""
        return (
            self.promised.open_ones,
            self.ringings.live,
            self.campaigns.calling,
            self.cases.written,
            lambda: asyncio.to_thread(self.voc.entries),
        )


async def test_they_go_on_when_the_server_is_there_again(postgres: Cluster, server: Server) -> None:
    books = await Books.open(server)
    try:
        await books.write(1)
        await asyncio.to_thread(postgres.stop, "immediate")
        try:
            for ask in books.asked():
                with pytest.raises(PortError, match="cannot be reached") as caught:
                    await ask()
                assert caught.value.retryable
        finally:
            await asyncio.to_thread(postgres.start)
        assert await books.ringings.take(ringing("c-9", "13801"), MONDAY - DAY, 9) is Dialled.LIVE
        assert not await books.promised.claim(begun(promise("17.1"), "callback-9"))
        await books.write(2)
        assert len(await books.promised.open_ones()) == 2
        assert await books.cases.written() == 2
        assert len(await asyncio.to_thread(books.voc.entries)) == 2
        assert len(await books.campaigns.find("reminders", None, 9)) == 2
    finally:
        await books.close()
