"""Opening a case from a call, and from what it was about; promising a call."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from ivr.centre.agents import Act
from ivr.ports.callbacks import Refused
from ivr.ports.cases import CaseFilter, CaseRecord, Link, LinkKind
from tests.desk.kit import NOW, Browser, Desk, caller, running, words_of
from tests.desk.test_cases import sitting
from tests.desk.test_desk import at_work

WINDOW = {"day": "2026-11-23", "from": "14:00", "until": "15:30"}


def key_of(answer: httpx.Response) -> str:
    """Return the key of the form that came."""
    found = re.search(r'name="key" value="([0-9a-f]{32})"', answer.text)
    assert found is not None
    return found[1]


async def opened(desk: Desk) -> tuple[CaseRecord, ...]:
    return await desk.book.find(CaseFilter())


async def opens(browser: Browser, **form: str) -> httpx.Response:
    key = key_of(await browser.post("/case"))
    return await browser.post(
        "/case/open", **{"key": key, "kind": "complaint", "text": "the fee", **form}
    )


async def test_a_case_is_opened_from_a_call_with_all_that_is_known() -> None:
    async with running() as desk:
        browser = await at_work(desk)
        answer = await opens(browser, accused="1002")
        (case,) = await opened(desk)
        assert f'href="/cases/{case.number}"' in answer.text
        assert "The case is open" in words_of(answer)
        assert (case.kind, case.summary, case.opened_by) == ("complaint", "the fee", "1001")
        assert (case.customer, case.ani, case.language) == ("C1001", "13800001001", "zh")
        assert (case.accused, case.links) == (("1002",), (Link(LinkKind.CALL, "call-1"),))
        path = "main.welcome › main.menu"
        assert case.facts == {"queue": "service", "level": "1", "path": path}
        assert desk.people.noted()[-1] == "desk.case.open"


async def test_a_form_that_is_sent_twice_opens_one_case() -> None:
    async with running() as desk:
        browser = await at_work(desk)
        key = key_of(await browser.post("/case"))
        for _ in range(2):
            await browser.post("/case/open", key=key, kind="complaint", text="the fee")
        assert len(await opened(desk)) == 1


@pytest.mark.parametrize(
    "form", [{"key": "1"}, {"kind": "none"}, {"text": " "}, {"accused": "li.na"}]
)
async def test_what_is_no_case_opens_none(form: dict[str, str]) -> None:
    async with running() as desk:
        browser = await at_work(desk)
        assert (await opens(browser, **form)).status_code == 422
        assert await opened(desk) == ()


async def test_in_wrap_up_it_is_still_about_the_caller_and_later_it_is_not() -> None:
    async with running() as desk:
        browser = await at_work(desk)
        await browser.get("/")
        desk.hall.act("1001", Act.ENDED)
        del desk.hall.callers["call-1"]
        desk.hall.news()
        await opens(browser)
        assert [one.customer for one in await opened(desk)] == ["C1001"]
        await browser.post("/agent/ready")
        assert (await browser.post("/case")).status_code == 409
        desk.hall.call(caller(call_id="call-2"))
        desk.hall.act("1001", Act.ENDED)
        del desk.hall.callers["call-2"]
        desk.hall.news()
        assert (await browser.post("/case")).status_code == 409


async def test_a_disposition_that_is_a_kind_of_case_brings_its_form() -> None:
    async with running() as desk:
        browser = await at_work(desk)
        answer = await browser.post("/agent/dispose", disposition="complaint", note="the <fee>")
        assert "Saved" in words_of(answer)
        assert '<option value="complaint" selected>' in answer.text
        assert "the &lt;fee&gt;</textarea>" in answer.text
        answer = await browser.post("/agent/dispose", disposition="solved")
        assert 'name="key"' not in answer.text
        answer = await browser.post("/case", leave="1")
        assert '<div id="work" hx-swap-oob="true"></div>' in answer.text


async def test_a_caller_is_promised_a_call_within_a_window() -> None:
    async with running() as desk:
        browser = await at_work(desk)
        answer = await browser.post("/callback", **WINDOW)
        assert "The call is promised" in words_of(answer)
        (promise,) = desk.diary.promised
        at = NOW.replace(hour=14, minute=0)
        assert promise == {
            "queue": "service", "number": "13800001001", "language": "zh", "by": "1001",
            "customer": "C1001", "about": "", "agent": "1001",
            "begins": at, "ends": at + timedelta(minutes=90),
        }  # fmt: skip
        assert desk.people.noted()[-1] == "desk.callback"


@pytest.mark.parametrize(
    "form",
    [
        {"until": "13:00"},
        {"from": ""},
        {"day": "tomorrow"},
        {"day": "2026-11-20"},
        {"from": "08:00", "until": "09:00"},
    ],
)
async def test_what_is_no_window_is_not_promised(form: dict[str, str]) -> None:
    async with running() as desk:
        browser = await at_work(desk)
        assert (await browser.post("/callback", **{**WINDOW, **form})).status_code == 422
        assert desk.diary.promised == []


async def test_whose_number_is_withheld_cannot_be_called() -> None:
    async with running() as desk:
        browser = await at_work(desk)
        desk.hall.change("call-1", ani="")
        assert (await browser.post("/callback", **WINDOW)).status_code == 422


async def test_the_customer_of_a_case_is_called_now_and_the_call_belongs_to_the_case() -> None:
    async with running() as desk:
        case = await desk.case()
        browser = await sitting(desk)
        answer = await browser.post(
            f"/cases/{case.number}/call", when="now", queue="service", number="13912345678"
        )
        assert "The call is promised" in words_of(answer)
        (promise,) = desk.diary.promised
        assert (promise["number"], promise["about"]) == ("13800001001", case.number)
        assert (promise["begins"], promise["ends"]) == (NOW, NOW + timedelta(minutes=15))
        found = await desk.book.get(case.number)
        assert found is not None
        assert found.links == (Link(LinkKind.CALLBACK, "scheduled-1"),)
        assert "scheduled-1" in answer.text


async def test_a_supervisor_may_name_another_number() -> None:
    async with running() as desk:
        case = await desk.case(ani="")
        lead = await sitting(desk, "grace.liu")
        answer = await lead.post(f"/cases/{case.number}/call", when="now", queue="service")
        assert answer.status_code == 422
        path = f"/cases/{case.number}/call"
        await lead.post(path, when="now", queue="service", number="13912345678")
        assert desk.diary.promised[0]["number"] == "13912345678"


@pytest.mark.parametrize("refused", list(Refused))
async def test_why_a_call_is_not_promised_is_said(refused: Refused) -> None:
    async with running() as desk:
        case = await desk.case()
        desk.diary.refused = refused
        browser = await sitting(desk)
        answer = await browser.post(f"/cases/{case.number}/call", when="now", queue="service")
        assert 'role="alert"' in answer.text
        assert desk.people.noted()[-1] == f"desk.callback.{refused.value}"


async def test_who_is_called_about_a_case_has_it_on_their_card() -> None:
    async with running() as desk:
        case = await desk.case()
        browser = await at_work(desk, talking=False)
        desk.hall.call(caller(customer="", facts={"case": case.number}))
        await desk.seen()
        page = await browser.get("/")
        assert f'href="/cases/{case.number}">{case.number}</a>' in page.text
