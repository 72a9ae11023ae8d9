"""The step type `branch_hours`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from ivr.model.commands import Script, ask
from ivr.model.errors import EvaluationError, PortError
from ivr.model.expressions import Expression
from ivr.model.outcome import Outcome
from ivr.model.speech import TextField
from ivr.model.step import Context, Step
from ivr.ports.clock import Now
from ivr.ports.knowledge import GetBranch


class BranchHours(Step):
    """Ask the bank when a branch is open today.

    Sets `name`, and where it is open today `opens` and `closes` (HH:MM).
    """

    verb: ClassVar[str] = "branch_hours"
    goal: ClassVar[bool] = True
    shorthand: ClassVar[str | None] = "number"
    outcomes: ClassVar[dict[str, str]] = {
        "open_today": "The branch opens today.",
        "closed_today": "The branch is closed all day.",
        "not_found": "There is no such branch.",
        "unavailable": "The bank did not tell, or not in time.",
    }
    example: ClassVar[str] = """\
look-up:
  branch_hours: "{{ number }}"
  on: {open_today: open, closed_today: closed, not_found: unknown, unavailable: agent}
"""

    number: TextField = Field(description="The branch's number, a text of digits.")

    def run(self, context: Context) -> Script[Outcome]:
        number = context.evaluate(self.number)
        if not isinstance(number, str):
            raise EvaluationError("the branch's number is not a text of digits")
        now = yield from ask(Now())
        try:
            branch = yield from ask(GetBranch(number, now.date().isoformat()))
        except PortError:
            return Outcome("unavailable")
        if branch is None:
            return Outcome("not_found")
        if branch.opens is None or branch.closes is None:
            return Outcome("closed_today", variables={"name": branch.name})
        hours = {"name": branch.name, "opens": branch.opens, "closes": branch.closes}
        return Outcome("open_today", variables=hours)

    def expressions(self) -> Iterator[Expression]:
        if isinstance(self.number, Expression):
            yield self.number

    def assigns(self) -> Mapping[str, str]:
        return {"name": "text", "opens": "text", "closes": "text"}

    def sets(self, outcome: str) -> tuple[str, ...]:
        known = {"open_today": ("name", "opens", "closes"), "closed_today": ("name",)}
        return known.get(outcome, ())
