"""From a flow file to a Flow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ivr.adapters.flowfile.complaints import fields_at, problems
from ivr.adapters.flowfile.nodes import Entry, Table, Tree, index
from ivr.adapters.flowfile.salvage import salvage, salvage_head
from ivr.adapters.flowfile.wording import colon_hint
from ivr.model.codes import Code
from ivr.model.document import FlowDocument, StepDocument
from ivr.model.flow import Flow, Node
from ivr.model.hints import closest
from ivr.model.place import Place
from ivr.model.problem import Problem
from ivr.model.step import Step, Unreadable

M = TypeVar("M", bound=BaseModel)
Verbs = Mapping[str, type[Step]]
_BESIDE = frozenset(StepDocument.model_fields)


def read_flow(tree: Table, verbs: Verbs) -> tuple[Flow, list[Problem]]:
    """Return the flow of a file and everything that is wrong with it.

    What has a mistake in it is read as far as it can be: see `Flow.unread`, `Node.partial` and
    `Unreadable`.
    """
    reader = _FlowReader(tree, verbs)
    return reader.read(), reader.problems


class _FlowReader:
    def __init__(self, tree: Table, verbs: Verbs) -> None:
        self.problems: list[Problem] = []
        self._tree = tree
        self._verbs = verbs

    def read(self) -> Flow:
        document, unread = self._head()
        head = {key: entry for key, entry in self._tree.entries.items() if key != "steps"}
        return Flow(
            name=Path(self._tree.place.file).stem if "flow" in unread else document.flow,
            start="" if "start" in unread else document.start,
            languages=() if "languages" in unread else document.languages,
            steps=self._steps(),
            place=self._tree.entries["flow"].place,
            numbers=document.numbers,
            defaults=document.defaults.properties(),
            handlers={str(event): step for event, step in document.on.items()},
            accepts=document.accepts,
            returns=document.returns,
            places=index(Table(head, self._tree.place)),
            unread=unread,
        )

    def _head(self) -> tuple[FlowDocument, frozenset[str]]:
        plain = self._tree.plain()
        unread = frozenset({"steps"} if self._again() else ())
        try:
            return FlowDocument.model_validate(plain), unread
        except ValidationError as error:
            self.problems += problems(error, self._tree, FlowDocument)
            document, wrong = salvage_head(plain, error)
            return document, unread | wrong

    def _again(self) -> tuple[tuple[str, Entry], ...]:
        """Return the steps whose name was there before."""
        entry = self._tree.entries.get("steps")
        return entry.value.again if entry is not None and isinstance(entry.value, Table) else ()

    def _steps(self) -> dict[str, Node]:
        entry = self._tree.entries.get("steps")
        if entry is None or not isinstance(entry.value, Table):
            return {}
        again = {f"{name} (line {step.place.line})": step for name, step in self._again()}
        every = {**entry.value.entries, **again}
        return {
            name: self._node(name, step) or _unreadable(name, step) for name, step in every.items()
        }

    def _node(self, name: str, entry: Entry) -> Node | None:
        tree = entry.value
        if not isinstance(tree, Table):
            hint = self._step_hint(tree.plain())
            self._note(Code.NOT_ONE_VERB, tree.place, f"`{name}` is not a step", hint)
            return None
        verb = self._verb(name, entry, tree)
        beside = Table({k: v for k, v in tree.entries.items() if k in _BESIDE}, entry.place)
        document, less = self._document(StepDocument, beside, beside.plain())
        if verb is None:
            return None
        step, part = self._step(verb, tree.entries[verb].value)
        if step is None or document is None:
            return None
        strange = tree.entries.keys() - _BESIDE - {verb}
        known = len(self.problems)
        edges = self._edges(step, document, tree)
        twice = len(self.problems) > known
        return Node(
            name=name,
            step=step,
            edges=edges,
            place=entry.place,
            requires=document.requires.auth,
            places=index(tree),
            partial=less or part or bool(strange or tree.again or twice),
        )

    def _step_hint(self, found: Any) -> str:
        if not isinstance(found, str):
            return "e.g. {say: welcome, next: menu}"
        return f"write {{{found}: …}}" if found in self._verbs else colon_hint(found)

    def _verb(self, name: str, entry: Entry, tree: Table) -> str | None:
        others = [key for key in tree.entries if key not in _BESIDE]
        verbs = [key for key in others if key in self._verbs]
        if not others:
            hint = f"give it one of {', '.join(self._verbs)}"
            self._note(Code.NOT_ONE_VERB, entry.place, f"`{name}` does nothing", hint)
            return None
        if not verbs:
            key = others[0]
            hint = closest(key, {*self._verbs, *_BESIDE})
            place = tree.entries[key].place
            self._note(Code.UNKNOWN_VERB, place, f"there is no step type `{key}`", hint)
            return None
        if len(verbs) > 1:
            message = f"`{name}` has two verbs: {' and '.join(verbs)}"
            place = tree.entries[verbs[1]].place
            self._note(Code.NOT_ONE_VERB, place, message, "make two steps of it")
            return None
        self._strangers(tree, verbs[0], [key for key in others if key != verbs[0]])
        return verbs[0]

    def _strangers(self, tree: Table, verb: str, keys: Iterable[str]) -> None:
        own = fields_at(self._verbs[verb], ())
        for key in keys:
            hint = (
                f"indent it under `{verb}:`" if key in own else closest(key, {*_BESIDE, *own, verb})
            )
            self._note(
                Code.UNKNOWN_FIELD, tree.entries[key].place, f"`{key}` is unknown here", hint
            )

    def _step(self, verb: str, body: Tree) -> tuple[Step | None, bool]:
        kind = self._verbs[verb]
        plain = body.plain()
        if plain is None and not any(f.is_required() for f in kind.model_fields.values()):
            plain = {}
        return self._document(kind, body, plain)

    def _edges(self, step: Step, document: StepDocument, tree: Table) -> dict[str, str]:
        edges = dict(step.edges())
        for outcome, target in document.on.items():
            if outcome in edges:
                on = tree.entries["on"].value
                place = on.entries[outcome].place if isinstance(on, Table) else on.place
                message = f"`{outcome}` has an edge in the step's body already"
                self._note(Code.EDGE_TWICE, place, message, "delete one of the two")
            edges[outcome] = target
        if document.next is not None:
            self._next(step, document.next, tree, edges)
        return edges

    def _next(self, step: Step, target: str, tree: Table, edges: dict[str, str]) -> None:
        place = tree.entries["next"].place
        if step.normal is None:
            outcomes = ", ".join({**step.exits(), **step.optional})
            message = f"`{step.verb}` has no one normal outcome"
            hint = f"write on: {{outcome: step}} for {outcomes}" if outcomes else "delete `next`"
            self._note(Code.NO_NORMAL_OUTCOME, place, message, hint)
        elif step.normal in edges:
            message = f"`next` is the edge of `{step.normal}`, which has one already"
            self._note(Code.EDGE_TWICE, place, message, "delete one of the two")
        else:
            edges[step.normal] = target

    def _document(self, model: type[M], tree: Tree, plain: Any) -> tuple[M | None, bool]:
        """Return what can be read, and whether outcomes or edges may be missing in it."""
        try:
            return model.model_validate(plain), False
        except ValidationError as error:
            self.problems += problems(error, tree, model)
            return salvage(model, plain, tree, error) or (None, True)

    def _note(self, code: Code, place: Place, message: str, hint: str) -> None:
        self.problems.append(Problem(code, place, message, hint))


def _unreadable(name: str, entry: Entry) -> Node:
    """Return a node for a step with a mistake in it, with what edges can be made out."""
    found = entry.value.plain()
    body = found if isinstance(found, dict) else {}
    on = body.get("on")
    edges = {"next": body.get("next"), **(on if isinstance(on, dict) else {})}
    kept = {outcome: step for outcome, step in edges.items() if isinstance(step, str)}
    return Node(name, Unreadable(), kept, entry.place, places=index(entry.value))
