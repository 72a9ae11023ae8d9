"""Small flows and a hand that answers their commands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from pydantic import Field

from ivr.model.commands import Command, Script, ask
from ivr.model.digits import Digits, Status
from ivr.model.events import Event
from ivr.model.flow import Flow, FlowSet, Node, Place
from ivr.model.outcome import End, Enter, Jump, Outcome, Return, Transition
from ivr.model.prompt import Prompted
from ivr.model.session import Frame, Session
from ivr.model.step import Context, Step
from ivr.ports.channel import Collect, Collected, Play, Played
from ivr.ports.clock import Now
from ivr.ports.events import Emit
from ivr.ports.sessions import Save

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
HERE = Place("test.yaml", 1, 1)


class SayIt(Step):
    """Plays one prompt, ends with `outcome`."""

    verb: ClassVar[str] = "say_it"
    prompt: str = "hello"
    outcome: str = "done"
    assigned: dict[str, int | str] = Field(default_factory=dict)
    failures: int = 0
    language: str | None = None
    auth: int | None = None

    def run(self, context: Context) -> Script[Transition]:
        yield from ask(Play((Prompted(self.prompt),)))
        return Outcome(
            self.outcome,
            variables=self.assigned,
            failures=self.failures,
            language=self.language,
            auth=self.auth,
        )


class AskIt(Step):
    """Collects one digit; its key is the outcome."""

    verb: ClassVar[str] = "ask_it"

    def run(self, context: Context) -> Script[Transition]:
        collected = yield from ask(
            Collect((Prompted("which"),), Digits(1, 1), timeout_ms=5000, interdigit_ms=3000)
        )
        return Outcome(collected.digits or collected.status)


class CallIt(Step):
    """Enters a flow."""

    verb: ClassVar[str] = "call_it"
    flow: str
    arguments: dict[str, int | str] = Field(default_factory=dict)

    def run(self, context: Context) -> Script[Transition]:
        yield from ()
        return Enter(self.flow, self.arguments)


class ReturnIt(Step):
    """Returns."""

    verb: ClassVar[str] = "return_it"
    outcome: str = "ok"
    values: dict[str, int | str] = Field(default_factory=dict)

    def run(self, context: Context) -> Script[Transition]:
        yield from ()
        return Return(self.outcome, self.values)


class JumpIt(Step):
    """Goes on at another flow."""

    verb: ClassVar[str] = "jump_it"
    flow: str

    def run(self, context: Context) -> Script[Transition]:
        yield from ()
        return Jump(flow=self.flow)


class EndIt(Step):
    """Ends the call."""

    verb: ClassVar[str] = "end_it"

    def run(self, context: Context) -> Script[Transition]:
        yield from ()
        return End("completed")


Steps = Mapping[str, tuple[Step, dict[str, str]]]


def flow(
    name: str,
    steps: Steps,
    handlers: Mapping[str, str] | None = None,
    requires: Mapping[str, int] | None = None,
) -> Flow:
    """Make a flow that starts at its first step."""
    nodes = {
        step: Node(step, what, edges, HERE, requires=(requires or {}).get(step, 0))
        for step, (what, edges) in steps.items()
    }
    return Flow(name, next(iter(steps)), ("zh", "en"), nodes, HERE, handlers=handlers or {})


def flows(*all_of_them: Flow) -> FlowSet:
    """Publish flows."""
    return FlowSet("v1", {flow.name: flow for flow in all_of_them})


def session(flow_set: FlowSet, **changes: Any) -> Session:
    """Begin a call at the first flow's start."""
    first = next(iter(flow_set.flows.values()))
    values: dict[str, Any] = {
        "call_id": "1700000000.1",
        "version": flow_set.version,
        "dnis": "95500",
        "ani": "13800001111",
        "language": "zh",
        "started_at": START,
        "frames": (Frame(first.name, first.start),),
        **changes,
    }
    return Session(**values)


KEYED_1 = Collected(Status.COMPLETE_LEN, "1", keyed=1)


class Hand:
    """Answers a script's commands: the channel's from `answers` in turn (an exception is thrown),
    the instant ones by itself. Keeps what was asked."""

    def __init__(self, *answers: Any, now: datetime = START) -> None:
        self.answers = list(answers)
        self.now = now
        self.asked: list[Command[Any, Any]] = []
        self.events: list[Event] = []
        self.saved: list[Session] = []

    def drive(self, script: Script[str]) -> str:
        """Run to the end and return the reason."""
        answer: Any = None
        while True:
            try:
                if isinstance(answer, Exception):
                    command = script.throw(answer)
                else:
                    command = script.send(answer)
            except StopIteration as stop:
                return str(stop.value)
            answer = self._answer(command)

    def _answer(self, command: Command[Any, Any]) -> Any:
        match command:
            case Emit():
                self.events.append(command.event)
            case Save():
                # A session must survive being stored at every step boundary.
                assert Session.from_json(command.session.to_json()) == command.session
                self.saved.append(command.session)
            case Now():
                return self.now
            case Play() | Collect():
                self.asked.append(command)
                if self.answers:
                    return self.answers.pop(0)
                return Played(False) if isinstance(command, Play) else KEYED_1
        return None

    def prompts(self) -> list[str]:
        """What was played."""
        return [
            item.id
            for command in self.asked
            if isinstance(command, Play | Collect)
            for item in command.prompts
            if isinstance(item, Prompted)
        ]
