"""Each property of a proof: where it holds, and where it does not, by the fewest keys."""

from __future__ import annotations

from typing import ClassVar

import pytest
from pydantic import Field

from ivr.centre.input import Question, gather
from ivr.engine.prove.witness import keys
from ivr.model.commands import Script, ask
from ivr.model.digits import Choices, Digits
from ivr.model.errors import CallerHungUp
from ivr.model.flow import FlowSet
from ivr.model.outcome import Outcome, Transition
from ivr.model.prompt import Prompted, Spoken
from ivr.model.properties import InputRules, Properties
from ivr.model.speech import Speech
from ivr.model.step import Context, Step
from ivr.ports.bank import GetBalance
from ivr.ports.channel import Collect, Play
from ivr.ports.knowledge import GetBranch
from tests.engine.kit import EndIt, flow, flows
from tests.engine.prove.kit import changed, found, proved


def test_a_sound_flow_is_proved() -> None:
    assert found(proved(changed())) == {}


MENU = "choices: {1: tell, 0: agent}}\n    on: {no_input: agent, invalid: agent}"

CASES = {
    "help from nowhere": (
        (MENU, "choices: {1: tell}}\n    on: {no_input: end, invalid: end}"),
        {"IVR502": ("menu", "")},
    ),
    "silence goes round": (
        ("on: {no_input: agent,", "on: {no_input: menu,"),
        {"IVR506": ("menu", "")},
    ),
    "money in the open": (
        (
            "tell: {say: hello, next: menu}",
            "tell: {balance: {account: '62', into: b}, on: {done: menu, unavailable: menu}}",
        ),
        {"IVR503": ("tell", "1")},
    ),
    "a value that some entries do not have": (
        (
            "tell: {say: hello, next: menu}",
            "tell: {collect: {prompt: number, most: 20, into: code}, "
            "on: {done: count, no_input: agent, invalid: agent}}\n"
            '  count: {set: {n: "{{ number(code) }}"}, next: menu}',
        ),
        {"IVR508": ("count", "1 58203691475820369147")},
    ),
    "limits that nobody takes": (
        ("on: {error: agent}\n", ""),
        {"IVR507": ("", "(1)×15")},
    ),
    "a step behind what is never so": (
        (
            "tell: {say: hello, next: menu}",
            'tell: {branch: [{when: "{{ call.auth == 3 }}", then: dead}], next: menu}\n'
            "  dead: {say: hello, next: menu}",
        ),
        {"IVR509": ("dead", "")},
    ),
    "no way out but by hanging up": (
        (
            "tell: {say: hello, next: menu}",
            "tell: {set: {n: 1}, next: round}\n"
            "  round: {menu: {prompt: main, choices: {1: again}}, "
            "on: {no_input: again, invalid: again}}\n"
            '  again: {branch: [{when: "{{ n == 2 }}", then: end}], next: round}',
        ),
        {"IVR501": ("round", "1"), "IVR502": ("round", "1"), "IVR506": ("round", "1")},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_does_not_hold_is_shown_by_the_fewest_keys(name: str) -> None:
    change, expected = CASES[name]
    assert found(proved(changed(change))) == expected


def test_a_queue_that_nobody_answers_is_told_of_at_its_own_edges() -> None:
    """Not at every question on the way there."""
    flow_set = changed(("timeout: leave, full: leave, empty", "timeout: leave, full: end, empty"))
    [violation] = proved(flow_set).violations
    assert (violation.code, violation.step, violation.where) == ("IVR502", "agent", ("on.full",))
    assert "`agent` may end with `full`" in violation.message
    assert violation.way is not None
    assert keys(proved(flow_set).space, violation.way) == "… … …"


def test_who_dials_a_service_code_wants_no_person() -> None:
    alone = (
        ("0: agent", "0: end"),
        ("no_input: agent, invalid: agent", "no_input: end, invalid: end"),
    )
    assert "IVR502" in found(proved(changed(*alone)))
    assert "IVR502" not in found(proved(changed(*alone, ("95500", "*11"))))


def test_failures_on_the_way_to_help_are_counted() -> None:
    # Three wrong keys lead to a person. Pressing repeat too often would, too, but takes longer.
    flow_set = changed(("0: agent", "2: tell"))
    assert found(proved(flow_set, failures=3, within_ms=20_000)) == {}
    assert found(proved(flow_set, failures=2, within_ms=20_000)) == {"IVR502": ("menu", "")}


def test_time_on_the_way_to_help_is_counted_with_every_prompt_heard() -> None:
    # After a silence: two prompts of 2 s, a key (120 ms), the queue, whose waiting does not count and
    # where nobody takes the call, and a message of 2 s ended by a key.
    assert found(proved(changed(), within_ms=6_120)) == {}
    assert found(proved(changed(), within_ms=6_119)) == {"IVR502": ("menu", "…")}


class Swallow(Step):
    """Goes on talking to a caller who is gone."""

    verb: ClassVar[str] = "swallow"

    def run(self, context: Context) -> Script[Transition]:
        while True:
            try:
                yield from ask(Play((Prompted("hello"),)))
                return Outcome("done")
            except CallerHungUp:
                continue


class LookUp(Step):
    """Lets the errors of a port pass."""

    verb: ClassVar[str] = "look_up"

    def run(self, context: Context) -> Script[Transition]:
        yield from ask(GetBranch("1", ""))
        return Outcome("done")


class Tell(Step):
    """Asks for a PIN and reads it out."""

    verb: ClassVar[str] = "tell"

    def run(self, context: Context) -> Script[Transition]:
        grammar = Digits(4, 4)
        collected = yield from ask(Collect((Prompted("pin"),), grammar, 5_000, 3_000, secret=True))
        if collected.secret is not None and collected.status.complete:
            yield from ask(Play((Spoken("digits", collected.secret.reveal()),)))
        return Outcome("done")


class Moving(Step):
    """A menu in which 0 is a person to some callers only."""

    verb: ClassVar[str] = "moving"
    keys_of_some: tuple[str, ...] = Field(default=("1",))

    def run(self, context: Context) -> Script[Transition]:
        branch = yield from ask(GetBranch("1", ""))
        keys = ("1", "0") if branch is None else self.keys_of_some
        question = Question({1: Speech(("main",))}, Choices(keys), {}, {})
        entry = yield from gather(context, question, InputRules.of(Properties(tries=1)))
        return Outcome("person" if entry.digits == "0" else "done")


class Either(Step):
    """Asks some callers for a choice, and others for a number."""

    verb: ClassVar[str] = "either"

    def run(self, context: Context) -> Script[Transition]:
        branch = yield from ask(GetBranch("1", ""))
        grammar = Choices(("1", "9")) if branch is None else Digits(1, 4)
        question = Question({1: Speech(("main",))}, grammar, {}, {})
        entry = yield from gather(context, question, InputRules.of(Properties(tries=1)))
        return Outcome("person" if entry.digits == "9" else "done")


def one_step(step: Step, *outcomes: str) -> FlowSet:
    """Return a flow of one step and the end."""
    edges = dict.fromkeys(("done", *outcomes), "bye")
    return flows(flow("main", {"first": (step, edges), "bye": (EndIt(), {})}))


def of(flow_set: FlowSet, code: str) -> tuple[str, str] | None:
    return found(proved(flow_set)).get(code)


def test_a_step_that_talks_on_after_a_hangup_is_found() -> None:
    assert of(one_step(Swallow()), "IVR505") == ("first", "(hangs up)")


def test_an_error_of_a_port_that_nobody_takes_is_found() -> None:
    assert of(one_step(LookUp()), "IVR507") == ("first", "")
    taken = flows(
        flow("main", {"first": (LookUp(), {"done": "bye", "error": "bye"}), "bye": (EndIt(), {})})
    )
    assert of(taken, "IVR507") is None


def test_a_secret_that_is_told_is_found() -> None:
    assert of(one_step(Tell()), "IVR504") == ("first", "7391")


def test_a_standard_key_that_moves_is_found() -> None:
    assert of(one_step(Moving(), "person"), "IVR510") is not None
    stays = one_step(Moving(keys_of_some=("1", "2", "0")), "person")
    assert of(stays, "IVR510") is None


def test_a_digit_of_a_number_is_no_standard_key() -> None:
    assert of(one_step(Either(), "person"), "IVR510") is None


AUTHENTICATE = """\
flow: authenticate
languages: [en]
start: ask
accepts: {level: number}
returns: {ok: {}, refused: {}}
steps:
  ask:
    authenticate: {level: "{{ level }}"}
    on: {ok: good, failed: bad, locked: bad, unavailable: bad, no_input: bad}
  good: {return: ok}
  bad: {return: refused}
"""


@pytest.mark.parametrize("requires", ["", "requires: {auth: 2}, "])
def test_what_was_proven_by_a_pin_may_have_expired_at_any_step(requires: str) -> None:
    first = "tell: {balance: {account: '62', into: b}, requires: {auth: 2}, on: {done: again, unavailable: menu, refused: menu}}"
    refused = ", refused: menu" if requires else ""
    again = f"again: {{balance: {{account: '62', into: b}}, {requires}on: {{done: menu, unavailable: menu{refused}}}}}"
    flow_set = changed(
        ("tell: {say: hello, next: menu}", f"{first}\n  {again}"),
        more={"authenticate.yaml": AUTHENTICATE},
    )
    told = found(proved(flow_set))
    if requires:
        assert "IVR503" not in told
    else:
        step, pressed = told["IVR503"]
        assert step == "again"
        assert pressed.endswith("(no key until the level expires)")


def test_the_level_is_that_of_the_call_not_of_the_flow() -> None:
    assert GetBalance.level == 2
    guarded = changed(
        (
            "tell: {say: hello, next: menu}",
            "tell: {authenticate: {}, on: {ok: sum, failed: menu, locked: menu, "
            "unavailable: menu, no_input: menu}}\n"
            "  sum: {balance: {into: b}, on: {done: menu, unavailable: menu}}",
        )
    )
    # A connection may be lost after the PIN, and come back late: it wants `requires` all the same.
    assert found(proved(guarded)) == {
        "IVR503": ("sum", "1 5820# 7391# (no key until the level expires)")
    }


def test_callers_key_what_the_bank_knows_only_where_somebody_may_look_it_up() -> None:
    account = "6222021001"
    asked = "into: number}, on: {done: menu, no_input: agent, invalid: agent}"
    called = "callback: service, on: {kept: end, refused: agent, cancelled: agent, "
    steps = {
        "collect: {prompt: number, most: 20, " + asked: True,
        called + "no_input: agent, unavailable: agent}": False,
    }
    for step, looked_up in steps.items():
        tell = ("tell: {say: hello, next: menu}", f"tell: {{{step}}}")
        space = proved(changed(tell), entries=(account,)).space
        graphs = [node.question for one in space.graphs() for node in one.nodes if node.question]
        keyed = {b.answer.keys for one in graphs for node in one.nodes for b in node.branches}
        assert (account + "#" in keyed) is looked_up
