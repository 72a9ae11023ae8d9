"""Loading a folder of flow files: a FlowSet, or everything that is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from pydantic import ValidationError

from ivr.adapters.flowfile.calendars import CalendarReader
from ivr.adapters.flowfile.complaints import problems
from ivr.adapters.flowfile.flows import Verbs, read_flow
from ivr.adapters.flowfile.folder import texts_of, version_of
from ivr.adapters.flowfile.nodes import Table, Tree, empties
from ivr.adapters.flowfile.orders import bound, read_order
from ivr.adapters.flowfile.queues import read_agents, read_queues
from ivr.adapters.flowfile.reader import read
from ivr.adapters.flowfile.sheets import read_sheet
from ivr.model.calendar import Calendar
from ivr.model.campaigns import CampaignDocument
from ivr.model.cases import CasesDocument
from ivr.model.codes import Code
from ivr.model.document import NAME_PATTERN, CalendarDocument, Document
from ivr.model.errors import FlowError
from ivr.model.flow import Flow, FlowSet
from ivr.model.hints import closest
from ivr.model.orders import OrderType
from ivr.model.place import Place
from ivr.model.problem import Problem, Severity
from ivr.model.queues import QueuePlan
from ivr.model.sheet import Sheet
from ivr.model.surveys import SurveyDocument, SurveyRulesDocument
from ivr.model.taxonomy import TaxonomyDocument
from ivr.steps import discover

MAX_FILES = 2000
PLANS = {"queues": read_queues, "agents": read_agents}
"""The files that make the queue plan; one of each at most."""
SINGLE: Mapping[str, type[Document]] = {
    "survey_rules": SurveyRulesDocument,
    "cases": CasesDocument,
    "taxonomy": TaxonomyDocument,
}
"""Further files of which there is one at most, each called as its key."""
MANY: Mapping[str, type[Document]] = {"survey": SurveyDocument, "campaign": CampaignDocument}
"""Further files of which there are many, each called as what stands behind its key."""
SHEETS = {**SINGLE, **MANY}
KINDS = ("flow", "calendar", "order", *MANY)
"""What a file may be, by the key that names it."""
LISTS = (*PLANS, *SINGLE)
"""What a file may be of which there is one at most."""
_DISTORTING = {Code.ALIAS, Code.TAG, Code.MERGE, Code.STRANGE_KEY}
"""Problems after which a file does not say what its author meant."""


class LoadResult(msgspec.Struct, frozen=True):
    """What came of loading.

    `flow_set` is None when any problem is an error. `sound` holds what could be read all the same,
    for checks that find more: a flow in it may have `Unreadable` steps. `broken` names the flows, calendars
    order types, queues and agents that could not be read at all (by their files' names).
    """

    flow_set: FlowSet | None
    problems: tuple[Problem, ...]
    sound: FlowSet
    broken: frozenset[str] = frozenset()


def load(folder: Path | str) -> FlowSet:
    """Load a folder of flow files. Raises FlowError with every problem, one a line."""
    result = try_load(folder)
    if result.flow_set is None:
        raise FlowError("\n".join(map(str, result.problems)))
    return result.flow_set


def load_files(files: Mapping[str, str]) -> FlowSet:
    """Load flows from their texts by path, as `FlowSet.files` holds them. Raises FlowError."""
    result = try_load_files(files)
    if result.flow_set is None:
        raise FlowError("\n".join(map(str, result.problems)))
    return result.flow_set


def try_load(folder: Path | str, verbs: Verbs | None = None) -> LoadResult:
    """Load a folder of flow files, all `*.yaml` in it at any depth, and say what is wrong.

    Hidden files are no flow files, nor are the scripted callers in its subfolder `callers/`.
    """
    files, found = texts_of(Path(folder))
    return _load(files, found, verbs, where=str(folder))


def try_load_files(files: Mapping[str, str], verbs: Verbs | None = None) -> LoadResult:
    """Load flows from their texts by path, and say what is wrong."""
    return _load(files, [], verbs, where=".")


def _load(
    files: Mapping[str, str], found: list[Problem], verbs: Verbs | None, where: str
) -> LoadResult:
    loading = _Loading(discover() if verbs is None else verbs)
    loading.problems += found
    if len(files) > MAX_FILES:
        loading.note(Code.TOO_LARGE, Place(where, 1, 1), f"more than {MAX_FILES} files", "")
        files = {}
    for path in sorted(files):
        loading.add(path, files[path])
    if not loading.flows and not loading.problems:
        hint = "write a file main.yaml that begins with `flow: main`"
        loading.note(Code.NO_FLOWS, Place(where, 1, 1), "there is no flow here", hint)
    sound = bound(
        FlowSet(
            version_of(files),
            loading.flows,
            loading.calendars,
            dict(files),
            orders=loading.orders,
            queues=loading.plan,
            surveys=loading.sheets.get("survey", {}),
            survey_rules=loading.sheets.get("survey_rules", {}).get("survey_rules"),
            cases=loading.sheets.get("cases", {}).get("cases"),
            campaigns=loading.sheets.get("campaign", {}),
            taxonomy=loading.sheets.get("taxonomy", {}).get("taxonomy"),
        )
    )
    noted = tuple(sorted(loading.problems, key=lambda p: (p.place, p.code)))
    wrong = any(problem.severity is Severity.ERROR for problem in noted)
    damaged = {Path(problem.place.file).stem for problem in noted}
    whole = {*sound.flows, *sound.calendars, *sound.orders, *sound.surveys, *sound.campaigns}
    broken = frozenset(damaged - whole)
    return LoadResult(None if wrong else sound, noted, sound, broken)


class _Loading:
    """What was read so far, and what is wrong."""

    def __init__(self, verbs: Verbs) -> None:
        self.problems: list[Problem] = []
        self.flows: dict[str, Flow] = {}
        self.calendars: dict[str, Calendar] = {}
        self.orders: dict[str, OrderType] = {}
        self.plan = QueuePlan()
        self.sheets: dict[str, dict[str, Sheet[Any]]] = {}
        self._verbs = verbs
        self._places: dict[str, Place] = {}
        self._taken: set[Place] = set()

    def note(self, code: Code, place: Place, message: str, hint: str) -> None:
        """Take down a problem, unless something is wrong at its place already."""
        if place not in self._taken:
            self._taken.add(place)
            self.problems.append(Problem(code, place, message, hint))

    def add(self, path: str, text: str) -> None:
        """Read one file."""
        tree, found = read(text, path)
        self.problems += found
        self._taken |= {problem.place for problem in found}
        if tree is None:
            return
        kind = self._kind(tree)
        if kind is None or not isinstance(tree, Table):
            return
        self._named(kind, path, tree)
        self._empties(kind, tree)
        sound = _DISTORTING.isdisjoint(problem.code for problem in found)
        for problem in self._taken_in(kind, tree, sound):
            self.note(Code(problem.code), problem.place, problem.message, problem.hint)

    def _taken_in(self, kind: str, tree: Table, sound: bool) -> list[Problem]:
        """Keep what a file says, if its text is `sound`; return what is wrong with it."""
        if kind == "flow":
            flow, wrong = read_flow(tree, self._verbs)
            if sound:
                self.flows.setdefault(flow.name, flow)
        elif kind == "order":
            order, wrong = read_order(tree)
            if order is not None and sound:
                self.orders.setdefault(order.name, order)
        elif kind in PLANS:
            plan, wrong = PLANS[kind](tree, self.plan)
            if sound:
                self.plan = plan
        elif kind in SHEETS:
            wrong = self._sheet(kind, tree, sound)
        else:
            calendar, wrong = _calendar(tree)
            if calendar is not None and sound:
                self.calendars.setdefault(calendar.name, calendar)
        return wrong

    def _sheet(self, kind: str, tree: Table, sound: bool) -> list[Problem]:
        """Keep what a file says that is neither flow nor plan; return what is wrong with it."""
        sheet, wrong = read_sheet(tree, SHEETS[kind])
        if sheet is not None and sound:
            name = kind if kind in SINGLE else str(tree.entries[kind].value.plain())
            self.sheets.setdefault(kind, {}).setdefault(name, sheet)
        return wrong

    def _empties(self, kind: str, tree: Table) -> None:
        hidden = {
            (p.place.file, p.place.line) for p in self.problems if p.code == Code.HIDDEN_BY_COMMENT
        }
        for loc, place in empties(tree):
            bare = kind == "flow" and len(loc) == 3 and loc[0] == "steps" and loc[2] in self._verbs
            if not bare and (place.file, place.line) not in hidden:
                message = f"nothing stands after `{loc[-1]}`" if loc else "nothing stands here"
                hint = 'write a value, or leave the key out; "" is an empty text'
                self.note(Code.EMPTY_VALUE, place, message, hint)

    def _kind(self, tree: Tree) -> str | None:
        """Return one of KINDS or LISTS; None, with a problem, for anything else."""
        known = (*KINDS, *LISTS)
        kinds = [kind for kind in known if isinstance(tree, Table) and kind in tree.entries]
        if len(kinds) == 1:
            return kinds[0]
        hint = "begin the file with `flow: NAME`, `calendar: NAME` or `order: NAME`"
        both = " and ".join(kind if kind in LISTS else f"a {kind}" for kind in kinds)
        message = f"both {both}" if kinds else "neither a flow nor a calendar nor an order type"
        if not kinds and isinstance(tree, Table):
            near = closest(next(iter(tree.entries), ""), known)
            hint = near if near.startswith("did") else hint
        self.note(Code.NOT_A_FLOW_FILE, tree.place, message, hint)
        return None

    def _named(self, kind: str, path: str, tree: Table) -> None:
        """Check that the file is called what it says, and that no other is."""
        entry = tree.entries[kind]
        stem = Path(path).stem
        name = kind if kind in LISTS else entry.value.plain()
        place = entry.place if kind in LISTS else entry.value.place
        if kind in LISTS and name != stem:
            message = f"`{kind}` stand in a file of that name"
            self.note(Code.WRONG_NAME, place, message, f"name the file {kind}.yaml")
        elif isinstance(name, str) and name != stem:
            rename = f"name the file {name}.yaml"
            named = re.fullmatch(NAME_PATTERN, stem)
            hint = f"write {kind}: {stem}, or {rename}" if named else rename
            self.note(Code.WRONG_NAME, place, f"`{name}` is not the file's name", hint)
        first = self._places.setdefault(f"{kind} {name}", place)
        if first is not place:
            message = f"there is another {kind} `{name}`, at {first}"
            self.note(Code.SAME_NAME, place, message, "rename one of them, or make one of both")


def _calendar(tree: Table) -> tuple[Calendar | None, list[Problem]]:
    try:
        document = CalendarDocument.model_validate(tree.plain())
    except ValidationError as error:
        return None, problems(error, tree, CalendarDocument)
    reader = CalendarReader(document, tree)
    calendar = reader.read()
    return (None if reader.problems else calendar), reader.problems
