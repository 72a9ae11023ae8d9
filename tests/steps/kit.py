"""Runs the cases of tests/steps/<verb>.yaml: what a step asks, what it is told, how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache, singledispatch
from pathlib import Path
from typing import Any

import msgspec
import yaml
from pydantic import BaseModel, ConfigDict, Field

from ivr.adapters.flowfile import try_load
from ivr.model.calendar import Calendar, Span
from ivr.model.commands import Command
from ivr.model.digits import Choices, Digits, Gather
from ivr.model.errors import CallerHungUp, EvaluationError, PortError, PortTimeout
from ivr.model.events import (
    MenuMoved,
    MenuOffered,
    SurveyAnswered,
    SurveyEnded,
    SurveyOffered,
)
from ivr.model.inputfields import InputFields
from ivr.model.keyed import Amount, Day
from ivr.model.outcome import End, Enter, Jump, Outcome, Return, Stay, Transition
from ivr.model.pace import Pace
from ivr.model.profile import Profile
from ivr.model.prompt import Prompted, Spoken
from ivr.model.secret import Secret
from ivr.model.session import Frame, Session
from ivr.model.speech import Speech
from ivr.model.step import Context, Step
from ivr.model.values import Money
from ivr.ports.callbacks import Wanted, Window
from ivr.ports.cases import Link, NewCase
from ivr.ports.channel import Collect, Collected
from ivr.ports.errands import Ending
from ivr.ports.orders import Allowance
from ivr.ports.surveys import Asking
from ivr.ports.waiting import Joining

FOLDER = Path(__file__).parent
HANGS_UP = "hangs_up"
FILES = try_load(FOLDER / "orders").sound
"""The order types that steps may name."""


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Exchange(_Written):
    """A command the step asks (any of its fields), and the answer.

    The answer is what the command is answered with; `{keys: "12#"}` for a Collect is what those keys
    make of it, then silence; `hangs_up`, `{fails: why}` and `times_out` are thrown into the step.
    """

    asks: str | dict[str, dict[str, Any]]
    answer: Any = None

    @property
    def command(self) -> str:
        """Which command is asked."""
        return self.asks if isinstance(self.asks, str) else next(iter(self.asks))

    @property
    def fields(self) -> dict[str, Any]:
        """Those of its fields that the case is about."""
        return {} if isinstance(self.asks, str) else self.asks[self.command]


class Case(_Written):
    """One run of a step. `because` is what `ivr why` says of its outcome, by language."""

    case: str
    body: Any
    variables: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    form: dict[str, Any] = {}
    call: dict[str, Any] = {}
    defaults: InputFields = InputFields()
    wired: list[str] = []
    services: dict[str, str] = {}
    exchange: list[Exchange] = []
    ends: Any
    because: dict[str, str] = {}


class Refusal(_Written):
    """A body that is no such step, and a part of what is said about it."""

    body: Any
    because: str


class CaseFile(_Written):
    """tests/steps/<verb>.yaml"""

    step: str
    cases: list[Case] = Field(min_length=1)
    refuses: list[Refusal] = []


class Run(msgspec.Struct):
    """What came of a case: the commands asked with their answers (or what was thrown), and the
    transition (None: it raised)."""

    answers: list[tuple[Command[Any, Any], Any]]
    ended: Transition | None
    ends: Any

    @property
    def asked(self) -> list[Command[Any, Any]]:
        """The commands asked."""
        return [command for command, _ in self.answers]


@cache
def load(verb: str) -> CaseFile:
    """Read a step type's cases."""
    path = FOLDER / f"{verb}.yaml"
    # libyaml's: the collecting of the whole suite waits for it.
    read = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    return CaseFile.model_validate(read)


def read(kind: type[Step], body: Any) -> Step:
    """Return the step of a body, as it is in a flow."""
    return kind.model_validate(body).bound(FILES)


def run(kind: type[Step], case: Case) -> Run:
    """Run a case; fails where the step asks something else than the case says."""
    script = read(kind, case.body).run(context(case))
    answers: list[tuple[Command[Any, Any], Any]] = []
    told: Any = None
    error: Exception | None = None
    for exchange in case.exchange:
        try:
            command = script.throw(error) if error is not None else script.send(told)
        except StopIteration as stop:
            raise AssertionError(
                f"ended with {plain(stop.value)} before asking {exchange.command}"
            ) from None
        assert shown(command, exchange) == expected(exchange)
        told, error = answer(command, exchange.answer)
        answers.append((command, told if error is None else error))
    try:
        command = script.throw(error) if error is not None else script.send(told)
    except StopIteration as stop:
        return Run(answers, stop.value, plain(stop.value))
    except CallerHungUp:
        return Run(answers, None, "hangup")
    except (EvaluationError, PortError) as failed:
        return Run(answers, None, {"error": str(failed)})
    raise AssertionError(f"asks {plain(command)} beyond the case")


def context(case: Case) -> Context:
    """Return what the step of a case may know."""
    session = Session(
        call_id=case.call.get("id", "1700000000.1"),
        version="v",
        dnis=case.call.get("dnis", "95500"),
        ani=case.call.get("ani", "13800001111"),
        language=case.call.get("language", "zh"),
        started_at=datetime(2026, 11, 23, 2, tzinfo=UTC),
        frames=(Frame("flow", "step", with_money(case.variables), form=with_money(case.form)),),
        auth=case.call.get("auth", 0),
        pace=Pace(*case.call.get("pace", ())),
        facts=with_money(case.facts),
        steps_taken=case.call.get("steps_taken", 1),
        trunk=case.call.get("trunk", ""),
    )
    return Context(
        session,
        case.defaults.properties(),
        {"service": SERVICE},
        {},
        case.wired,
        ("zh", "en"),
        {name: Speech((prompt,)) for name, prompt in case.services.items()},
    )


SERVICE = Calendar(
    name="service",
    zone="Asia/Shanghai",
    week=(((Span(time(8, 30), time(20)),),) * 5) + (((),) * 2),
    holidays=frozenset({date(2026, 10, 1)}),
)
"""Monday to Friday, 08:30 to 20:00; 1 October 2026 is a holiday."""


def answer(command: Command[Any, Any], written: Any) -> tuple[Any, Exception | None]:
    """Return the answer to send, or the error to throw."""
    match written:
        case "hangs_up":
            return None, CallerHungUp("gone")
        case "times_out":
            return None, PortTimeout(command.port, 3000)
        case {"fails": str(why)}:
            return None, PortError(command.port, why)
        case {"keys": str(keys)} if isinstance(command, Collect):
            return keyed(command, keys), None
    if written is None or isinstance(written, datetime):
        return written, None
    written = with_money(written)
    if isinstance(written, Money):
        return written, None
    return msgspec.convert(msgspec.to_builtins(written), command.answer, dec_hook=_secret), None


def keyed(command: Collect, keys: str) -> Collected:
    """Return what a caller who presses `keys` and then nothing makes of a Collect."""
    gather = Gather(command.grammar)
    for number, key in enumerate(keys, 1):
        status = gather.press(key)
        if status is not None:
            assert number == len(keys), f"the entry is over after {keys[:number]}"
            break
    else:
        status = gather.expire()
    if command.secret:
        return Collected(status, secret=Secret(gather.entry), keyed=len(keys))
    return Collected(status, gather.entry, keyed=len(keys))


def shown(command: Command[Any, Any], exchange: Exchange) -> dict[str, Any]:
    """Return the fields of a command that the case names."""
    name = type(command).__name__
    fields = {key: plain(getattr(command, key, "no such field")) for key in exchange.fields}
    return {name: fields}


def expected(exchange: Exchange) -> dict[str, Any]:
    """Return what the case says is asked."""
    return {exchange.command: exchange.fields}


@singledispatch
def plain(value: Any) -> Any:
    """Write a value as a case writes it."""
    return value


@plain.register
def _(value: Prompted) -> Any:
    if value.language is None:
        return value.id
    return {"prompt": value.id, "language": value.language}


@plain.register
def _(value: Spoken) -> Any:
    return {value.kind: plain(value.value)}


@plain.register
def _(value: Money) -> Any:
    return str(value)


@plain.register
def _(value: Secret) -> Any:
    return f"secret of {len(value)}"


@plain.register
def _(value: Outcome) -> Any:
    default = Outcome(value.name)
    said = {
        name: plain(getattr(value, name))
        for name in value.__struct_fields__
        if getattr(value, name) != getattr(default, name)
    }
    return {"outcome": value.name, **said}


@plain.register
def _(value: Stay) -> Any:
    said = {
        "stay": plain(value.changes),
        "level": value.level,
        "failures": value.failures,
        "auth": value.auth,
        "facts": plain(value.facts),
    }
    return {name: one for name, one in said.items() if one or name == "stay"}


@plain.register
def _(value: Enter) -> Any:
    return {"enter": value.flow, "with": plain(value.arguments)}


@plain.register
def _(value: Return) -> Any:
    return {"return": value.outcome, "values": plain(value.values)}


@plain.register
def _(value: Jump) -> Any:
    return {"jump": value.flow or value.step}


@plain.register
def _(value: End) -> Any:
    return {"end": value.reason}


@plain.register(Asking)
@plain.register(Joining)
@plain.register(Link)
@plain.register(NewCase)
@plain.register(Pace)
@plain.register(Profile)
@plain.register(SurveyAnswered)
@plain.register(SurveyEnded)
@plain.register(SurveyOffered)
@plain.register(Wanted)
def _(value: Any) -> Any:
    """Write what is said in it: what is empty is left out."""
    said = {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    return {name: one for name, one in said.items() if one}


@plain.register(Allowance)
@plain.register(Amount)
@plain.register(Choices)
@plain.register(Day)
@plain.register(Digits)
@plain.register(Ending)
@plain.register(MenuMoved)
@plain.register(MenuOffered)
@plain.register(Window)
def _(value: Any) -> Any:
    return {name: plain(getattr(value, name)) for name in value.__struct_fields__}


@plain.register
def _(value: Mapping) -> Any:  # type: ignore[type-arg]
    return {key: plain(item) for key, item in value.items()}


@plain.register(list)
@plain.register(tuple)
def _(value: Any) -> Any:
    return [plain(item) for item in value]


@plain.register
def _(value: str) -> Any:
    return str.__str__(value)


def with_money(value: Any) -> Any:
    """Read `{money: "12.50"}` as an amount, wherever it stands."""
    if isinstance(value, dict):
        if set(value) == {"money"}:
            return Money.of(value["money"])
        return {key: with_money(item) for key, item in value.items()}
    return [with_money(item) for item in value] if isinstance(value, list) else value


def _secret(kind: type, value: Any) -> Any:
    if kind is Secret:
        return Secret(str(value))
    raise NotImplementedError(kind)
