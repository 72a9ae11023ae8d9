"""Steps that stay: what they keep, until when, and for whom."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from msgspec.structs import replace

from ivr.engine.interpreter import Interpreter
from ivr.model.commands import Script, ask
from ivr.model.digits import Digits, Status
from ivr.model.events import StepEntered
from ivr.model.flow import FlowSet
from ivr.model.limits import Limits
from ivr.model.outcome import Outcome, Stay, Transition
from ivr.model.prompt import Prompted
from ivr.model.step import Context, Step
from ivr.ports.channel import Collect, Collected
from tests.engine.kit import EndIt, Hand, ReturnIt, SayIt, flow, flows, session
from tests.engine.prove.kit import proved


class FillIt(Step):
    """Asks for slot after slot, a visit each, and says on 9 what it holds by its outcome."""

    verb: ClassVar[str] = "fill_it"
    slots: tuple[str, ...] = ("from", "to")
    level: int = 0
    failures: int = 0

    def run(self, context: Context) -> Script[Transition]:
        held = context.session.frame.form
        missing = next((slot for slot in self.slots if slot not in held), None)
        if missing is None:
            return Outcome("done", variables={"filled": "".join(str(held[s]) for s in self.slots)})
        asking = Collect((Prompted(missing),), Digits(1, 1), timeout_ms=5000, interdigit_ms=3000)
        collected = yield from ask(asking)
        if collected.digits == "9":
            return Stay({missing: None}, failures=1)
        return Stay({missing: collected.digits}, level=self.level, failures=self.failures)


def hotline(step: FillIt, **more: Any) -> FlowSet:
    """A flow that fills, and tells."""
    return flows(
        flow(
            "main",
            {
                "order": (step, {"done": "bye", "refused": "no"}),
                "no": (SayIt(prompt="refused"), {"done": "bye"}),
                "bye": (EndIt(), {}),
            },
            handlers={"error": "no"},
        ),
        flow(
            "authenticate",
            {
                "pin": (SayIt(prompt="pin", **more), {"done": "back"}),
                "back": (ReturnIt(outcome="ok"), {}),
            },
        ),
    )


def keyed(*keys: str) -> list[Collected]:
    return [Collected(Status.COMPLETE_LEN, key, keyed=1) for key in keys]


def test_what_is_kept_is_saved_between_visits_and_forgotten_with_the_step() -> None:
    published = hotline(FillIt())
    hand = Hand(*keyed("1", "2"))
    assert hand.drive(Interpreter(published).run(session(published))) == "completed"
    forms = [saved.frame.form for saved in hand.saved]
    assert forms == [{}, {"from": "1"}, {"from": "1", "to": "2"}, {}]
    assert hand.saved[-1].frame.variables == {"filled": "12"}


def test_it_is_entered_once() -> None:
    published = hotline(FillIt())
    hand = Hand(*keyed("1", "2"))
    hand.drive(Interpreter(published).run(session(published)))
    entered = [event.step for event in hand.events if isinstance(event, StepEntered)]
    assert entered == ["order", "bye"]


def test_a_call_that_comes_back_is_asked_only_for_what_is_missing() -> None:
    published = hotline(FillIt())
    before = Hand(*keyed("1", "2"))
    before.drive(Interpreter(published).run(session(published)))
    lost = replace(before.saved[1], resumed=1)
    after = Hand(None, *keyed("3"))
    after.drive(Interpreter(published).run(lost))
    assert after.prompts() == ["sorry-repeat", "to"]
    assert after.saved[-1].frame.variables == {"filled": "13"}


@pytest.mark.parametrize(("auth", "ends"), [(3, "to"), (0, "refused")])
def test_a_level_is_raised_on_demand_and_nothing_is_asked_twice(auth: int, ends: str) -> None:
    published = hotline(FillIt(level=3), auth=auth)
    hand = Hand(*keyed("1"), None, *keyed("2"))
    hand.drive(Interpreter(published).run(session(published)))
    assert hand.prompts() == ["from", "pin", ends]
    assert hand.saved[-1].auth == auth


def test_failures_count_towards_the_calls_limit() -> None:
    published = hotline(FillIt())
    hand = Hand(*keyed("9", "9", "9"))
    hand.drive(Interpreter(published, Limits(failures=2)).run(session(published)))
    assert hand.prompts()[-1] == "refused"


def test_a_proof_tells_apart_what_is_filled_but_not_with_what() -> None:
    published = hotline(FillIt(slots=("from", "to", "amount")))
    proof = proved(published)
    [one] = [one for one in proof.space.visited if one.state.step == "order"]
    assert one.graph is not None
    asked = [node.command.prompts for node in one.graph.nodes if isinstance(node.command, Collect)]
    assert asked == [(Prompted(slot),) for slot in ("from", "to", "amount")]
