"""The step type `queue`."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ivr.centre.customers import customer_number
from ivr.centre.levels import IDENTIFIED
from ivr.centre.waiting import AGREES, OFFER, RECORDED, REFUSES, TOLD, told
from ivr.model.commands import Script, ask
from ivr.model.digits import Choices
from ivr.model.duration import PositiveDuration
from ivr.model.errors import CallerHungUp, EvaluationError
from ivr.model.expressions import Expression
from ivr.model.fields import ConfiguredName
from ivr.model.outcome import Outcome, Stay, Transition
from ivr.model.prompt import BargeIn, Prompted
from ivr.model.speech import NumberField, Speech, TextField
from ivr.model.step import Context, Step
from ivr.model.values import Scalar, Value
from ivr.ports.channel import Collect
from ivr.ports.people import Linger, Meet, RingAgent
from ivr.ports.waiting import (
    Consent,
    Consented,
    Errand,
    Hold,
    Join,
    Joining,
    JoinQueue,
    LeaveQueue,
    Leaving,
    Over,
    Ring,
    Rung,
    Wait,
)

_TURN_MS = 20_000
"""A caller who waits looks up so often, whether or not there is something new."""
_TAKES_CALLBACK = "1"
_ANSWER_MS = 3_000
"""How long a caller has to say whether they may be recorded."""


class Queue(Step):
    """Let the caller wait in a queue for an agent, with music, and talk.

    While they wait, callers are told where they stand and are heard: a key counts at any moment, also in
    an announcement, which ends at once when there is an agent. Where the queue wants it they are asked
    first whether they may be recorded: 1 agrees, 2 does not. Who serves the queue, in which order, and for how long one may wait, is in
    `queues.yaml`. The step ends when the agent has hung up and the caller is still there, or when
    nobody takes the call.
    """

    verb: ClassVar[str] = "queue"
    goal: ClassVar[bool] = True
    conversation: ClassVar[bool] = True
    helps: ClassVar[tuple[str, ...]] = ("served", "errand")
    shorthand: ClassVar[str | None] = "name"
    outcomes: ClassVar[dict[str, str]] = {
        "served": "An agent talked with the caller and hung up first.",
        "timeout": "Nobody took the call in time.",
        "full": "The queue is full.",
        "closed": "The queue is closed at this time.",
        "overflow": "The wait would be too long.",
        "empty": "Nobody is there to take calls.",
    }
    optional: ClassVar[dict[str, str]] = {
        "callback": "The caller pressed 1 to be called back. The place is kept until that is arranged, or "
        "until the caller comes back to the queue.",
        "left": "The caller pressed the `leave` key.",
        "errand": "The agent asks the caller to do something alone with the machine: the step `assist`.",
    }
    example: ClassVar[str] = """\
agent:
  queue:
    name: service
    timeout: 10m
    priority: "{{ 10 if customer.segment == 'vip' else 0 }}"
    tells: {segment: "{{ customer.segment }}"}
  on:
    served: goodbye
    timeout: voicemail
    full: voicemail
    closed: hours
    overflow: voicemail
    empty: voicemail
    left: menu
"""

    name: ConfiguredName = Field(description="The queue, by its configured name.")
    timeout: PositiveDuration | None = Field(
        None,
        description="How long the caller waits here at most; left out: as long as the queue says.",
    )
    priority: NumberField = Field(
        0, description="Seconds of head start before others, beside what the queue gives (0)."
    )
    tells: dict[ConfiguredName, TextField] = Field(
        {},
        max_length=16,
        description="What the rules of the queue (`caller.segment`) and the agent's desk may know.",
    )
    leave: Annotated[str, Field(pattern=r"^[0-9*#]$")] = Field(
        "*",
        description="The key that leaves the queue, if `left` has an edge (*).",
        examples=["#"],
    )

    def run(self, context: Context) -> Script[Transition]:
        call_id = context.session.call_id
        joining = self._joining(context)
        turn = yield from ask(JoinQueue(joining))
        try:
            match turn:
                case Over(how):
                    return Outcome(how.value)
                case Errand():
                    return Outcome("errand")
                case Wait():
                    left = yield from self._wait(turn, joining, context)
                    if left is not None:
                        yield from ask(LeaveQueue(call_id, self.name, left))
                        return Outcome(left.value)
                case Consent(silence):
                    yield from self._asked(call_id, silence=silence)
                case Hold():
                    yield from ask(Linger(call_id, _TURN_MS))
                case Ring(agent, endpoint, ring_ms):
                    status = yield from ask(RingAgent(call_id, endpoint, ring_ms, turn.record))
                    yield from ask(Rung(call_id, agent, status))
                case Join(channel, agent):
                    status = yield from ask(Meet(channel))
                    yield from ask(Rung(call_id, agent, status))
        except CallerHungUp as gone:
            served = gone.talked or isinstance(turn, Hold | Join)
            how = Leaving.SERVED if served else Leaving.ABANDONED
            yield from ask(LeaveQueue(call_id, self.name, how))
            raise
        return Stay({"joined": True})

    def _wait(self, turn: Wait, joining: Joining, context: Context) -> Script[Leaving | None]:
        """Tell what is to be told and wait; return how the caller left the queue by a key, if so."""
        means = {}
        if turn.offer and joining.callbacks:
            means[_TAKES_CALLBACK] = Leaving.CALLBACK
        if "left" in context.wired:
            means.setdefault(self.leave, Leaving.LEFT)
        waited = yield from ask(Linger(joining.call_id, _TURN_MS, "".join(means), told(turn)))
        return means.get(waited.key)

    def _asked(self, call_id: str, *, silence: bool) -> Script[None]:
        """Ask whether the caller may be recorded. Any other key is no answer."""
        answer = yield from ask(
            Collect(
                (Prompted(RECORDED),),
                Choices((AGREES, REFUSES)),
                timeout_ms=_ANSWER_MS,
                interdigit_ms=_ANSWER_MS,
                bargein=BargeIn.VALID,
                flush=True,
            )
        )
        keyed = answer.status.complete
        given = answer.digits == AGREES if keyed else silence
        yield from ask(Consented(call_id, self.name, given, "key" if keyed else "silence"))

    def _joining(self, context: Context) -> Joining:
        session = context.session
        return Joining(
            call_id=session.call_id,
            queue=self.name,
            language=session.language,
            ani=session.ani,
            customer=customer_number(session) or "",
            level=int(session.reaches(IDENTIFIED)),
            priority=_whole(context.evaluate(self.priority)),
            facts={name: context.evaluate(value) for name, value in self.tells.items()},
            dnis=session.dnis,
            most_ms=self.timeout or 0,
            errands="errand" in context.wired,
            callbacks="callback" in context.wired,
            again=bool(session.frame.form),
        )

    def speeches(self) -> Iterator[Speech]:
        yield from (Speech((prompt,)) for prompt in (*TOLD, OFFER))

    def alike(self, form: Mapping[str, Any], scope: Mapping[str, Value]) -> Hashable:
        return "again"

    def expressions(self) -> Iterator[Expression]:
        values = (self.priority, *self.tells.values())
        yield from (value for value in values if isinstance(value, Expression))

    def queues(self) -> tuple[str, ...]:
        return (self.name,)


def _whole(priority: Scalar) -> int:
    if isinstance(priority, bool) or not isinstance(priority, int):
        raise EvaluationError("the priority is not a number")
    return priority
