"""The step type `hangup`."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field, model_validator

from ivr.model.commands import Script, ask
from ivr.model.outcome import End
from ivr.model.step import Context, Step
from ivr.ports.channel import Hangup


class HangUp(Step):
    """End the call."""

    verb: ClassVar[str] = "hangup"
    shorthand: ClassVar[str | None] = "reason"
    ends: ClassVar[bool] = True
    goal: ClassVar[bool] = True
    example: ClassVar[str] = """\
end:
  hangup: completed
"""

    reason: str = Field(
        "hangup",
        pattern=r"^[a-z][a-z0-9_-]{0,31}$",
        description="Why, for reports (hangup): one word.",
    )

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, body: Any) -> Any:
        if body is None:
            return {}
        return body if isinstance(body, dict) else {"reason": body}

    def run(self, context: Context) -> Script[End]:
        yield from ask(Hangup())
        return End(self.reason)
