"""The step type `queue`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from ivr.model.commands import Script, ask
from ivr.model.duration import PositiveDuration
from ivr.model.errors import EvaluationError
from ivr.model.expressions import Expression
from ivr.model.fields import ConfiguredName
from ivr.model.outcome import Outcome
from ivr.model.speech import NumberField
from ivr.model.step import Context, Step
from ivr.model.values import Scalar
from ivr.ports.line import QueueStatus
from ivr.ports.people import Enqueue

_OUTCOMES: Mapping[QueueStatus, str] = {
    QueueStatus.SERVED: "served",
    QueueStatus.TIMEOUT: "timeout",
    QueueStatus.FULL: "full",
    QueueStatus.EMPTY: "empty",
    QueueStatus.WITHDRAWN: "timeout",
    QueueStatus.KEY: "timeout",
}


class Queue(Step):
    """Let the caller wait in a queue for an agent, with music.

    The step ends when the agent has hung up and the caller is still there, or when nobody takes the
    call.
    """

    verb: ClassVar[str] = "queue"
    goal: ClassVar[bool] = True
    conversation: ClassVar[bool] = True
    helps: ClassVar[tuple[str, ...]] = ("served",)
    shorthand: ClassVar[str | None] = "name"
    outcomes: ClassVar[dict[str, str]] = {
        "served": "An agent talked with the caller and hung up first.",
        "timeout": "Nobody took the call in time, or the caller left the queue.",
        "full": "The queue is full.",
        "empty": "Nobody is there to take calls.",
    }
    example: ClassVar[str] = """\
agent:
  queue: {name: service, timeout: 10m, priority: "{{ 10 if customer.segment == 'vip' else 0 }}"}
  on: {served: goodbye, timeout: voicemail, full: voicemail, empty: voicemail}
"""

    name: ConfiguredName = Field(description="The queue, by its configured name.")
    timeout: PositiveDuration = Field(600_000, description="How long the caller waits (10m).")
    priority: NumberField = Field(0, description="A number; the higher is served first (0).")

    def run(self, context: Context) -> Script[Outcome]:
        priority = _whole(context.evaluate(self.priority))
        status = yield from ask(Enqueue(self.name, self.timeout, priority))
        return Outcome(_OUTCOMES[status])

    def expressions(self) -> Iterator[Expression]:
        if isinstance(self.priority, Expression):
            yield self.priority

    def queues(self) -> tuple[str, ...]:
        return (self.name,)


def _whole(priority: Scalar) -> int:
    if isinstance(priority, bool) or not isinstance(priority, int):
        raise EvaluationError("the priority is not a number")
    return priority
