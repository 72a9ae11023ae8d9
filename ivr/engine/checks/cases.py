"""Checks of kinds of cases: who owns them, by which clock, and whether steps open kinds that are there."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.engine.checks.world import Check, World, each_node
from ivr.model.cases import CasesDocument, Kind, Term, Unit
from ivr.model.codes import Code
from ivr.model.flow import Flow, Node
from ivr.model.place import Place
from ivr.model.problem import Problem
from ivr.model.sheet import Sheet

NONE = Sheet(CasesDocument(desks={}, cases={}), Place("", 1, 1))


def _sheet(world: World) -> Sheet[CasesDocument]:
    """Return what cases.yaml says; nothing where there is none."""
    return world.flow_set.cases or NONE


def _kinds(world: World) -> Iterator[tuple[str, Kind]]:
    """Yield the kinds, with where they stand."""
    kinds = _sheet(world).document.cases.items()
    yield from ((f"cases.{name}", kind) for name, kind in kinds)


@each_node
def kinds_exist(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR339: a step opens, or tells of, cases of a kind that is not there."""
    known = _sheet(world).document.cases
    if "cases" in world.broken:
        return
    for kind in node.step.case_kinds():
        if kind not in known:
            hint = world.closest(kind, known) if known else f"write flows/cases.yaml with `{kind}`"
            place = node.place_of(f"={kind}", kind, node.step.verb)
            message = f"there is no kind of cases `{kind}`"
            yield Problem(Code.UNKNOWN_CASE_KIND, place, message, hint)


def owners_exist(world: World) -> Iterator[Problem]:
    """IVR345: a case would be owned by a desk or an agent that is not there."""
    sheet = _sheet(world)
    if "agents" in world.broken:
        return
    known = {*sheet.document.desks, *world.flow_set.queues.agents}
    named = [(f"{where}.owner", kind.owner) for where, kind in _kinds(world)]
    named += [
        (f"{where}.escalate.{number}.to", step.to)
        for where, kind in _kinds(world)
        for number, step in enumerate(kind.escalate)
    ]
    agents = world.flow_set.queues.agents
    for where, owner in named:
        if owner not in known:
            hint = world.closest(owner, known) or f"add `{owner}: {{}}` to `desks`"
            message = f"there is no desk and no agent `{owner}`"
            yield Problem(Code.UNKNOWN_OWNER, sheet.place_of(where), message, hint)
    for desk, document in sheet.document.desks.items():
        for number, agent in enumerate(document.agents):
            if agent not in agents:
                hint = world.closest(agent, agents) or "agents are in agents.yaml"
                place = sheet.place_of(f"desks.{desk}.agents.{number}", f"desks.{desk}")
                yield Problem(Code.UNKNOWN_OWNER, place, f"there is no agent `{agent}`", hint)


def clocks_can_be_kept(world: World) -> Iterator[Problem]:
    """IVR346: a clock that says nothing: working days by no calendar, or less time where there should be
    more."""
    sheet = _sheet(world)
    for where, kind in _kinds(world):
        for field, term in _terms(kind):
            if term.unit is Unit.WORKING_DAYS and kind.calendar is None:
                place = sheet.place_of(f"{where}.{field}", where)
                hint = "add `calendar: NAME` to the kind"
                yield Problem(Code.WRONG_CLOCK, place, "working days of no calendar", hint)
        if _less(kind.complex, kind.answer):
            place = sheet.place_of(f"{where}.complex")
            message = f"complex cases have less time ({kind.complex}) than others ({kind.answer})"
            yield Problem(Code.WRONG_CLOCK, place, message, "write the longer time here")


def _terms(kind: Kind) -> Iterator[tuple[str, Term]]:
    """Yield the times of a kind, with where they stand."""
    for field in ("answer", "complex", "extension"):
        term = getattr(kind, field)
        if term is not None:
            yield field, term
    yield from ((f"remind.{number}", term) for number, term in enumerate(kind.remind))
    yield from ((f"escalate.{n}.after", step.after) for n, step in enumerate(kind.escalate))


def _less(one: Term | None, other: Term | None) -> bool:
    return (
        one is not None and other is not None and one.unit is other.unit and one.count < other.count
    )


def names_exist(world: World) -> Iterator[Problem]:
    """IVR314, IVR312: a calendar or a queue that is not there."""
    sheet = _sheet(world)
    calendars, queues = world.flow_set.calendars, world.flow_set.queues.queues
    for where, kind in _kinds(world):
        calendar = kind.calendar
        if calendar is not None and calendar not in calendars and calendar not in world.broken:
            hint = world.closest(calendar, calendars) or "there is no calendar at all"
            place = sheet.place_of(f"{where}.calendar")
            message = f"there is no calendar `{calendar}`"
            yield Problem(Code.UNKNOWN_CALENDAR, place, message, hint)
    if "queues" in world.broken:
        return
    for desk, document in sheet.document.desks.items():
        if document.queue is not None and document.queue not in queues:
            hint = world.closest(document.queue, queues) or "add it to queues.yaml"
            place = sheet.place_of(f"desks.{desk}.queue")
            message = f"there is no queue `{document.queue}`"
            yield Problem(Code.UNKNOWN_QUEUE, place, message, hint)


CHECKS: tuple[Check, ...] = (kinds_exist, owners_exist, clocks_can_be_kept, names_exist)
