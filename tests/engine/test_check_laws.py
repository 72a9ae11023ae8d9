"""What `check` does not tell of names cannot happen: run at random, no step reads what is not set."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import event, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ivr.engine.check import check
from ivr.engine.interpreter import Interpreter
from ivr.model.codes import Code
from ivr.model.digits import Status
from ivr.model.events import StepFailed
from ivr.model.limits import Limits
from ivr.model.step import Step
from ivr.ports.channel import Collected
from ivr.steps import discover
from tests.engine.kit import KEYED_1, Hand, Steps, flow, flows, session

VERBS = discover()
SILENCE = Collected(Status.TIMEOUT_EMPTY, "", keyed=0)
NAMES = ("a", "b", "r")
Edged = tuple[Step, dict[str, str]]

names = st.sampled_from(NAMES)
numbers = st.one_of(
    st.just("1"),
    names,
    names.map(lambda name: f"{name} + 1 if known({name}) else 0"),
    names.map(lambda name: f"0 if not known({name}) else {name}"),
)
truths = st.one_of(
    names.map(lambda name: f"known({name})"),
    names.map(lambda name: f"{name} > 1"),
    names.map(lambda name: f"known({name}) and {name} > 1"),
    names.map(lambda name: f"not known({name}) or {name} > 1"),
    st.tuples(names, names).map(lambda pair: f"known({pair[0]}) and known({pair[1]})"),
)


def wrapped(expression: str) -> str:
    return "{{ " + expression + " }}"


def steps(
    verbs: st.SearchStrategy[tuple[str, Mapping[str, object], tuple[str, ...]]],
) -> st.SearchStrategy[Steps]:
    """Return flows of a few steps, each leading anywhere in the flow or to its `end`."""

    @st.composite
    def made(draw: st.DrawFn) -> Steps:
        own = [f"s{number}" for number in range(draw(st.integers(1, 5)))]
        targets = st.sampled_from([*own, "end"])
        given = dict.fromkeys(draw(st.sets(names, min_size=1)), 1)
        built: dict[str, Edged] = {"begin": (_step("set", given, {}), {"done": "s0"})}
        for name in own:
            verb, body, outcomes = draw(verbs)
            edges = {outcome: draw(targets) for outcome in outcomes}
            built[name] = (_step(verb, body, edges), edges)
        return built

    return made()


def _step(verb: str, body: Mapping[str, object], edges: Mapping[str, str]) -> Step:
    if verb == "branch":
        cases = [{"when": body["when"], "then": edges["1"]}]
        return VERBS[verb].model_validate({"cases": cases, "else": edges["else"]})
    return VERBS[verb].model_validate(body)


sets = st.tuples(names, numbers).map(lambda pair: ("set", {pair[0]: wrapped(pair[1])}, ("done",)))
branches = truths.map(lambda truth: ("branch", {"when": wrapped(truth)}, ("1", "else")))
entries = names.map(
    lambda name: (
        "collect",
        {"prompt": "p", "type": "number", "most": 1, "tries": 1, "into": name},
        ("done", "no_input", "invalid"),
    )
)
calls = numbers.map(
    lambda given: ("subflow", {"flow": "sub", "with": {"a": wrapped(given)}}, ("ok", "no"))
)
returns = st.one_of(
    numbers.map(lambda value: ("return", {"outcome": "ok", "values": {"r": wrapped(value)}}, ())),
    st.just(("return", {"outcome": "no"}, ())),
)


@given(
    steps(st.one_of(sets, branches, entries, calls)),
    steps(st.one_of(sets, branches, returns)),
    st.lists(st.sampled_from([KEYED_1, SILENCE]), max_size=6),
)
@settings(max_examples=100, deadline=None)
def test_a_name_that_is_not_told_of_is_set(
    main: Steps, sub: Steps, answers: list[Collected]
) -> None:
    ending = (VERBS["hangup"].model_validate({"reason": "done"}), dict[str, str]())
    returning = (VERBS["return"].model_validate({"outcome": "no"}), dict[str, str]())
    called = replace(
        flow("sub", {**sub, "end": returning}),
        accepts={"a": "number"},
        returns={"ok": {"r": "number"}, "no": {}},
    )
    flow_set = flows(flow("main", {**main, "end": ending}, handlers={"error": "end"}), called)
    codes = {problem.code for problem in check(flow_set)}
    told = bool(codes & {Code.UNSET_VARIABLE, Code.UNSET_SOMETIMES})
    event(f"told: {told}")
    if told:
        return
    hand = Hand(*answers)
    hand.drive(Interpreter(flow_set, Limits(steps=40)).run(session(flow_set)))
    failed = [one.problem for one in hand.events if isinstance(one, StepFailed)]
    assert not [problem for problem in failed if "is not set" in problem]
