"""What follows from answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from ivr.app.surveys.following import Following
from ivr.model.events import CallEnded, SurveyAnswered, SurveyEnded, SurveyOffered
from ivr.ports.cases import Acted, CaseBook, CaseRecord, CaseState, Link, LinkKind, NewCase
from tests.app.surveys.kit import FLOWS, Centre, centre
from tests.surveys import NOON, started, talked

BEGUN = started(version=FLOWS.version)
OFFERED, ENDED = SurveyOffered("after-agent"), SurveyEnded("after-agent", "completed")


class Book:
    """The book of cases, as far as it is needed."""

    def __init__(self) -> None:
        self.at = NOON
        self.opened: dict[str, NewCase] = {}
        self.reopened: list[str] = []

    async def open(self, new: NewCase) -> CaseRecord:
        self.opened.setdefault(new.key, new)
        return CaseRecord("10000001", new.key, new.kind, CaseState.OPEN, "", self.at, new.by)

    async def reopen(self, number: str, by: str, why: str) -> Acted:
        self.reopened.append(number)
        return Acted()


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(tmp_path) as one:
        yield one


def following(here: Centre, book: Book) -> Following:
    store = here.store
    return Following(store.offers, store.coverage, cast(CaseBook, book), here.flows, here.clock)


def said(question: str, answer: str, recording: str = "") -> SurveyAnswered:
    return SurveyAnswered("after-agent", question, answer, recording)


async def test_a_low_score_opens_one_case_that_nobody_in_the_call_has_to_do_with(
    here: Centre,
) -> None:
    book = Book()
    look = following(here, book).look
    await here.happens(BEGUN, talked(), OFFERED, said("satisfied", "1"))
    await look()
    assert book.opened == {}  # more may be said
    await here.happens(said("comment", "recorded", "c-1"), ENDED, CallEnded("completed", "C1001"))
    await look()
    await following(here, book).look()  # an engine that starts asks again
    (case,) = book.opened.values()
    assert (case.key, case.kind, case.customer, case.accused) == (
        *("survey:1.1", "complaint", "C1001", ("1001",)),
    )
    assert case.links == (Link(LinkKind.CALL, "1.1"), Link(LinkKind.RECORDING, "c-1"))


async def test_a_good_score_opens_none(here: Centre) -> None:
    book = Book()
    await here.happens(BEGUN, talked(), OFFERED, said("satisfied", "5"), ENDED, CallEnded("caller"))
    await following(here, book).look()
    assert book.opened == {}


async def test_a_survey_that_a_killed_engine_left_open_is_followed_too(here: Centre) -> None:
    book = Book()
    look = following(here, book).look
    await here.happens(BEGUN, talked(), OFFERED, said("satisfied", "2"), CallEnded("lost"))
    await look()
    assert book.opened == {}
    here.clock.passes(minutes=3)
    await look()
    assert list(book.opened) == ["survey:1.1"]


async def test_a_case_that_is_not_solved_is_opened_again(here: Centre) -> None:
    book = Book()
    for number, answer in (("10000001", "2"), ("10000002", "1")):
        about = f"case:{number}:0"
        await here.happens(
            SurveyAnswered("case-closed", "solved", answer, about=about),
            SurveyEnded("case-closed", "completed", about=about),
            call=f"9.{number}",
        )
    await following(here, book).look()
    assert book.reopened == ["10000001"]
