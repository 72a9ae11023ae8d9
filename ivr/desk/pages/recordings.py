"""Recordings that belong to a case, to be heard by whoever may. Every access is in the trail, with the case
that it is for.

A conversation with an agent is for supervisors. What customers have said alone with the machine, as a
complaint or after a survey, is also for those who work on the case that the machine made of it.
"""

from __future__ import annotations

from pathlib import Path

from starlette.responses import FileResponse, Response

from ivr.desk.guard import Turned, Visit
from ivr.desk.pages.cases import reached
from ivr.desk.reach import Reach
from ivr.ports.cases import CALLER, SURVEY, CaseRecord, Link, LinkKind

LINKED = "linked"


async def page(visit: Visit) -> Response:
    """The page that plays a recording; the sound comes when it is played."""
    case, name, _ = await _admitted(visit)
    return visit.page("recording.html", case=case, name=name, active="cases")


async def sound(visit: Visit) -> Response:
    """The recording itself, or the part of it that a player asks for."""
    case, name, file = await _admitted(visit)
    await visit.note("desk.recording", f"{name} case {case.number}")
    return FileResponse(file, media_type="audio/wav", filename=file.name)


async def _admitted(visit: Visit) -> tuple[CaseRecord, str, Path]:
    """Return the case, the name of the recording, and its file. Raises Turned, PortError."""
    worker, case = await reached(visit, Reach.READ)
    name = visit.request.path_params["name"]
    if Link(LinkKind.RECORDING, name) not in case.links:
        raise Turned(404, "no-recording")
    said = visit.site.sounds.message(name)
    if not worker.sees_all and (said is None or await _by_hand(visit, case, name)):
        await visit.note("desk.recording.forbidden", f"{name} case {case.number}")
        raise Turned(403, "recording-not-yours")
    file = said or visit.site.sounds.conversation(name)
    if file is None:
        raise Turned(404, "recording-gone")
    return case, name, file


async def _by_hand(visit: Visit, case: CaseRecord, name: str) -> bool:
    """Whether somebody linked it who may have wanted to hear it."""
    return any(
        each.act == LINKED and each.said.get("id") == name and each.by not in (CALLER, SURVEY)
        for each in await visit.site.cases.history(case.number)
    )
