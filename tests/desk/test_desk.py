"""An agent's page: the state, the caller's card, call control, and what streams to it."""

from __future__ import annotations

import asyncio
import re

import pytest

from ivr.centre.agents import Act
from ivr.desk.guard import Visit
from ivr.desk.pages import desk as page
from ivr.ports.agents import AgentState
from tests.desk.kit import PEOPLE, Browser, Desk, caller, running, words_of


async def at_work(desk: Desk, *, talking: bool = True) -> Browser:
    browser = desk.browser()
    await browser.login()
    await browser.post("/agent/login", endpoint="agent1001", pin="582047")
    await browser.post("/agent/ready")
    if talking:
        desk.hall.call(caller())
        await desk.seen()
    return browser


async def test_an_agent_begins_work_pauses_with_a_reason_and_ends_it() -> None:
    async with running() as desk:
        browser = await at_work(desk, talking=False)
        assert desk.hall.view("1001").state is AgentState.READY
        answer = await browser.post("/agent/pause", reason="training")
        assert "You are paused" in words_of(answer)
        assert "Paused · training" in words_of(answer)
        await browser.post("/agent/logout")
        assert desk.hall.view("1001").state is AgentState.OFFLINE
        assert desk.people.noted() == [
            *(
                "desk.login",
                "desk.agent.login",
                "desk.agent.ready",
                "desk.agent.pause",
                "desk.agent.logout",
            )
        ]


async def test_a_refusal_says_why_and_is_noted() -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login()
        answer = await browser.post("/agent/login", endpoint="agent1001", pin="000000")
        assert "The PIN is wrong" in words_of(answer)
        assert 'role="alert"' in answer.text
        assert desk.people.noted()[-1] == "desk.agent.login.credentials"
        answer = await browser.post("/agent/hold")
        assert "Not possible in this state" in words_of(answer)


@pytest.mark.parametrize("telephone", ["PJSIP/agent1001", "a b", "", "x" * 41, "agent1001&x"])
async def test_a_telephone_is_named_not_dialled(telephone: str) -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login()
        answer = await browser.post("/agent/login", endpoint=telephone, pin="582047")
        assert answer.status_code == 422
        assert desk.hall.view("1001").state is AgentState.OFFLINE


async def test_the_card_tells_who_calls_and_masks_long_numbers() -> None:
    async with running() as desk:
        case = await desk.case()
        browser = await at_work(desk)
        desk.hall.change(
            "call-1", facts={"name": "王芳", "segment": "vip", "account": "6222021001"}
        )
        await desk.seen()
        said = words_of(await browser.get("/"))
        for text in ("王芳", "VIP", "identified, not authenticated", "Customer service", "Chinese"):
            assert text in said
        assert "main.welcome main.menu" in said
        assert f"{case.number} Complaint, complaints" in said
        assert "••••1001" in said


@pytest.mark.parametrize(
    ("state", "acts", "there"),
    [
        (AgentState.TALKING, (), "hold consult transfer dispose pause ready logout"),
        (AgentState.HOLDING, (Act.HELD,), "resume consult transfer dispose pause ready logout"),
        (AgentState.CONSULTING, (Act.CONSULTED,), "resume complete pause ready logout"),
        (AgentState.RESERVED, (Act.HANDED_OFF,), "pause ready logout"),
        (AgentState.WRAP_UP, (Act.ENDED,), "ready extend dispose pause logout"),
    ],
)
async def test_only_what_is_possible_is_offered(
    state: AgentState, acts: tuple[Act, ...], there: str
) -> None:
    async with running() as desk:
        browser = await at_work(desk)
        for act in acts:
            desk.hall.act("1001", act)
        await desk.seen()
        page = (await browser.get("/")).text
        every = set(re.findall(r'id="act-([a-z]+)"', page))
        assert desk.hall.view("1001").state is state
        assert every == set(there.split())


async def test_wrap_up_counts_down_and_a_disposition_is_saved() -> None:
    async with running() as desk:
        browser = await at_work(desk)
        desk.hall.act("1001", Act.ENDED)
        await desk.seen()
        until = desk.hall.view("1001").until
        assert until is not None
        assert f'data-until="{until.isoformat()}"' in (await browser.get("/")).text
        answer = await browser.post("/agent/dispose", disposition="solved", note="will call again")
        assert "Saved" in words_of(answer)
        assert desk.hall.asked == [("dispose", "solved", "will call again")]


async def test_a_caller_goes_to_a_queue_an_agent_or_a_branch() -> None:
    async with running() as desk:
        browser = await at_work(desk)
        await browser.post("/agent/consult", kind="agent", target="1002")
        assert desk.hall.view("1001").state is AgentState.CONSULTING
        await browser.post("/agent/resume")
        await browser.post("/agent/transfer", kind="queue", target="Loans")
        assert desk.hall.asked == [("consult", "agent:1002"), ("transfer", "queue:loans")]


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("agent", "13800001001"),
        ("number", "13800001001"),
        ("queue", "a b"),
        ("branch", "+86101"),
        ("", ""),
    ],
)
async def test_a_caller_never_goes_to_a_telephone_number(kind: str, target: str) -> None:
    async with running() as desk:
        browser = await at_work(desk)
        answer = await browser.post("/agent/transfer", kind=kind, target=target)
        assert answer.status_code == 422
        assert answer.headers["hx-reswap"] == "none"
        assert desk.hall.asked == []


async def test_a_stream_brings_only_the_parts_that_changed() -> None:
    async with running() as desk:
        await at_work(desk)
        cookie, session = desk.site.sessions.begin(PEOPLE["li.na"])
        changes = page._changes(Visit(None, desk.site, session, cookie, "en"))  # type: ignore[arg-type]
        first = await anext(changes)
        assert all(f'id="{name}"' in str(first.data) for name in page.PARTS)
        cards = desk.books.cards
        following = asyncio.ensure_future(anext(changes))
        desk.hall.act("1002", Act.LOGIN)
        await desk.seen()
        desk.hall.change("call-1", progress="pin •••••")
        second = str((await following).data)
        assert desk.books.cards == cards + 1
        assert 'id="progress"' in second
        assert 'id="controls"' not in second
        assert "PIN" in second
        assert '<span class="count">5</span>' in second
        desk.site.sessions.end(session)
        desk.hall.news()
        assert (await anext(changes)).event == "over"


async def test_an_engine_that_does_not_answer_is_said_so_and_found_again() -> None:
    async with running() as desk:
        browser = await at_work(desk)
        desk.hall.down = True
        desk.hall.news()
        await desk.watch.after(desk.watch.seen.number, 5)
        assert "The engine does not answer" in words_of(await browser.get("/"))
        desk.hall.down = False
        await desk.watch.after(desk.watch.seen.number, 5)
        assert "The engine does not answer" not in words_of(await browser.get("/"))


async def test_an_administrator_reads_the_trail() -> None:
    async with running() as desk:
        await at_work(desk)
        browser = desk.browser()
        await browser.login("admin")
        said = words_of(await browser.get("/audit"))
        assert said.index("desk.login") < said.index("desk.agent.ready") < said.rindex("desk.login")


async def test_an_agent_whom_no_queue_knows_is_told_so_and_has_nothing_to_press() -> None:
    async with running(agents={"1002": "王磊"}) as desk:
        browser = desk.browser()
        await browser.login()
        page = await browser.get("/")
        assert "You are no agent in the published queues" in words_of(page)
        assert "act-login" not in page.text
