"""The step type `balance`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from ivr.model.commands import Script, ask
from ivr.model.errors import EvaluationError, PortError
from ivr.model.expressions import Expression
from ivr.model.fields import VariableName
from ivr.model.outcome import Outcome
from ivr.model.speech import TextField
from ivr.model.step import Context, Step
from ivr.ports.bank import GetBalance


class Balance(Step):
    """Ask the bank for the available balance of an account.

    It belongs behind `requires: {auth: 2}`, so that only the customer hears it.
    """

    verb: ClassVar[str] = "balance"
    goal: ClassVar[bool] = True
    outcomes: ClassVar[dict[str, str]] = {
        "done": "The balance is in the variable.",
        "unavailable": "The bank did not tell it, or not in time.",
    }
    normal: ClassVar[str | None] = "done"
    example: ClassVar[str] = """\
look-up:
  balance: {account: "{{ customer.account }}", into: balance}
  requires: {auth: 2}
  on: {done: tell-balance, unavailable: agent, refused: main-menu}
"""

    account: TextField = Field(
        default=Expression("{{ customer.account }}"),
        description="The account ({{ customer.account }}, which `authenticate` sets).",
    )
    into: VariableName = Field("balance", description="The variable for the amount (balance).")

    def run(self, context: Context) -> Script[Outcome]:
        account = context.evaluate(self.account)
        if not isinstance(account, str):
            raise EvaluationError("the account is not a text of digits")
        try:
            balance = yield from ask(GetBalance(account))
        except PortError:
            return Outcome("unavailable")
        return Outcome("done", variables={self.into: balance})

    def expressions(self) -> Iterator[Expression]:
        if isinstance(self.account, Expression):
            yield self.account

    def assigns(self) -> Mapping[str, str]:
        return {self.into: "money"}
