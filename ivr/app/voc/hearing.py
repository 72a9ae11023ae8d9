"""What is heard beside calls: cases with what was written into them, dispositions, and broken promises of a
call. Of each source, what was read has its proof."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.app.config import Config
from ivr.app.floor.diary import DATABASE, read_diary
from ivr.app.places import place
from ivr.centre.voc.figures import encoded
from ivr.centre.voc.values import HEAD_OFFICE, Source, Voice
from ivr.model.floor import CallbackChanged, Disposed, FloorEvent
from ivr.model.taxonomy import TaxonomyDocument
from ivr.ports.cases import CaseBook, CaseEntry, CaseFilter, CaseRecord
from ivr.ports.voc import Proof

MOST_CASES = 1_000_000
BRANCH = "branch"
"""The fact of a case that names its branch."""
_TEXTS = {"opened": "summary", "noted": "text"}
"""Acts that say something in words, and where."""
_KINDS: tuple[type[FloorEvent], ...] = (Disposed, CallbackChanged)


def proof(voices: Iterable[Voice], mark: int = 0) -> Proof:
    """Return the proof of what was heard."""
    ordered = sorted(voices, key=lambda voice: voice.id)
    digest = hashlib.sha256()
    for voice in ordered:
        digest.update(encoded(voice))
    return Proof(len(ordered), digest.hexdigest(), mark)


async def of_cases(
    book: CaseBook, taxonomy: TaxonomyDocument, since: datetime, until: datetime
) -> list[Voice]:
    """Return the cases that were opened in a span, as they stood at its end. Raises PortError."""
    wanted = CaseFilter(past=True, since=since, until=until, most=MOST_CASES)
    found = []
    for record in await book.find(wanted):
        history = [one for one in await book.history(record.number) if one.at < until]
        found.append(_of_case(record, history, taxonomy))
    return found


def _of_case(record: CaseRecord, history: Sequence[CaseEntry], taxonomy: TaxonomyDocument) -> Voice:
    desk = history[0].said.get("owner", "") if history else ""
    desks = {name: number for number, one in taxonomy.branches.items() for name in one.desks}
    branch = record.facts.get(BRANCH, "")
    return Voice(
        f"case:{record.number}",
        Source.CASE,
        _millis(record.opened_at),
        _call(history),
        who=record.customer or record.ani,
        branch=branch if branch in taxonomy.branches else desks.get(desk, HEAD_OFFICE),
        case=record.kind,
        text=text_of(history),
    )


def text_of(history: Sequence[CaseEntry]) -> str:
    """Return what was written into a case about what the customer says."""
    texts = [one.said.get(_TEXTS[one.act], "") for one in history if one.act in _TEXTS]
    return "\n".join(text for text in texts if text)


def _call(history: Sequence[CaseEntry]) -> str:
    """Return the first call that was linked to a case."""
    links = [
        link.partition(" ")
        for one in history
        for link in (
            one.said.get("links", "").split(", ")
            if one.act == "opened"
            else [f"{one.said.get('kind', '')} {one.said.get('id', '')}"]
        )
    ]
    return next((name for kind, _, name in links if kind == "call"), "")


def of_floor(
    config: Config, taxonomy: TaxonomyDocument, since: datetime, until: datetime, mark: int | None
) -> tuple[list[Voice], int]:
    """Return what agents keyed and which promised calls failed, and the number of the last event that
    was read; with a `mark`, nothing after it. Raises PortError."""
    voices: dict[str, Voice] = {}
    last = 0
    diary = read_diary(place(config, DATABASE), ZoneInfo(config.zone), since, until, _KINDS)
    for stamped in diary:
        if mark is not None and stamped.number > mark:
            break
        last = stamped.number
        voice = _of_event(stamped.event, _millis(stamped.at), taxonomy)
        if voice is not None:
            voices[voice.id] = voice
    return list(voices.values()), last


def _of_event(event: FloorEvent, at_ms: int, taxonomy: TaxonomyDocument) -> Voice | None:
    wanted = taxonomy.collect
    if isinstance(event, Disposed) and event.disposition in wanted.dispositions:
        name = f"disposition:{event.call_id}:{event.agent}"
        keyed = {"disposition": event.disposition, "text": event.note}
        return Voice(name, Source.DISPOSITION, at_ms, event.call_id, **keyed)
    if isinstance(event, CallbackChanged) and event.state in wanted.callbacks:
        name = f"callback:{event.callback}"
        return Voice(name, Source.CALLBACK, at_ms, event.call_id, callback=event.state)
    return None


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)
