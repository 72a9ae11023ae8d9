"""Context: what a step may know when it runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from ivr.model.calendar import Calendar
from ivr.model.commands import Command, Script
from ivr.model.expressions import Expression
from ivr.model.prompt import Audible
from ivr.model.properties import InputRules, Properties
from ivr.model.secret import Secret
from ivr.model.session import Session
from ivr.model.speech import Speech
from ivr.model.values import Scalar


class Context(msgspec.Struct, frozen=True):
    """What a step may know when it runs: never the world, only this call.

    `properties` and `languages` are the flow's; `calendars` the published opening hours by name;
    `secrets` what secret variables hold; `wired` the outcomes that have an edge in this flow;
    `services` what may stand in callers' own menus (`FlowSet.services`). `asking` asks instead of
    `gather` in a proof, which looks at each question once. `rounds` is how often a caller may begin
    again what was heard whole: fewer times in a proof, as more lead nowhere else.
    """

    session: Session
    properties: Properties = Properties()
    calendars: Mapping[str, Calendar] = {}
    secrets: Mapping[str, Secret] = {}
    wired: Collection[str] = ()
    languages: tuple[str, ...] = ()
    services: Mapping[str, Speech] = {}
    asking: Callable[..., Script[Any]] | None = None
    rounds: int = 5

    def evaluate(self, expression: Expression | Scalar) -> Scalar:
        """Return the value of an expression here; anything else is its own value.

        Raises EvaluationError.
        """
        if isinstance(expression, Expression):
            return expression.evaluate(self.session.scope())
        return expression

    def audible(self, speech: Speech) -> tuple[Audible, ...]:
        """Return what is heard for `speech`, with its expressions evaluated.

        Raises EvaluationError.
        """
        scope = self.session.scope() if speech.dynamic else {}
        return speech.audible(scope)

    def rules(self, step: Properties) -> InputRules:
        """Return how this step reads keys: engine < flow < step."""
        return _rules(step, self.properties)


class Visit(msgspec.Struct, frozen=True):
    """A step that was run: what it knew when it began, what it asked, and its outcome.

    Of what failed there is the error instead of an answer.
    """

    context: Context
    outcome: str
    answers: tuple[tuple[Command[Any, Any], Any], ...] = ()


@lru_cache(maxsize=1024)
def _rules(step: Properties, flow: Properties) -> InputRules:
    return InputRules.of(step.over(flow))
