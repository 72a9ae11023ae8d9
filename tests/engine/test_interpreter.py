"""The interpreter: edges, stacks, limits, handlers, hang-ups."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from msgspec.structs import replace

from ivr.engine.budget import CLOCK_EVERY
from ivr.engine.interpreter import Interpreter
from ivr.model.commands import Command, Script, ask
from ivr.model.digits import Digits, Status
from ivr.model.errors import CallerHungUp, PortError, Unhandled
from ivr.model.events import (
    CallEnded,
    CallResumed,
    CallStarted,
    HungUp,
    LanguageChanged,
    StepEntered,
    StepFailed,
)
from ivr.model.flow import FlowSet
from ivr.model.limits import Limits
from ivr.model.outcome import Outcome, Transition
from ivr.model.pace import Pace
from ivr.model.prompt import Prompted
from ivr.model.session import Frame
from ivr.model.step import Context, Step
from ivr.ports.channel import Collect, Collected, Play
from tests.engine.kit import (
    KEYED_1,
    START,
    AskIt,
    CallIt,
    EndIt,
    Hand,
    JumpIt,
    ReturnIt,
    SayIt,
    Steps,
    flow,
    flows,
    session,
)


def trail(hand: Hand) -> list[str]:
    return [event.step for event in hand.events if isinstance(event, StepEntered)]


def run(flow_set: FlowSet, hand: Hand, limits: Limits | None = None) -> str:
    return hand.drive(Interpreter(flow_set, limits).run(session(flow_set)))


def test_follows_edges_to_the_end() -> None:
    published = flows(
        flow(
            "main",
            {
                "hello": (SayIt(), {"done": "which"}),
                "which": (AskIt(), {"1": "bye", "2": "hello"}),
                "bye": (EndIt(), {}),
            },
        )
    )
    hand = Hand()
    assert run(published, hand) == "completed"
    assert trail(hand) == ["hello", "which", "bye"]
    assert isinstance(hand.events[0], CallStarted)
    assert hand.events[-1] == CallEnded("completed")
    assert [saved.frame.step for saved in hand.saved] == ["hello", "which", "bye"]


def test_variables_language_and_failures_are_kept_in_the_session() -> None:
    published = flows(
        flow(
            "main",
            {
                "one": (SayIt(assigned={"x": 7}, language="en", failures=2), {"done": "two"}),
                "two": (EndIt(), {}),
            },
        )
    )
    hand = Hand()
    run(published, hand)
    last = hand.saved[-1]
    assert (last.frame.variables, last.language, last.failures) == ({"x": 7}, "en", 2)
    assert LanguageChanged("en") in hand.events


def test_a_subflow_has_its_own_variables_and_returns_values() -> None:
    published = flows(
        flow(
            "main",
            {
                "first": (SayIt(assigned={"mine": 1}), {"done": "call"}),
                "call": (CallIt(flow="sub", arguments={"account": "62"}), {"ok": "bye"}),
                "bye": (EndIt(), {}),
            },
        ),
        flow("sub", {"only": (ReturnIt(values={"answer": 42}), {})}),
    )
    hand = Hand()
    assert run(published, hand) == "completed"
    inside = next(saved for saved in hand.saved if saved.frame.flow == "sub")
    assert inside.frame.variables == {"account": "62"}
    assert hand.saved[-1].frame.variables == {"mine": 1, "answer": 42}


def test_subflows_are_bounded_in_depth() -> None:
    published = flows(flow("main", {"again": (CallIt(flow="main"), {"ok": "again"})}))
    with pytest.raises(Unhandled, match="16 deep"):
        run(published, Hand())


def test_a_loop_ends_at_the_step_limit_and_its_handler_still_speaks() -> None:
    published = flows(
        flow(
            "main",
            {
                "loop": (SayIt(), {"done": "loop"}),
                "sorry": (SayIt(prompt="sorry"), {"done": "bye"}),
                "bye": (EndIt(), {}),
            },
            handlers={"error": "sorry"},
        )
    )
    hand = Hand()
    assert run(published, hand, Limits(steps=10)) == "completed"
    assert trail(hand) == ["loop"] * 11 + ["sorry", "bye"]


def test_a_handler_that_loops_is_stopped_as_well() -> None:
    published = flows(
        flow("main", {"loop": (SayIt(), {"done": "loop"})}, handlers={"error": "loop"})
    )
    hand = Hand()
    with pytest.raises(Unhandled):
        run(published, hand, Limits(steps=10, grace_steps=5, errors=3))
    assert len(trail(hand)) < 40
    assert hand.events[-1] == CallEnded("failed")


def test_a_call_that_lasts_too_long_goes_to_the_handler_once() -> None:
    published = flows(
        flow(
            "main",
            {
                "loop": (SayIt(), {"done": "loop"}),
                "sorry": (SayIt(prompt="sorry"), {"done": "bye"}),
                "bye": (EndIt(), {}),
            },
            handlers={"error": "sorry"},
        )
    )
    hand = Hand(now=START + timedelta(hours=2))
    assert run(published, hand) == "completed"
    assert trail(hand) == ["loop"] * CLOCK_EVERY + ["sorry", "bye"]


def test_too_many_failures_in_a_call_are_an_error() -> None:
    published = flows(
        flow(
            "main",
            {"loop": (SayIt(failures=3), {"done": "loop"}), "agent": (EndIt(), {})},
            handlers={"error": "agent"},
        )
    )
    hand = Hand()
    assert run(published, hand, Limits(failures=10)) == "completed"
    assert trail(hand) == ["loop"] * 4 + ["agent"]


@pytest.mark.parametrize("where", ["step", "flow", "caller"])
def test_an_error_goes_to_the_nearest_handler(where: str) -> None:
    edges = {"error": "mine"} if where == "step" else {}
    published = flows(
        flow(
            "main",
            {
                "call": (CallIt(flow="sub"), {"ok": "bye"}),
                "mine": (SayIt(prompt="main-handler"), {"done": "bye"}),
                "bye": (EndIt(), {}),
            },
            handlers={"error": "mine"},
        ),
        flow(
            "sub",
            {
                "fails": (SayIt(), {"done": "back", **edges}),
                "mine": (SayIt(prompt="sub-step"), {"done": "back"}),
                "sub-mine": (SayIt(prompt="sub-handler"), {"done": "back"}),
                "back": (ReturnIt(), {}),
            },
            handlers={"error": "sub-mine"} if where != "caller" else {},
        ),
    )
    hand = Hand(PortError("bank", "down"))
    assert run(published, hand) == "completed"
    expected = {"step": "sub-step", "flow": "sub-handler", "caller": "main-handler"}[where]
    assert hand.prompts() == ["hello", expected]
    assert any(isinstance(event, StepFailed) for event in hand.events)


def test_an_outcome_without_an_edge_is_an_error_not_silence() -> None:
    published = flows(flow("main", {"hello": (SayIt(outcome="odd"), {"done": "hello"})}))
    with pytest.raises(Unhandled, match="no edge for the outcome 'odd'"):
        run(published, Hand())


def test_a_hang_up_ends_the_call_as_the_callers_doing() -> None:
    published = flows(flow("main", {"hello": (SayIt(), {"done": "hello"})}))
    hand = Hand(CallerHungUp())
    assert run(published, hand) == "caller"
    assert HungUp("main", "hello") in hand.events


def test_after_a_hang_up_the_handler_runs_but_reaches_no_caller() -> None:
    published = flows(
        flow(
            "main",
            {
                "hello": (SayIt(), {"done": "hello"}),
                "tidy": (CallIt(flow="notes"), {"ok": "speak"}),
                "speak": (SayIt(prompt="nobody-hears"), {"done": "speak"}),
            },
            handlers={"hangup": "tidy"},
        ),
        flow("notes", {"only": (ReturnIt(), {})}),
    )
    hand = Hand(CallerHungUp(), CallerHungUp())
    assert run(published, hand) == "caller"
    assert trail(hand) == ["hello", "tidy", "only", "speak"]
    assert hand.saved[-1].hung_up


def test_a_resumed_call_says_so_and_goes_on_at_its_step() -> None:
    published = flows(flow("main", {"hello": (SayIt(), {"done": "bye"}), "bye": (EndIt(), {})}))
    before = replace(session(published), frames=(Frame("main", "bye"),), resumed=1)
    hand = Hand()
    assert hand.drive(Interpreter(published).run(before)) == "completed"
    assert hand.events[0] == CallResumed("main", "bye")
    assert hand.prompts() == ["sorry-repeat"]
    assert trail(hand) == ["bye"]


def test_a_session_of_a_flow_that_is_gone_is_left_to_the_fallback() -> None:
    published = flows(flow("main", {"bye": (EndIt(), {})}))
    lost = replace(session(published), frames=(Frame("gone", "x"),))
    with pytest.raises(Unhandled, match="no flow 'gone'"):
        Hand().drive(Interpreter(published).run(lost))


AUTHENTICATION = {
    "pin": (AskIt(), {"1": "granted", "2": "no"}),
    "granted": (SayIt(prompt="granted", auth=2), {"done": "yes"}),
    "yes": (ReturnIt(outcome="ok"), {}),
    "no": (ReturnIt(outcome="refused"), {}),
}


@pytest.mark.parametrize(("key", "end"), [("1", "balance"), ("2", "sorry")])
def test_a_step_that_requires_a_level_is_run_only_at_that_level(key: str, end: str) -> None:
    published = flows(
        flow(
            "main",
            {
                "money": (SayIt(prompt="balance"), {"done": "bye", "refused": "no"}),
                "no": (SayIt(prompt="sorry"), {"done": "bye"}),
                "bye": (EndIt(), {}),
            },
            requires={"money": 2},
        ),
        flow("authenticate", AUTHENTICATION),
    )
    hand = Hand(Collected(Status.COMPLETE_LEN, key, keyed=1))
    assert run(published, hand) == "completed"
    assert hand.prompts()[-1] == end
    assert ("balance" in hand.prompts()) == (key == "1")


def test_a_level_that_is_high_enough_is_not_asked_for_again() -> None:
    published = flows(
        flow(
            "main",
            {"money": (SayIt(prompt="balance"), {"done": "bye"}), "bye": (EndIt(), {})},
            requires={"money": 2},
        ),
        flow("authenticate", AUTHENTICATION),
    )
    hand = Hand()
    hand.drive(Interpreter(published).run(session(published, auth=2, active_at=START)))
    assert hand.prompts() == ["balance"]


class TalkIt(SayIt):
    """Two hours with an agent."""

    verb: ClassVar[str] = "talk_it"
    conversation: ClassVar[bool] = True


def test_time_with_people_is_not_the_calls_duration() -> None:
    published = flows(
        flow(
            "main",
            {
                "agent": (TalkIt(prompt="agent"), {"done": "survey"}),
                "survey": (SayIt(prompt="survey"), {"done": "bye"}),
                "bye": (EndIt(), {}),
                "sorry": (SayIt(prompt="sorry"), {"done": "bye"}),
            },
            handlers={"error": "sorry"},
        )
    )

    class Slow(Hand):
        """A clock that jumps by two hours while the agent talks."""

        def _answer(self, command: Command[Any, Any]) -> Any:
            answer = super()._answer(command)
            if isinstance(command, Play) and "agent" in self.prompts():
                self.now = START + timedelta(hours=2)
            return answer

    hand = Slow()
    assert run(published, hand) == "completed"
    assert hand.prompts() == ["agent", "survey"]
    assert hand.saved[-1].talked_ms == 2 * 3_600_000  # saved with the next step


def test_a_flow_that_goes_on_in_anothers_stead_keeps_the_guard() -> None:
    published = flows(
        flow(
            "main",
            {"secret": (SayIt(), {"done": "end", "refused": "end"}), "end": (EndIt(), {})},
            requires={"secret": 2},
        ),
        flow("authenticate", {"go": (JumpIt(flow="other"), {})}),
        flow("other", {"ask": (SayIt(auth=2), {"done": "back"}), "back": (ReturnIt(), {})}),
    )
    hand = Hand()
    assert run(published, hand) == "completed"
    assert trail(hand) == ["secret", "go", "ask", "back", "secret", "end"]


def typed(arguments: dict[str, int | str], values: dict[str, int | str]) -> Hand:
    called = flow("sub", {"back": (ReturnIt(values=values), {})})
    called = replace(called, accepts={"name": "text"}, returns={"ok": {"count": "number"}})
    calling = flow(
        "main",
        {
            "call": (CallIt(flow="sub", arguments=arguments), {"ok": "end", "error": "oops"}),
            "oops": (SayIt(prompt="oops"), {"done": "end"}),
            "end": (EndIt(), {}),
        },
        handlers={"error": "oops"},
    )
    hand = Hand()
    assert run(flows(calling, called), hand) == "completed"
    return hand


def test_arguments_and_returned_values_are_of_their_types() -> None:
    assert trail(typed({"name": "x"}, {"count": 1})) == ["call", "back", "end"]
    wrong = typed({"name": "x"}, {"count": "1"})
    assert trail(wrong) == ["call", "back", "oops", "end"]
    assert [event for event in wrong.events if isinstance(event, StepFailed)] == [
        StepFailed("sub", "back", "`ok` is returned with a text for `count`, not a number")
    ]
    given = typed({"name": 5}, {})
    assert trail(given) == ["call", "oops", "end"]
    assert [event for event in given.events if isinstance(event, StepFailed)] == [
        StepFailed("main", "call", "`sub` is called with a number for `name`, not a text")
    ]


def test_an_outcome_that_the_caller_has_no_edge_for_is_the_callers_failure() -> None:
    published = flows(
        flow("main", {"call": (CallIt(flow="sub"), {"error": "end"}), "end": (EndIt(), {})}),
        flow("sub", {"back": (ReturnIt(outcome="odd"), {"error": "back"})}),
    )
    hand = Hand()
    assert run(published, hand) == "completed"
    failed = [event for event in hand.events if isinstance(event, StepFailed)]
    assert failed == [StepFailed("main", "call", "no edge for the outcome 'odd'")]


class AskTwice(Step):
    """Collects one entry, and asks once more; the second one's key is the outcome."""

    verb: ClassVar[str] = "ask_twice"

    def run(self, context: Context) -> Script[Transition]:
        question = Collect((), Digits(1, 2), timeout_ms=5000, interdigit_ms=3000)
        yield from ask(question)
        collected = yield from ask(question)
        return Outcome(collected.digits)


class Knows(Step):
    """Brings the pace of earlier calls."""

    verb: ClassVar[str] = "knows"

    def run(self, context: Context) -> Script[Transition]:
        yield from ()
        return Outcome("done", pace=Pace(gap_ms=4_000))


def collects(hand: Hand) -> list[Collect]:
    return [one for one in hand.asked if isinstance(one, Collect)]


def test_entries_are_read_at_the_callers_pace_which_they_teach() -> None:
    published = flows(flow("main", {"ask": (AskIt(), {"1": "ask"})}))
    slow = Collected(Status.COMPLETE_LEN, "1", keyed=1, first_ms=4_800)
    hand = Hand(slow, slow, CallerHungUp())
    assert run(published, hand) == "caller"
    # Of 4.8 s half is learnt, then three quarters; a timer is 1.5 times that.
    assert [one.timeout_ms for one in collects(hand)] == [5_000, 5_000, 5_400]
    assert {one.interdigit_ms for one in collects(hand)} == {3_000}
    assert [one.pace.first_ms for one in hand.saved] == [0, 2_400, 3_600]


def test_who_is_cut_short_has_more_time_within_the_same_step() -> None:
    published = flows(flow("main", {"ask": (AskTwice(), {"1": "end"}), "end": (EndIt(), {})}))
    hand = Hand(Collected(Status.TIMEOUT_PARTIAL, "1", keyed=1, gap_ms=3_000), KEYED_1)
    assert run(published, hand) == "completed"
    assert [one.interdigit_ms for one in collects(hand)] == [3_000, 4_500]


def test_a_step_may_bring_the_pace_of_earlier_calls() -> None:
    steps: Steps = {
        "known": (Knows(), {"done": "ask"}),
        "ask": (AskIt(), {"1": "end"}),
        "end": (EndIt(), {}),
    }
    hand = Hand(KEYED_1)
    assert run(flows(flow("main", steps)), hand) == "completed"
    assert [one.interdigit_ms for one in collects(hand)] == [6_000]


def test_a_port_error_in_a_step_that_collects_is_the_steps_to_handle() -> None:
    class Careful(Step):
        verb: ClassVar[str] = "careful"

        def run(self, context: Context) -> Script[Transition]:
            try:
                yield from ask(Play((Prompted("hello"),)))
            except PortError:
                return Outcome("broken")
            return Outcome("done")

    steps: Steps = {"try": (Careful(), {"broken": "end", "done": "try"}), "end": (EndIt(), {})}
    assert run(flows(flow("main", steps)), Hand(PortError("bank", "down"))) == "completed"


def test_one_fact_of_a_group_is_set_by_its_dotted_name() -> None:
    class Knows(SayIt):
        """Sets facts."""

        verb: ClassVar[str] = "knows"
        facts_set: dict[str, Any]

        def run(self, context: Context) -> Script[Transition]:
            yield from ()
            return Outcome("done", facts=self.facts_set)

    customer = {"number": "C1", "matters": ""}
    published = flows(
        flow(
            "main",
            {
                "one": (Knows(facts_set={"customer": customer, "last": "x"}), {"done": "two"}),
                "two": (
                    Knows(facts_set={"customer.matters": "card", "other.fact": 1}),
                    {"done": "bye"},
                ),
                "bye": (EndIt(), {}),
            },
        )
    )
    hand = Hand()
    run(published, hand)
    assert hand.saved[-1].facts == {
        "customer": {"number": "C1", "matters": "card"},
        "last": "x",
        "other": {"fact": 1},
    }
