"""What callers go through, and what it takes."""

from __future__ import annotations

import pytest

from ivr.adapters.flowfile import load_files
from ivr.adapters.sim.prompts import SimPrompts
from ivr.centre.cost import Cost, Endless, costs
from ivr.centre.traffic import Spot
from ivr.engine import journeys as module
from ivr.engine.journeys import VALUE_MS, At, Taken, TooManyWays, journeys
from ivr.model.flow import FlowSet
from ivr.model.prompt import Recording

TEXTS = {
    "en": {
        "main-menu": "For your balance, press one. For a person, press zero.",
        "untold": "What would you like?",
        "pin": "Your PIN, please.",
        "fees": "There are no fees.",
        "hello": "Hello.",
    }
}


class Seconds(SimPrompts):
    """Prompts that last a second each, whatever they say."""

    def _recording(self, name: str, language: str, spoken: object) -> Recording:
        return Recording(name, TEXTS["en"].get(name, name), "", 1000)


PROMPTS = Seconds(TEXTS)
AUTHENTICATE = """\
flow: authenticate
languages: [en]
start: ask
returns: {ok: {}, refused: {}}
steps:
  ask:
    authenticate: {account: "1", pin_prompt: pin, pin_least: 6}
    on: {ok: fine, failed: lost, locked: lost, unavailable: lost, no_input: lost}
  fine: {return: ok}
  lost: {return: refused}
"""


def flows(steps: str, head: str = "", **others: str) -> FlowSet:
    main = f'flow: main\nnumbers: ["100"]\nlanguages: [en]\nstart: menu\n{head}\nsteps:\n{steps}'
    return load_files({"main.yaml": main, **{f"{n}.yaml": text for n, text in others.items()}})


def paid(found: FlowSet, taken: Taken | None = None) -> dict[str, Cost]:
    """Return what each leaf costs, by flow.step."""
    chain = journeys(found, PROMPTS, taken=taken)
    return {f"{spot.flow}.{spot.step}": cost for spot, cost in costs(chain).items()}


def menu(prompt: str, more: str = "tries: 2") -> str:
    return f"""\
  menu:
    menu: {{prompt: {prompt}, choices: {{1: balance, 0: agent}}, {more}}}
    on: {{no_input: agent, invalid: end}}
  balance: {{balance: {{account: "1"}}, on: {{done: end, unavailable: end}}}}
  agent: {{queue: {{name: a}}, on: {{served: end, timeout: end, full: end, empty: end, closed: end, overflow: end}}}}
  end: {{hangup: done}}
"""


def only(**outcomes: float) -> Taken:
    """Return that the menu was left so a thousand million times."""
    return {Spot("main", "menu"): {name.strip("_"): 10**12 * n for name, n in outcomes.items()}}


def test_a_key_takes_as_long_as_it_is_until_its_option_has_been_said() -> None:
    text = TEXTS["en"]["main-menu"]
    found = paid(flows(menu("main-menu")), only(_1=1, _0=1))
    first = 1000 * text.index(" For a person") / len(text)
    assert found["main.balance"].ms == pytest.approx(first)
    assert found["main.agent"].ms == pytest.approx(1000)
    assert found["main.balance"].keys == pytest.approx(1)
    assert found["main.agent"].keys == pytest.approx(1)


def test_where_the_text_tells_no_keys_options_have_equal_shares() -> None:
    # Keys are 1, 0 and, to hear it again, 9.
    found = paid(flows(menu("[hello, untold]")), only(_1=1, _0=1))
    assert found["main.balance"].ms == pytest.approx(2000 / 3)
    assert found["main.agent"].ms == pytest.approx(2 * 2000 / 3)


def test_silence_and_wrong_keys_take_the_whole_question_each_time() -> None:
    silent = paid(flows(menu("main-menu", "tries: 2, timeout: 4s")), only(no_input=1))
    assert silent["main.agent"].ms == pytest.approx(2 * (1000 + 4000))
    assert silent["main.agent"].keys == pytest.approx(0)
    wrong = paid(flows(menu("main-menu", "invalid_tries: 3")), only(invalid=1))
    assert wrong["main.end"].ms == pytest.approx(3000)
    assert wrong["main.end"].keys == pytest.approx(3)


def test_without_traffic_outcomes_are_equally_likely() -> None:
    found = paid(flows(menu("main-menu")))
    assert found["main.balance"].visits == pytest.approx(1 / 4)
    assert found["main.agent"].visits == pytest.approx(2 / 4)
    assert found["main.end"].visits == pytest.approx(1)


def test_with_traffic_by_the_rule_of_succession_and_who_hung_up_is_gone() -> None:
    taken = {Spot("main", "menu"): {"1": 6, "0": 2, "hangup": 4}}
    found = paid(flows(menu("main-menu")), taken)
    weights = {"1": 7, "0": 3, "no_input": 1, "invalid": 1, "hangup": 4}
    assert found["main.balance"].visits == pytest.approx(7 / sum(weights.values()))
    assert found["main.end"].visits == pytest.approx(12 / 16)


def test_a_flow_that_does_not_speak_the_language_is_heard_in_its_own() -> None:
    chain = journeys(flows(menu("main-menu")), PROMPTS, "zh")
    assert chain == journeys(flows(menu("main-menu")), PROMPTS)


def test_calls_begin_in_the_flows_with_numbers_as_often_as_they_did() -> None:
    other = (
        'flow: other\nnumbers: ["200"]\nlanguages: [en]\nstart: end\nsteps: {end: {hangup: done}}\n'
    )
    third = other.replace("other", "third").replace('numbers: ["200"]\n', "")
    found = flows(menu("main-menu"), other=other, third=third)
    chain = journeys(found, PROMPTS, begun={"main": 9, "other": 4})
    assert {at.spot.flow: weight for at, weight in chain.begin.items()} == {"main": 10, "other": 5}


def test_failures_are_left_out() -> None:
    steps = menu("main-menu").replace("invalid: end", "invalid: end, error: balance, hangup: agent")
    assert paid(flows(steps)) == paid(flows(menu("main-menu")))


def test_authentication_is_on_the_way_once_and_comes_back() -> None:
    steps = """\
  menu: {say: hello, next: balance}
  balance: {balance: {account: "1"}, requires: {auth: 2}, on: {done: again, unavailable: end, refused: end}}
  again: {balance: {account: "2"}, requires: {auth: 2}, on: {done: end, unavailable: end, refused: end}}
  end: {hangup: done}
"""
    granted = {
        Spot("authenticate", "ask"): {"ok": 10**12},
        Spot("main", "balance"): {"done": 10**12},
    }
    found = paid(flows(steps, authenticate=AUTHENTICATE), granted)
    assert found["main.balance"].visits == pytest.approx(1)
    assert found["main.balance"].keys == pytest.approx(6)
    assert found["main.balance"].ms == pytest.approx(2000)
    assert found["main.again"].keys == pytest.approx(0)
    refused = {Spot("authenticate", "ask"): {"failed": 10**12}}
    refusing = paid(flows(steps, authenticate=AUTHENTICATE), refused)
    assert refusing["main.end"].visits == pytest.approx(1)
    assert refusing["main.balance"].visits == pytest.approx(0, abs=1e-9)


def test_subflows_come_back_and_goto_does_not() -> None:
    steps = """\
  menu: {subflow: ask, on: {yes: balance, no: night}}
  balance: {balance: {account: "1"}, on: {done: end, unavailable: end}}
  night: {goto: {flow: night}}
  end: {hangup: done}
"""
    ask = """\
flow: ask
languages: [en]
start: which
returns: {yes: {}, no: {}}
steps:
  which: {collect: {prompt: untold, most: 4, least: 3, into: x}, on: {done: yes, no_input: no, invalid: no}}
  yes: {return: yes}
  no: {return: no}
"""
    night = "flow: night\nlanguages: [en]\nstart: late\nsteps: {late: {say: hello, next: bye}, bye: {hangup: late}}\n"
    found = paid(flows(steps, ask=ask, night=night))
    assert found["main.balance"].visits == pytest.approx(1 / 3)
    assert found["main.balance"].keys == pytest.approx(3)
    assert found["night.bye"].visits == pytest.approx(2 / 3)
    chain = journeys(flows(steps, ask=ask, night=night), PROMPTS)
    assert {at.spot.flow for at in chain.moves if at.waiting} == {"ask"}
    assert str(At(Spot("main", "menu"))) == "main.menu"


def test_an_answer_that_a_key_leads_to_is_a_leaf_unless_a_goal_follows() -> None:
    steps = """\
  menu:
    menu: {prompt: untold, choices: {1: fees, 2: hold, 3: menu}}
    on: {no_input: fees, invalid: fees}
  fees: {say: [fees, {money: "{{ fee }}"}], next: menu, on: {error: agent}}
  hold: {say: hello, next: agent}
  agent: {queue: {name: a}, on: {served: end, timeout: end, full: end, empty: end, closed: end, overflow: end}}
  end: {hangup: done}
"""
    chain = journeys(flows(steps), PROMPTS)
    assert {spot.step for spot in chain.leaves.values()} == {"fees", "agent", "end"}
    (after,) = chain.moves[At(Spot("main", "fees"))]
    assert after.ms == 1000 + VALUE_MS


def test_steps_that_are_not_there_lead_nowhere() -> None:
    broken = load_files(
        {
            "main.yaml": "flow: main\nlanguages: [en]\nstart: a\nsteps: {a: {subflow: b, on: {x: y}}}\n"
        }
    )
    chain = journeys(broken, PROMPTS)
    assert list(chain.moves.values()) == [[]]


def test_circles_without_an_end_and_too_many_ways_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = "  menu: {say: hello, next: again, on: {hangup: end}}\n  again: {goto: menu}\n  end: {hangup: x}\n"
    with pytest.raises(Endless, match=r"never get out of main\.(menu|again)"):
        paid(flows(steps))
    monkeypatch.setattr(module, "MOST_STATES", 2)
    with pytest.raises(TooManyWays, match="more than 2 states"):
        paid(flows(menu("main-menu")))
