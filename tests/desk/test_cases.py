"""Cases on the desk: who sees which, what is done to them, what the book refuses, and what streams."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest

from ivr.centre.agents import Act
from ivr.centre.cases.acts import Reminded
from ivr.desk.guard import REFUSED, Turned, Visit
from ivr.desk.pages import cases as pages
from ivr.desk.reach import Reach, Worker
from ivr.ports.cases import CaseRecord, CaseState, Link, LinkKind
from ivr.ports.staff import Person, Role
from tests.desk.kit import NOW, PASSWORD, PEOPLE, Browser, Desk, caller, running, words_of

TEXT = "the fee is paid back"


async def sitting(desk: Desk, name: str = "li.na") -> Browser:
    browser = desk.browser()
    await browser.login(name)
    return browser


async def stands(desk: Desk, number: str) -> CaseRecord:
    found = await desk.book.get(number)
    assert found is not None
    return found


def test_who_reaches_a_case() -> None:
    agent, lead = Person("li.na", Role.AGENT, "1001"), Person("grace.liu", Role.SUPERVISOR)
    other = CaseRecord(
        "1", "k", "complaint", CaseState.OPEN, "loans-desk", NOW, "1002", customer="C1"
    )
    worker = Worker(agent, ("complaints",))
    assert worker.reach(other) is Reach.NOTHING
    assert Worker(agent, ("loans-desk",)).reach(other) is Reach.ACT
    assert Worker(agent, (), caller(customer="C1")).reach(other) is Reach.READ
    assert Worker(agent, (), caller(customer="")).reach(other) is Reach.NOTHING
    assert Worker(lead).reach(other) is Reach.ACT


async def test_a_branch_s_staff_see_and_answer_their_branch_s_cases_and_no_others() -> None:
    async with running() as desk:
        mine = await desk.case("a", owner="branch-101", by="1002")
        other = await desk.case("b", by="1002")
        branch = await sitting(desk, "he.ying")
        assert (await branch.get("/")).headers["location"] == "/cases"
        said = words_of(await branch.get("/cases?whose=all"))
        assert mine.number in said
        assert other.number not in said
        assert (await branch.get(f"/cases/{other.number}")).status_code == 403
        answer = await branch.post(f"/cases/{mine.number}/answer", text=TEXT)
        assert answer.status_code == 200
        assert (await stands(desk, mine.number)).answer == TEXT
        assert [one.by for one in await desk.book.history(mine.number)] == ["1002", "he.ying"]


async def test_owners_are_reminded_on_their_own_page() -> None:
    async with running() as desk:
        quiet = await desk.case("a", owner="1001", by="1002")
        waits = await desk.case("b", by="1002")
        other = await desk.case("c", kind="suggestion", by="1002")
        for number in (waits.number, other.number):
            await desk.book.act(number, "clock", lambda case: Reminded())
        browser = await sitting(desk)
        own = await _own(browser, "Cases that wait for me: 1")
        assert waits.number in own
        assert "reminded" in own
        assert quiet.number not in own
        assert other.number not in own
        await desk.book.answer(waits.number, "1001", TEXT)
        assert waits.number not in await _own(browser, "Cases that wait for me: 0")


async def _own(browser: Browser, wanted: str) -> str:
    """Return the part with one's own cases, once the desk has seen what was written."""
    async with asyncio.timeout(5):
        while wanted not in (said := (await browser.get("/")).text):  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.02)
    return said[said.index('id="own"') :]


async def test_a_list_has_one_s_own_and_one_s_desks_cases_and_a_supervisor_all() -> None:
    async with running() as desk:
        team = await desk.case("a")
        mine = await desk.case("b", owner="1001", by="1002")
        other = await desk.case("c", kind="suggestion", by="1002")
        accusing = await desk.case("d", by="1002", accused=("1001",))
        agent, lead = await sitting(desk), await sitting(desk, "grace.liu")

        async def numbers(browser: Browser, query: str = "") -> set[str]:
            said = words_of(await browser.get(f"/cases?{query}"))
            return {one.number for one in (team, mine, other, accusing) if one.number in said}

        assert await numbers(agent) == {team.number, mine.number}
        assert await numbers(agent, "whose=mine") == {mine.number}
        assert await numbers(agent, "whose=all") == {team.number, mine.number}
        everything = {team.number, mine.number, other.number, accusing.number}
        assert await numbers(lead) == everything
        assert await numbers(lead, "kind=suggestion") == {other.number}
        assert await numbers(lead, f"customer={mine.number}") == {mine.number}
        assert await numbers(lead, "customer=C1001") == everything


async def test_a_list_says_what_is_due_and_what_is_late() -> None:
    async with running() as desk:
        case = await desk.case()
        assert case.due is not None
        browser = await sitting(desk)
        desk.clock.at = case.due - timedelta(days=2, hours=3, minutes=10)
        await browser.login()
        assert "in 2 d 3 h" in words_of(await browser.get("/cases"))
        desk.clock.at = case.due + timedelta(minutes=75)
        await browser.login()
        assert "overdue by 1 h 15 min" in words_of(await browser.get("/cases"))
        assert case.number in words_of(await browser.get("/cases?late=1"))
        await desk.book.answer(case.number, "1001", TEXT)
        await desk.cases_seen()
        assert "customer told" in words_of(await browser.get("/cases"))
        assert case.number not in words_of(await browser.get("/cases?late=1"))


@pytest.mark.parametrize(
    ("kind", "by", "accused"), [("suggestion", "1002", ()), ("complaint", "1002", ("1001",))]
)
async def test_a_case_that_is_not_theirs_is_neither_read_nor_changed_by_an_agent(
    kind: str, by: str, accused: tuple[str, ...]
) -> None:
    async with running() as desk:
        case = await desk.case(kind=kind, by=by, accused=accused)
        browser = await sitting(desk)
        assert (await browser.get(f"/cases/{case.number}")).status_code == 403
        for act in ("note", "take", "solve", "close", "escalate", "call", "extend"):
            answer = await browser.post(f"/cases/{case.number}/{act}", text=TEXT, to="1001")
            assert answer.status_code == 403
        assert (await stands(desk, case.number)).entries == 1
        assert desk.people.noted()[-1] == "desk.case.forbidden"


async def test_who_opened_a_case_reads_it_and_adds_to_it_wherever_it_has_gone() -> None:
    async with running() as desk:
        case = await desk.case(kind="suggestion")
        browser = await sitting(desk)
        assert 'id="act-solve"' not in (await browser.get(f"/cases/{case.number}")).text
        assert "Noted" in words_of(await browser.post(f"/cases/{case.number}/note", text=TEXT))
        assert (await browser.post(f"/cases/{case.number}/solve", text=TEXT)).status_code == 403


async def test_a_case_goes_from_hand_to_hand_to_its_end_and_back() -> None:
    async with running() as desk:
        case = await desk.case()
        path = f"/cases/{case.number}"
        browser = await sitting(desk)
        steps: tuple[tuple[str, dict[str, str], str], ...] = (
            ("take", {"text": "mine"}, "The case is yours"),
            ("complex", {"text": "two branches"}, "the time of complex ones"),
            ("note", {"text": "asked branch 101"}, "Noted"),
            ("link", {"kind": "order", "id": "40316182"}, "Linked"),
            ("answer", {"text": TEXT}, "what the customer was told"),
            ("solve", {"text": TEXT}, "solved"),
            ("close", {}, "closed"),
            ("reopen", {"text": "they rang again"}, "open again"),
            ("accuse", {"agent": "1002"}, "whom it is about"),
            ("assign", {"to": "branch-101", "text": "theirs"}, "another owner"),
        )
        for act, form, notice in steps:
            answer = await browser.post(f"{path}/{act}", **form)
            assert notice in words_of(answer), act
            assert 'role="status"' in answer.text
        found = await stands(desk, case.number)
        assert (found.owner, found.state, found.reopened) == ("branch-101", CaseState.OPEN, 1)
        assert Link(LinkKind.ORDER, "40316182") in found.links
        noted = [one for one in desk.people.notes if one.what.startswith("desk.case.")]
        assert [one.what for one in noted] == [f"desk.case.{act}" for act, _, _ in steps]
        assert {one.about for one in noted} == {case.number}
        said = words_of(await browser.get(path))
        assert "key:" not in said
        for text in ("given on", "to: branch-101", "two branches", "••••6182", "reopened"):
            assert text in said


async def test_what_the_book_refuses_is_said_and_what_was_written_stays() -> None:
    async with running() as desk:
        case = await desk.case()
        browser = await sitting(desk)
        answer = await browser.post(f"/cases/{case.number}/close")
        assert "Not without a solution" in words_of(answer)
        assert 'role="alert"' in answer.text
        assert answer.status_code == REFUSED
        assert desk.people.noted()[-1] == "desk.case.close.no_solution"
        assert "write something" in words_of(await browser.post(f"/cases/{case.number}/note"))
        await browser.post(f"/cases/{case.number}/solve", text=TEXT)
        answer = await browser.post(f"/cases/{case.number}/close")
        assert "not told yet" in words_of(answer)
        answer = await browser.post(f"/cases/{case.number}/assign", to="nobody")
        assert "no such desk" in words_of(answer)


async def test_an_agent_gets_no_case_that_is_about_them() -> None:
    async with running() as desk:
        case = await desk.case(by="1002", accused=("1002",))
        lead = await sitting(desk, "grace.liu")
        answer = await lead.post(f"/cases/{case.number}/assign", to="1002", text=TEXT)
        assert "nothing to do with it" in words_of(answer)
        assert (await stands(desk, case.number)).owner == "complaints"


async def test_more_time_wants_a_supervisor_s_own_password() -> None:
    async with running() as desk:
        case = await desk.case()
        browser = await sitting(desk)
        path = f"/cases/{case.number}"
        await browser.post(f"{path}/complex", text="two branches")
        assert 'id="act-extend"' in (await browser.get(path)).text
        for approver, password in (("grace.liu", "wrong"), ("li.na", PASSWORD), ("", "")):
            answer = await browser.post(
                f"{path}/extend", text="waits for a court", approver=approver, password=password
            )
            assert "no supervisor by that name" in words_of(answer)
        assert not (await stands(desk, case.number)).approved_by
        answer = await browser.post(
            f"{path}/extend", text="waits for a court", approver="grace.liu", password=PASSWORD
        )
        assert "has more time" in words_of(answer)
        found = await stands(desk, case.number)
        assert found.approved_by == "grace.liu"
        assert found.due == found.terms.extended
        assert PASSWORD not in answer.text
        assert all(PASSWORD not in str(one) for one in desk.people.notes)


async def test_a_supervisor_cannot_approve_what_they_ask_for_themselves() -> None:
    async with running() as desk:
        case = await desk.case()
        lead = await sitting(desk, "grace.liu")
        await lead.post(f"/cases/{case.number}/complex", text="two branches")
        answer = await lead.post(
            f"/cases/{case.number}/extend", text="x", approver="grace.liu", password=PASSWORD
        )
        assert "neither owns the case nor asks" in words_of(answer)


async def test_passwords_of_supervisors_cannot_be_guessed_at_a_case() -> None:
    async with running() as desk:
        case = await desk.case()
        browser = await sitting(desk)
        statuses = [
            (await browser.post(f"/cases/{case.number}/extend", approver="grace.liu")).status_code
            for _ in range(12)
        ]
        assert statuses[-1] == 429


async def test_only_what_is_possible_is_offered() -> None:
    async with running() as desk:
        case = await desk.case()
        browser = await sitting(desk)

        async def offered() -> set[str]:
            page = (await browser.get(f"/cases/{case.number}")).text
            return set(re.findall(r'id="act-([a-z]+)"', page))

        always = {"note", "assign", "accuse", "link"}
        assert await offered() == {*always, "solve", "answer", "take", "escalate", "complex"}
        await desk.book.solve(case.number, "1001", TEXT)
        assert await offered() == {*always, "answer", "close"}
        await desk.book.answer(case.number, "1001", TEXT)
        await desk.book.finish(case.number, "1001")
        assert await offered() == {"reopen"}


async def test_closed_cases_are_found_when_they_are_wanted() -> None:
    async with running() as desk:
        case = await desk.case(kind="suggestion", owner="1001", customer="")
        await desk.book.solve(case.number, "1001", TEXT)
        await desk.book.answer(case.number, "1001", TEXT)
        assert (await desk.book.finish(case.number, "1001")).refused is None
        await desk.cases_seen()
        browser = await sitting(desk)
        assert case.number not in words_of(await browser.get("/cases"))
        assert case.number in words_of(await browser.get("/cases?closed=1"))


async def test_a_stream_follows_the_book_and_a_case_that_is_given_away_is_gone() -> None:
    async with running() as desk:
        case = await desk.case(by="1002")
        cookie, session = desk.site.sessions.begin(PEOPLE["li.na"])
        visit = Visit(None, desk.site, session, cookie, "en")  # type: ignore[arg-type]
        worker = await pages.worker_of(visit)
        listed = pages._changes(visit, pages.Listing(visit, worker, pages.Wanted("team")))
        assert case.number in str((await anext(listed)).data)
        following = asyncio.ensure_future(anext(listed))
        another = await desk.case("another")
        assert another.number in str((await following).data)

        async def parts() -> dict[str, str]:
            found = await stands(desk, case.number)
            if worker.reach(found) is Reach.NOTHING:
                raise Turned(403, "case-not-yours")
            return await pages.case_parts(visit, worker, found)

        one = pages._changes(visit, parts)
        assert 'id="acts"' in str((await anext(one)).data)
        await desk.book.note(case.number, "1002", "asked branch 101")
        await desk.cases_seen()
        second = str((await anext(one)).data)
        assert "asked branch 101" in second
        assert 'id="acts"' not in second
        await desk.book.assign(case.number, "1002", "loans-desk", "")
        await desk.cases_seen()
        assert "neither yours nor" in str((await anext(one)).data)
        assert (await anext(one)).event == "again"


async def test_nothing_is_rendered_for_what_happens_to_the_cases_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as desk:
        await desk.case(by="1002")
        cookie, session = desk.site.sessions.begin(PEOPLE["li.na"])
        visit = Visit(None, desk.site, session, cookie, "en")  # type: ignore[arg-type]
        listing = pages.Listing(visit, await pages.worker_of(visit), pages.Wanted("team"))
        before = await listing()
        rendered: list[str] = []

        def render(template: str, *more: object, **values: object) -> str:
            rendered.append(template)
            return ""

        monkeypatch.setattr(pages, "render", render)
        await desk.case("b", kind="suggestion", by="1002")
        assert await listing() == before
        assert rendered == []
        await desk.case("c", by="1002")
        await listing()
        assert rendered == ["parts/case_list.html"]


async def test_a_form_without_its_token_changes_nothing() -> None:
    async with running() as desk:
        case = await desk.case()
        browser = await sitting(desk)
        browser.token = "stolen"
        answer = await browser.post(f"/cases/{case.number}/note", text=TEXT)
        assert answer.status_code == 403
        assert (await stands(desk, case.number)).entries == 1


async def test_an_agent_reads_the_case_of_whoever_rings_about_it() -> None:
    async with running() as desk:
        case = await desk.case(kind="suggestion", by="1002", customer="C1001")
        browser = await sitting(desk)
        assert (await browser.get(f"/cases/{case.number}")).status_code == 403
        for act in (Act.LOGIN, Act.READY):
            desk.hall.act("1001", act)
        desk.hall.call(caller())
        await desk.seen()
        assert case.number in words_of(await browser.get("/"))
        assert (await browser.get(f"/cases/{case.number}")).status_code == 200
