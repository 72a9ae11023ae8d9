"""What branches were told, on the desk of those who answer for it."""

from __future__ import annotations

from datetime import timedelta

from ivr.ports.voc import Closed, Replied, Sent
from tests.desk.kit import NOW, Desk, running, words_of
from tests.desk.test_cases import sitting

FEES, QUEUES = "2026-10/102/cards.fees", "2026-10/101/branch.queues"


def sent(desk: Desk) -> None:
    """Tell two branches something."""
    for name, days in ((FEES, 10), (QUEUES, -1)):
        month, branch, theme = name.split("/")
        due = NOW + timedelta(days=days)
        desk.sheet.append("voc", Sent(name, month, branch, theme, 14, 3, due))


async def test_a_reply_is_noted_and_taken_for_good() -> None:
    async with running() as desk:
        sent(desk)
        lead = await sitting(desk, "grace.liu")
        said = words_of(await lead.get("/feedback"))
        assert said.index(QUEUES) < said.index(FEES)
        assert f"{FEES} 14 3 2026-12-03 09:30 open" in said
        assert f"{QUEUES} 14 3 2026-11-22 09:30 late" in said
        answer = await lead.post("/feedback/reply", feedback=FEES, text="paid back")
        assert "The reply is noted" in words_of(answer)
        assert "replied paid back · grace.liu" in words_of(answer)
        answer = await lead.post("/feedback/close", feedback=FEES, text="all 14 paid back")
        assert FEES not in answer.text
        assert "all 14 paid back" in words_of(await lead.get("/feedback?all=1"))
        acts = [one.act for one in desk.sheet.entries()[2:]]
        assert acts == [Replied(FEES, "paid back"), Closed(FEES, "all 14 paid back")]
        assert desk.people.noted()[-2:] == ["desk.feedback.reply", "desk.feedback.close"]


async def test_what_cannot_be_is_refused_and_noted() -> None:
    async with running() as desk:
        sent(desk)
        lead = await sitting(desk, "grace.liu")
        for act, form in (
            ("close", {"feedback": FEES, "text": "done"}),
            ("reply", {"feedback": FEES, "text": ""}),
            ("reply", {"feedback": "2026-10/1/x", "text": "done"}),
        ):
            assert (await lead.post(f"/feedback/{act}", **form)).status_code == 422
            assert desk.people.noted()[-1] == f"desk.feedback.{act}.refused"
        assert len(desk.sheet.entries()) == 2


async def test_a_branch_answers_what_it_was_told_and_nothing_else() -> None:
    async with running() as desk:
        sent(desk)
        branch = await sitting(desk, "he.ying")
        assert "/feedback" in (await branch.get("/cases")).text
        said = words_of(await branch.get("/feedback?all=1"))
        assert QUEUES in said
        assert FEES not in said
        answer = await branch.post("/feedback/reply", feedback=QUEUES, text="one more counter")
        assert "replied one more counter · he.ying" in words_of(answer)
        assert (await branch.post("/feedback/reply", feedback=FEES, text="x")).status_code == 422
        assert (await branch.post("/feedback/close", feedback=QUEUES, text="x")).status_code == 403
        assert "/feedback/close" not in (await branch.get("/feedback")).text
        assert [one.act for one in desk.sheet.entries()[2:]] == [
            Replied(QUEUES, "one more counter")
        ]


async def test_agents_have_no_hand_in_it() -> None:
    async with running() as desk:
        sent(desk)
        browser = await sitting(desk)
        assert (await browser.get("/feedback")).status_code == 403
        answer = await browser.post("/feedback/reply", feedback=FEES, text="paid back")
        assert answer.status_code == 403
        assert "/feedback" not in (await browser.get("/cases")).text
