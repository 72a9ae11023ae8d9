"""Steps that stay, visit by visit, as one: of what is kept between visits, a proof tells apart what the
step can.

An order is dictated in a dozen visits. All ways through them are one graph, which is looked at once for
all calls that the step can tell nothing of; between its steps, a call has no more states for it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import msgspec

from ivr.engine.prove.graph import Graph
from ivr.engine.prove.memory import Memory
from ivr.engine.prove.questions import Questions, Shared
from ivr.engine.prove.reads import Watched
from ivr.engine.prove.script import Asked, ask_whole
from ivr.model.commands import Script
from ivr.model.flow import Node
from ivr.model.outcome import Stay
from ivr.model.step import Context
from ivr.model.world import World

_ROUNDS = 2
"""Once more is all that is looked at; callers may five times."""

Form = Mapping[str, Any]


class _Visit(msgspec.Struct):
    """A visit, and the form that stands for all that are like it."""

    form: Form
    level: int
    context: Context
    questions: Questions


class Staying:
    """The visits of a step, from the one that a `watched` session is in; see `script.Visits`.

    `normal` gives the value that stands for all that a step may end with alike, `kept` that for all
    that it may keep under a name.
    """

    def __init__(
        self,
        node: Node,
        context: Context,
        watched: Watched,
        world: World,
        shared: Shared,
        normal: Callable[[Any], Any],
        kept: Callable[[str, Any], Any],
        *,
        gone: bool,
    ) -> None:
        self.memory = Memory(context, secrets=world.secrets)
        self._step = node.step
        self._needs = node.requires
        self._context = context
        self._watched = watched
        self._world = world
        self._shared = shared
        self._normal = normal
        self._kept = kept
        self._gone = gone
        self._raised: dict[Hashable, Form] = {}
        self._visits: list[_Visit] = []
        self._numbers: dict[Hashable, int] = {}
        frame = watched.frame
        self._first = frame.form
        self._number(frame.form, frame.level)

    def start(self, visit: int) -> Script[Any]:
        """Begin a visit."""
        return self._step.run(self._visits[visit].context)

    def question(self, visit: int, asked: Asked) -> Graph:
        """Return the graph of a whole question."""
        return self._visits[visit].questions.graph(asked)

    def onward(self, visit: int, value: Any) -> int | None:
        """Return the next visit; None where the step is left, or more than its form changes."""
        if not isinstance(value, Stay) or value.auth is not None or value.facts:
            return None
        if value.level > self._needs and not self._watched.reaches(value.level):
            return None
        changed = self._changed(visit, value)
        if self._step.apart(changed) != self._step.apart(self._visits[visit].form):
            return None
        return self._number(changed, value.level)

    def left(self, visit: int, value: Any) -> Any:
        """Return what the step is left with: for a call that knows of no visit but the first."""
        if isinstance(value, Stay):
            # A step that comes back from raising the level goes on as at that level from the beginning:
            # one form of what it is about stands for all, as what follows each is looked at there.
            changed = self._changed(visit, value)
            known = (value.level, self._step.apart(changed))
            form = self._raised.setdefault(known, changed)
            changes = {**dict.fromkeys(self._first), **form}
            value = msgspec.structs.replace(value, changes=changes)
        return self._normal(value)

    def _changed(self, visit: int, stay: Stay) -> Form:
        form = {**self._visits[visit].form, **stay.changes}
        return {name: value for name, value in form.items() if value is not None}

    def _number(self, form: Form, level: int) -> int:
        session: Any = self._watched.keeping(form, level)
        kind = self._step.alike(form, session.scope()) if form else None
        if kind is None:
            kind = frozen({name: self._kept(name, value) for name, value in form.items()})
        known = (kind, level)
        if known not in self._numbers:
            self._numbers[known] = len(self._visits)
            self._visits.append(self._visit(form, level, session))
        return self._numbers[known]

    def _visit(self, form: Form, level: int, session: Any) -> _Visit:
        inner = msgspec.structs.replace(self._context, session=session, rounds=_ROUNDS)
        outer = msgspec.structs.replace(inner, asking=ask_whole)
        self.memory.give(inner, outer, session)
        questions = Questions(inner, self._world, self._shared, gone=self._gone)
        return _Visit(form, level, outer, questions)


def frozen(names: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Return what names hold as a value that can be a key."""
    return tuple(
        (name, frozen(value) if isinstance(value, Mapping) else value)
        for name, value in sorted(names.items())
    )
