"""Who serves whom: rules over time, strategies, order."""

from __future__ import annotations

import pytest

from ivr.centre.dispatch import Caller, Match
from ivr.model.queues import CallbackMode
from ivr.ports.agents import AgentState
from ivr.ports.waiting import Leaving
from tests.centre.dispatch.kit import Hand, plan_of

WEALTH = """\
wealth:
  agents:
    - "{{ wealth >= 60 and caller.language in languages }}"
    - {after: 40s, when: "{{ wealth >= 30 }}"}
    - {after: 90s, when: anyone}
"""
PEOPLE = """\
1001: {skills: {wealth: 80}, languages: [zh, en]}
1002: {skills: {wealth: 40}}
1003: {skills: {loans: 90}}
"""


def wealth(*ready: int) -> Hand:
    hand = Hand(WEALTH, PEOPLE)
    hand.all(AgentState.PAUSED, 1001, 1002, 1003)
    hand.ready(*ready)
    hand.join("a", "wealth", facts={"language": "en"})
    return hand


def test_the_rules_widen_with_the_wait() -> None:
    assert wealth(1001, 1002, 1003).matches() == {"a": 1001}
    hand = wealth(1002, 1003)
    assert hand.matches(39.9) == {}
    assert hand.it.next_look() == 40
    assert hand.matches(40) == {"a": 1002}
    hand = wealth(1003)
    assert hand.matches(89.9) == {}
    assert hand.matches(90) == {"a": 1003}


def test_it_is_not_widened_while_a_matching_agent_is_free() -> None:
    hand = wealth()
    assert hand.matches(100) == {}
    hand.ready(1003, 1002, 1001)
    (match,) = hand.at(101)
    assert (match.agent, match.rule, match.waited) == ("1001", 0, 101)


def test_a_rule_for_which_nobody_is_logged_in_opens_the_next_at_once() -> None:
    hand = wealth(1002)
    hand.all(AgentState.OFFLINE, 1001)
    assert hand.matches() == {"a": 1002}
    hand = wealth(1003)
    hand.all(AgentState.OFFLINE, 1001)
    assert hand.matches(39) == {}  # 1002 is paused, and so logged in
    hand.all(AgentState.OFFLINE, 1002)
    assert hand.matches(39) == {"a": 1003}


@pytest.mark.parametrize(
    ("rule", "served"),
    [
        ("{{ loans >= 0 }}", [1001]),
        ("{{ loans < 50 }}", []),
        ("{{ not loans >= 50 }}", [1002, 1003]),
        ("{{ not trainee }}", [1001, 1002]),
        ("{{ loans >= 50 or trainee }}", [1001, 1003]),
        ("{{ trainee and loans >= 50 }}", []),
        ("{{ caller.segment == 'vip' }}", []),
        ("{{ agent == '1002' }}", [1002]),
        ("{{ 'en' in languages }}", [1003]),
        ("{{ loans >= 50 if known(loans) else trainee }}", [1001, 1003]),
    ],
)
def test_what_is_missing_is_false_and_not_nought(rule: str, served: list[int]) -> None:
    people = (
        "{1001: {skills: {loans: 70}}, 1002: {}, 1003: {skills: {trainee: true}, languages: [en]}}"
    )
    hand = Hand(f'service: {{agents: ["{rule}"]}}', people)
    hand.ready(1001, 1002, 1003)
    assert list(map(int, hand.it.free_agents("service", 0))) == served


def test_who_is_free_for_a_queue_whatever_its_callers_speak() -> None:
    hand = Hand(
        """service:
  agents: ["{{ loans >= 50 and caller.language in languages }}", {after: 20s, when: "{{ loans >= 1 }}"}]""",
        """\
1001: {skills: {loans: 20}}
1002: {skills: {loans: 60}, languages: [en]}
1003: {skills: {loans: 70}}
1004: {}
""",
    )
    hand.ready(1001, 1002, 1004)
    assert hand.it.free_agents("service", 0) == ("1002", "1001")
    hand.ready(1003)
    assert hand.it.free_agents("service", 0) == ("1002", "1003", "1001")


def test_the_longest_idle_is_the_default() -> None:
    hand = Hand(agents="{1001: {}, 1002: {}, 1003: {}}")
    for now, agent in enumerate((1003, 1001, 1002)):
        hand.now = now
        hand.ready(agent)
    hand.ready(1003)  # told again: idle since then all the same
    for call in "abc":
        hand.join(call)
    assert hand.matches() == {"a": 1003, "b": 1001, "c": 1002}


def served(strategy: str, calls: int) -> list[int]:
    """Return who serves some calls, each over before the next comes."""
    hand = Hand(
        f"service: {{agents: [anyone], strategy: {strategy}}}", "{1001: {}, 1002: {}, 1003: {}}"
    )
    hand.ready(1003, 1002, 1001)
    taken = []
    for number in range(calls):
        hand.now += 10
        hand.join(str(number))
        (agent,) = hand.matches().values()
        taken.append(agent)
        hand.now += 10
        hand.it.leave(str(number), hand.now)
        hand.ready(agent)
    return taken


def test_strategies() -> None:
    assert served("linear", 3) == [1001, 1001, 1001]
    assert served("round_robin", 5) == [1001, 1002, 1003, 1001, 1002]
    assert served("longest_idle", 4) == [1001, 1002, 1003, 1001]


def test_the_least_occupied_is_the_one_with_the_smallest_share_of_work() -> None:
    hand = Hand("service: {agents: [anyone], strategy: least_occupied}", "{1001: {}, 1002: {}}")
    hand.ready(1001, 1002)
    hand.now = 10
    hand.it.take("x", "1001", 10)
    hand.now = 100
    hand.ready(1001)
    hand.it.take("y", "1002", 100)
    hand.now = 120
    hand.ready(1002)
    hand.join("a")
    assert hand.matches() == {"a": 1002}  # idle for less long, but 20 s of 120 against 90 of 100


def test_the_last_agent_is_preferred_and_never_waited_for() -> None:
    hand = Hand(
        "service: {agents: [anyone], strategy: last_agent}", "{1001: {}, 1002: {}, 1003: {}}"
    )
    hand.ready(1001, 1002)
    hand.join("a", facts={"last_agent": "1002"})
    assert hand.matches() == {"a": 1002}
    hand.join("b", facts={"last_agent": "1002"})
    assert hand.matches() == {"b": 1001}


def test_scores_are_the_wait_and_a_head_start_that_is_capped() -> None:
    hand = Hand(
        "{service: {agents: [anyone]}, cards: {agents: [anyone], priority: 20s}}",
        fairness="{head_start: 60s, overtaken: 90s}",
    )
    for now, call, queue, priority in (
        (0, "first", "service", 0),
        (19, "card", "cards", 0),
        (59, "vip", "service", 1000),
    ):
        hand.now = now
        hand.join(call, queue, priority=priority)
    order = []
    while hand.it.waiting("service") or hand.it.waiting("cards"):
        hand.ready(1001)
        order += hand.at(60)
    assert [(one.call_id, one.score) for one in order] == [("card", 61), ("vip", 61), ("first", 60)]


def test_after_a_while_nobody_who_came_later_goes_first() -> None:
    hand = Hand(fairness="{head_start: 60s, overtaken: 30s}")
    hand.join("standard")
    hand.now = 29
    hand.join("vip", priority=60)
    assert hand.it.callers("service") == ("vip", "standard")
    hand.at(29.9)
    assert hand.it.callers("service") == ("vip", "standard")
    hand.at(30)
    assert hand.it.callers("service") == ("standard", "vip")
    assert [hand.it.position(call) for call in ("standard", "vip", "nobody")] == [1, 2, 0]


def test_a_rule_may_raise_the_priority() -> None:
    hand = Hand("service: {agents: [anyone, {after: 20s, when: anyone, priority: 30s}]}")
    hand.join("a", priority=25)
    hand.now = 1
    hand.join("b", priority=40)
    assert hand.it.callers("service") == ("b", "a")
    hand.at(20)
    assert hand.it.callers("service") == ("a", "b")


def test_some_callers_may_have_a_head_start() -> None:
    boosts = "[{when: \"{{ caller.segment == 'vip' }}\", by: 20s}, {when: '{{ caller.level >= 2 }}', by: 5s}]"
    hand = Hand(f"service: {{agents: [anyone], boosts: {boosts}}}")
    for now, (call, facts) in enumerate(
        [
            ("a", {}),
            ("b", {"level": 2}),
            ("c", {"segment": "vip"}),
            ("d", {"segment": "vip", "level": 3}),
        ]
    ):
        hand.now = now
        hand.join(call, facts=facts)
    assert hand.it.callers("service") == ("d", "c", "b", "a")


def test_one_order_for_all_queues() -> None:
    hand = Hand("{loans: {agents: [anyone]}, wealth: {agents: [anyone]}}")
    for now, (call, queue) in enumerate([("a", "wealth"), ("b", "loans"), ("c", "wealth")]):
        hand.now = now
        hand.join(call, queue)
    taken: list[str] = []
    for now in (5, 6, 7):
        hand.ready(1001)
        taken += hand.matches(now)
    assert taken == ["a", "b", "c"]


def test_many_are_matched_at_once() -> None:
    hand = Hand(agents="{1001: {}, 1002: {}, 1003: {}}")
    for call in "abcd":
        hand.join(call)
    hand.ready(1003, 1001, 1002)
    assert hand.matches() == {"a": 1001, "b": 1002, "c": 1003}
    assert hand.matches() == {}


def test_who_does_not_answer_rests_and_the_caller_keeps_the_place() -> None:
    hand = Hand("service: {agents: [anyone], rna: {skip: 10s}}", "{1001: {}, 1002: {}}")
    hand.ready(1001)
    hand.join("a")
    hand.now = 1
    hand.join("b")
    assert hand.matches() == {"a": 1001}
    hand.now = 15
    hand.it.missed("a", "1001", 15)
    hand.ready(1001)
    assert hand.it.callers("service") == ("a", "b")
    assert hand.matches(24.9) == {}
    assert hand.it.next_look() == 25
    assert hand.matches(25) == {"a": 1001}


def test_somebody_unknown_is_passed_over() -> None:
    hand = Hand()
    hand.ready(9999)
    hand.it.withhold("x", 0)
    hand.it.put_back("x", 0)
    hand.it.missed("x", "9999", 0)
    hand.it.answered("x", "9999", 0)
    hand.it.leave("x", 0)
    assert hand.it.estimate("x", 0) is None
    assert not hand.it.offers_callback("x", 0)
    hand.join("a")
    assert hand.at(1) == []


def test_another_plan_keeps_places_and_states() -> None:
    hand = Hand(
        "{service: {agents: [anyone]}, old: {agents: [anyone]}}", "{1001: {}, 1002: {}, 1003: {}}"
    )
    hand.ready(1001, 1002)
    hand.all(AgentState.TALKING, 1003)
    hand.it.take("talks", "1001", 0)
    hand.join("withheld", "old")
    hand.it.withhold("withheld", 0)
    assert hand.matches() == {}
    hand.all(AgentState.PAUSED, 1002)
    hand.join("a", "old")
    hand.now = 1
    hand.join("b")
    hand.it.adopt(plan_of('service: {agents: ["{{ loans >= 1 }}"]}', "{1001: {}, 1003: {}}"), 2)
    hand.ready(1002, 1003)
    assert hand.matches(3) == {"a": 1003}  # 1002 is gone, and nobody has the skill for b
    assert hand.it.callers("service") == ("b",)
    hand.it.put_back("withheld", 3)
    hand.ready(1001)
    assert hand.matches() == {"withheld": 1001}


def test_a_queue_that_is_in_no_plan_is_served_by_anyone() -> None:
    hand = Hand('service: {agents: ["{{ loans >= 1 }}"]}')
    assert hand.join("a", "gone") is None
    hand.ready(1001)
    assert hand.matches() == {"a": 1001}


def test_a_callback_keeps_its_place_and_is_matched_in_order() -> None:
    hand = Hand()
    for now, call in enumerate("abc"):
        hand.now = now
        hand.join(call)
    hand.as_callback("b")
    assert hand.it.callers("service") == ("a", "b", "c")
    decided: list[Match] = []
    for now in (5, 6, 7):
        hand.ready(1001)
        decided += hand.at(now)
    assert [(one.call_id, one.callback) for one in decided] == [
        ("a", False),
        ("b", True),
        ("c", False),
    ]


def test_a_customer_who_is_rung_first_is_rung_when_it_is_nearly_their_turn() -> None:
    hand = Hand("service: {agents: [anyone], callbacks: {mode: customer_first, lead: 200s}}")
    hand.it.agent("1001", AgentState.TALKING, 0)
    for now, call in enumerate("abc"):
        hand.now = now
        hand.join(call)
    hand.as_callback("b", CallbackMode.CUSTOMER_FIRST)
    assert hand.at(5) == []  # two calls of 180 s before it
    hand.it.leave("a", 5)
    (dial,) = hand.at(6)
    assert (type(dial).__name__, dial.call_id) == ("DialCustomer", "b")
    assert hand.it.callers("service") == ("c",)
    hand.it.put_back("b", 20, CallbackMode.NONE)
    assert hand.it.callers("service") == ("b", "c")
    hand.ready(1001)
    (match,) = hand.at(21)
    assert (match.call_id, match.callback) == ("b", False)


def test_a_customer_who_is_rung_first_is_not_given_to_an_agent_before() -> None:
    hand = Hand("service: {agents: [anyone], callbacks: {mode: customer_first}}")
    hand.join("a")
    hand.as_callback("a", CallbackMode.CUSTOMER_FIRST)
    hand.now = 1
    hand.join("b")
    hand.ready(1001)
    dial, match = hand.at(2)
    assert (dial.call_id, match.call_id, match.agent) == ("a", "b", "1001")


def test_a_callback_waits_for_as_long_as_it_takes_and_the_customer_then_anew() -> None:
    hand = Hand("service: {agents: [anyone], max_wait: 60s}")
    hand.all(AgentState.TALKING, 1001)
    hand.join("a")
    hand.as_callback("a")
    assert hand.at(3600) == []
    hand.it.put_back("a", 3600, CallbackMode.NONE)
    assert hand.at(3659) == []
    (out,) = hand.at(3660)
    assert (out.call_id, out.how) == ("a", Leaving.TIMEOUT)


def test_joining_twice_is_joining_once() -> None:
    hand = Hand()
    hand.join("a")
    hand.now = 5
    assert hand.it.join(Caller("a", "service", 5), 5, is_open=False) is None
    assert hand.it.callers("service") == ("a",)
    hand.it.leave("a", 5)
    hand.it.leave("a", 5)
    assert hand.it.waiting("service") == 0
