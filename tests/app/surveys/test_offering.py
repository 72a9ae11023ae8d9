"""Asking afterwards: once, in contact hours, and never those who do not want it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from ivr.app.surveys.offering import DNIS
from ivr.model.errors import PortError
from ivr.model.events import CallEnded
from ivr.ports.callbacks import Refused
from ivr.ports.coverage import How, Progress
from ivr.ports.dialler import Dialled
from tests.app.surveys.kit import FLOWS, Centre, centre
from tests.surveys import served, started

BEGUN = started(version=FLOWS.version)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(tmp_path) as one:
        yield one
        await one.offering.stop()


async def customer(here: Centre) -> None:
    """Have a customer hang up first."""
    await here.happens(BEGUN, *tuple(served(by="caller"))[1:])


async def stranger(here: Centre) -> None:
    """Have a caller hang up who is known by their number only."""
    await here.happens(BEGUN, CallEnded("caller"))


async def test_a_customer_is_sent_one_message_whoever_is_killed_when(here: Centre) -> None:
    await customer(here)
    await here.offering.look()
    await here.engine().look()
    (notice,) = here.messages.sent.values()
    assert (notice.key, notice.customer, notice.template) == ("survey:1.1", "C1001", "survey-call")
    assert notice.values == {"number": "95501"}
    assert (await here.offer()).progress is Progress.SENT
    assert here.telephones.rung == []


async def test_messages_that_cannot_be_sent_are_tried_again(here: Centre) -> None:
    await customer(here)
    here.messages.down = True
    await here.offering.look()
    here.messages.down = False
    await here.offering.look()
    assert here.messages.sent == {}
    here.clock.passes(minutes=1)
    await here.offering.look()
    assert list(here.messages.sent) == ["survey:1.1"]


async def test_who_has_no_handset_on_file_is_called(here: Centre) -> None:
    here.messages.handsets = set()
    await customer(here)
    await here.offering.look()
    assert (await here.offer()).how is How.CALL
    rung = await here.rung(Dialled.ANSWERED)
    assert (rung.number, rung.dnis) == ("13800000001", DNIS)
    assert (await here.offer()).progress is Progress.SENT


async def test_outside_contact_hours_nobody_is_sent_anything_and_too_late_it_is_over(
    here: Centre,
) -> None:
    here.clock.passes(hours=3)  # 23:00 in Shanghai
    await customer(here)
    await here.offering.look()
    assert here.messages.sent == {}
    offer = await here.offer()
    assert offer.not_before > here.clock.now() + timedelta(hours=9)
    here.clock.passes(hours=10)
    await here.offering.look()
    assert len(here.messages.sent) == 1


async def test_an_offer_that_could_not_be_made_in_time_expires(here: Centre) -> None:
    await stranger(here)
    here.telephones.engaged = True
    await here.offering.look()
    here.clock.passes(hours=24)
    await here.offering.look()
    assert (await here.offer()).progress is Progress.EXPIRED
    assert here.telephones.rung == []


async def test_who_opted_out_meanwhile_is_not_asked(here: Centre) -> None:
    await stranger(here)
    offer = await here.offer()
    await here.store.offers.wish("13800000001", "", out=True, who="anna")
    # An offer that was made, for a case, while the wish was being noted.
    assert await here.store.offers.make(replace(offer, about="case:1:0"))
    await here.offering.look()
    assert (await here.offer("case:1:0")).progress is Progress.CANCELLED
    assert (await here.offer()).progress is Progress.CANCELLED
    assert here.telephones.rung == []


async def test_an_answered_telephone_is_never_rung_again(here: Centre) -> None:
    await stranger(here)
    await here.rung(Dialled.ANSWERED)
    for _ in range(30):
        here.clock.passes(hours=1)
        await here.offering.look()
    assert len(here.telephones.rung) == 1
    assert (await here.offer()).progress is Progress.SENT


async def test_a_telephone_that_nobody_answers_is_rung_as_often_as_the_rules_say(
    here: Centre,
) -> None:
    await stranger(here)
    await here.rung(Dialled.NO_ANSWER)
    assert (await here.offer()).progress is Progress.DUE
    await here.offering.look()
    assert len(here.telephones.rung) == 1
    here.clock.passes(minutes=31)
    await here.rung(Dialled.BUSY)
    assert (await here.offer()).progress is Progress.EXPIRED
    here.clock.passes(hours=1)
    await here.offering.look()
    assert len(here.telephones.rung) == 2


async def test_where_nothing_was_dialled_nothing_counts(here: Centre) -> None:
    await stranger(here)
    await here.rung(Dialled.LIVE)
    offer = await here.offer()
    assert (offer.progress, offer.tries, offer.attempt) == (Progress.DUE, 0, "")


async def test_a_killed_engine_leaves_no_telephone_that_is_rung_twice(here: Centre) -> None:
    await stranger(here)
    await here.offering.look()
    await here.telephones.rings()
    await here.offering.stop()  # killed: nobody writes what became of it
    other = here.engine()
    await other.look()
    here.clock.passes(seconds=60)
    await other.look()  # the channel is still there
    assert (await here.offer()).attempt
    here.telephones.there.clear()
    await other.look()
    offer = await here.offer()
    assert (offer.progress, offer.tries) == (Progress.DUE, 1)
    assert len(here.telephones.rung) == 1


async def test_nobody_knows_whether_it_rang_so_it_is_not_rung_at_once(here: Centre) -> None:
    await stranger(here)
    await here.rung(PortError("ami", "the answer is lost, as in a test"))
    await here.offering.look()
    assert len(here.telephones.rung) == 1
    assert (await here.offer()).progress is Progress.DUE


async def test_two_engines_ring_once(here: Centre) -> None:
    await stranger(here)
    other = here.engine()
    await here.offering.look()
    await other.look()
    await here.telephones.rings()
    assert len(here.telephones.rung) == 1
    await other.stop()


async def test_a_number_that_may_not_be_dialled_is_not(here: Centre) -> None:
    await stranger(here)
    here.telephones.refused = Refused.NUMBER
    await here.offering.look()
    assert (await here.offer()).progress is Progress.EXPIRED
