"""The wallboard: what it shows, what streams to it, and what a supervisor can do."""

from __future__ import annotations

from datetime import timedelta

from ivr.app.figures import Figures
from ivr.centre.agents import Act
from ivr.desk.guard import Visit
from ivr.desk.pages import wallboard
from ivr.desk.wall import Wall
from ivr.ports.cases import CaseCounts
from ivr.ports.coverage import Tally
from tests.desk.kit import PEOPLE, caller, missed, queue, running, words_of


async def test_it_shows_queues_agents_and_alerts() -> None:
    async with running() as desk:
        desk.hall.queues = (
            queue(
                "service",
                7,
                longest_s=125,
                estimate_s=90,
                error_s=25,
                abandonment=0.061,
                surge="2 agents",
            ),
        )
        desk.hall.alerts = tuple(missed(str(1002 + one)) for one in range(6))
        desk.hall.act("1001", Act.LOGIN)
        desk.hall.act("1001", Act.PAUSE, reason="training")
        await desk.seen()
        browser = desk.browser()
        await browser.login("grace.liu")
        page = await browser.get("/wallboard")
        said = words_of(page)
        assert "Customer service 7 1:30 ± 0:25 90.0 % 6.1 % – 10 9 0 1 2 agents" in said
        assert "Paused 1 Not at work" not in said
        assert "Not at work 1" in said
        assert "1001 李娜 Paused · training" in said
        assert "2026-11-23 09:30 agent 1007 is paused: 3 calls in a row not answered" in said
        assert "agent 1003" in said
        assert "agent 1002" not in said
        assert 'data-since="2026-11-23T09:27:55+00:00"' in page.text


async def test_it_shows_how_many_were_asked_and_how_many_cases_are_overdue() -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login("grace.liu")
        assert "Asked today – Open cases – Overdue cases –" in words_of(
            await browser.get("/wallboard")
        )
        wall = Wall("en", desk.site.offers)
        wall.parts(desk.watch.seen)
        number = desk.watch.seen.number
        desk.watch.count(Figures(Tally(210, 190, 10), CaseCounts(12, 3)))
        said = words_of(await browser.get("/wallboard"))
        assert "Asked today 95.0 % (190 / 200, still to be asked 10)" in said
        assert "Open cases 12 Overdue cases 3" in said
        assert 'id="figures"' in wall.newer(desk.watch.seen, number)
        number = desk.watch.seen.number
        desk.watch.count(Figures(Tally(210, 190, 10), CaseCounts(12, 3)))
        assert desk.watch.seen.number == number
        desk.hall.act("1001", Act.LOGIN)
        await desk.seen()
        assert desk.watch.seen.figures.cases == CaseCounts(12, 3)


async def test_only_what_changed_is_rendered_and_sent() -> None:
    async with running() as desk:
        wall = Wall("en", desk.site.offers)
        before = desk.watch.seen
        parts = dict(wall.parts(before))
        desk.hall.act("1001", Act.LOGIN)
        await desk.seen()
        newer = wall.newer(desk.watch.seen, before.number)
        assert 'id="agent-1001"' in newer
        assert 'id="summary"' in newer
        assert "agent-1002" not in newer
        assert "queue-" not in newer
        assert wall.parts(desk.watch.seen)["agent-1002"] is parts["agent-1002"]


async def test_who_missed_boards_is_sent_all_that_is_newer() -> None:
    async with running() as desk:
        wall = Wall("en", desk.site.offers)
        first = desk.watch.seen.number
        wall.parts(desk.watch.seen)
        for agent in ("1001", "1002"):
            desk.hall.act(agent, Act.LOGIN)
            await desk.seen()
            wall.parts(desk.watch.seen)
        newer = wall.newer(desk.watch.seen, first)
        assert "agent-1001" in newer
        assert "agent-1002" in newer


async def test_time_alone_changes_no_queue() -> None:
    async with running() as desk:
        desk.hall.queues = (queue("service", 1, longest_s=10),)
        desk.hall.news()
        await desk.seen()
        wall = Wall("en", desk.site.offers)
        wall.parts(desk.watch.seen)
        number = desk.watch.seen.number
        desk.put_forward(timedelta(seconds=5))
        desk.hall.queues = (queue("service", 1, longest_s=15),)
        desk.hall.news()
        await desk.seen()
        assert wall.newer(desk.watch.seen, number) == ""


async def test_the_stream_tells_what_came_since_the_page_and_when_to_load_it_again() -> None:
    async with running() as desk:
        cookie, session = desk.site.sessions.begin(PEOPLE["grace.liu"])
        visit = Visit(None, desk.site, session, cookie, "en")  # type: ignore[arg-type]
        desk.site.wall("en").parts(desk.watch.seen)
        changes = wallboard._changes(visit, desk.watch.seen.number)
        desk.hall.act("1001", Act.LOGIN)
        first = await anext(changes)
        assert first.event == "patch"
        assert "agent-1001" in str(first.data)
        desk.hall.queues = (*desk.hall.queues, queue("wealth"))
        desk.hall.news()
        assert (await anext(changes)).event == "again"


async def test_a_supervisor_listens_whispers_and_joins_in() -> None:
    async with running() as desk:
        desk.hall.act("1001", Act.LOGIN)
        desk.hall.act("1001", Act.READY)
        desk.hall.call(caller())
        await desk.seen()
        browser = desk.browser()
        await browser.login("grace.liu")
        assert "王芳" in words_of(await browser.get("/wallboard/agents/1001"))
        for how in ("listen", "whisper", "barge"):
            await browser.post("/wallboard/spy", agent="1001", endpoint="agent1002", how=how)
        hows = [one[-1] for one in desk.hall.asked]
        assert hows == ["listen", "whisper", "barge"]
        assert desk.hall.asked[0] == ("spy", "grace.liu", "agent1002", "1001", "listen")
        assert desk.people.noted()[-3:] == ["desk.spy.listen", "desk.spy.whisper", "desk.spy.barge"]


async def test_nobody_is_spied_on_by_mistake() -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login("grace.liu")
        form = {"agent": "1001", "endpoint": "agent1002", "how": "listen"}
        for wrong in ({"agent": "9999"}, {"how": "record"}, {"endpoint": "PJSIP/x"}):
            assert (await browser.post("/wallboard/spy", **{**form, **wrong})).status_code == 422
        assert desk.hall.asked == []
