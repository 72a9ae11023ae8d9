"""Recordings on the desk: who hears which, and that each access is written down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ivr.app.recordings import FOLDER, MESSAGES, Sounds
from ivr.ports.cases import CALLER, Link, LinkKind
from tests.desk.kit import Desk, running
from tests.desk.test_cases import sitting

MESSAGE, CONVERSATION = "1764000000-12-7", "1764000000.12-1001.wav"
SOUND = b"RIFF" + bytes(range(200))


def linked(*names: str) -> tuple[Link, ...]:
    return tuple(Link(LinkKind.RECORDING, name) for name in names)


@asynccontextmanager
async def recorded(folder: Path) -> AsyncIterator[Desk]:
    """A desk beside a message that a caller has left, and a conversation."""
    for part, file in ((MESSAGES, f"{MESSAGE}.wav"), (FOLDER, CONVERSATION)):
        (folder / part).mkdir()
        (folder / part / file).write_bytes(SOUND)
    async with running() as desk:
        desk.site.sounds = Sounds(folder)
        yield desk


async def test_whoever_works_on_a_case_hears_its_customer_and_each_time_is_written_down(
    tmp_path: Path,
) -> None:
    async with recorded(tmp_path) as desk:
        case = await desk.case(links=linked(MESSAGE))
        browser, path = await sitting(desk), f"/cases/{case.number}/recordings/{MESSAGE}"
        assert f'href="{path}"' in (await browser.get(f"/cases/{case.number}")).text
        assert f'src="{path}/sound"' in (await browser.get(path)).text
        assert "desk.recording" not in desk.people.noted()
        assert (await browser.get(f"{path}/sound")).content == SOUND
        part = await browser.get(f"{path}/sound", range="bytes=4-7")
        assert (part.status_code, part.content) == (206, SOUND[4:8])
        heard = [one for one in desk.people.notes if one.what == "desk.recording"]
        assert [(one.who, one.about) for one in heard] == [
            ("li.na", f"{MESSAGE} case {case.number}")
        ] * 2


async def test_a_conversation_is_for_supervisors(tmp_path: Path) -> None:
    async with recorded(tmp_path) as desk:
        case = await desk.case(links=linked(CONVERSATION))
        path = f"/cases/{case.number}/recordings/{CONVERSATION}/sound"
        assert (await (await sitting(desk)).get(path)).status_code == 403
        assert desk.people.noted()[-1] == "desk.recording.forbidden"
        assert (await (await sitting(desk, "grace.liu")).get(path)).content == SOUND


async def test_linking_a_message_by_hand_does_not_make_it_heard(tmp_path: Path) -> None:
    async with recorded(tmp_path) as desk:
        case = await desk.case()
        browser, path = await sitting(desk), f"/cases/{case.number}/recordings/{MESSAGE}/sound"
        assert (await browser.get(path)).status_code == 404
        await browser.post(f"/cases/{case.number}/link", kind="recording", id=MESSAGE)
        assert (await browser.get(path)).status_code == 403
        other = await desk.case("other")
        await desk.book.link(other.number, CALLER, linked(MESSAGE)[0])
        assert (await browser.get(path.replace(case.number, other.number))).status_code == 200


async def test_a_recording_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    async with recorded(tmp_path) as desk:
        case = await desk.case(links=linked("..", "1764000000-1-1"))
        lead = await sitting(desk, "grace.liu")
        for name in ("1764000000-1-1", "%2E%2E"):
            path = f"/cases/{case.number}/recordings/{name}/sound"
            assert (await lead.get(path)).status_code == 404
