"""What a picture of flows shows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ivr.adapters.flowfile import load_files
from ivr.adapters.sim.prompts import SimPrompts
from ivr.centre.traffic import Spot, StepTraffic, Traffic
from ivr.engine.picture import (
    MOST_ARROWS,
    Arrow,
    Box,
    Group,
    Kind,
    Picture,
    Sign,
    picture,
    reached,
)

MAIN = """\
flow: main
numbers: ["95500", "95501"]
languages: [zh, en]
start: menu
on: {error: sorry}
steps:
  menu:
    menu:
      prompt: [welcome, {money: "{{ balance }}"}, {prompt: english, language: en}]
      choices: {1: {goto: balance, label: Guthaben}, 2: find, 0: {goto: sorry, label: person}}
    on: {no_input: sorry, invalid: sorry, back: vip, hangup: sorry}
  balance:
    balance: {account: "1"}
    requires: {auth: 2}
    on: {done: vip, unavailable: sorry, refused: sorry}
  find: {subflow: branches, on: {found: vip, lost: elsewhere}}
  vip: {branch: {cases: [{when: "{{ customer.segment == 'vip' }}", then: sorry}], else: sorry}, on: {error: end}}
  elsewhere: {goto: {flow: night}}
  sorry: {say: sorry, next: end}
  end: {hangup: done}
"""
BRANCHES = """\
flow: branches
languages: [en]
start: hello
returns: {found: {}, lost: {}}
steps:
  hello: {say: welcome, next: found}
  found: {return: found}
  lost: {return: lost}
"""
NIGHT = "flow: night\nlanguages: [zh]\nstart: end\nsteps: {end: {hangup: late}}\n"
AUTHENTICATE = """\
flow: authenticate
languages: [zh]
start: ask
returns: {ok: {}, refused: {}}
steps: {ask: {return: ok}}
"""
UNUSED = "flow: unused\nlanguages: [zh]\nstart: end\nsteps: {end: {hangup: never}}\n"
FLOWS = load_files(
    {
        "main.yaml": MAIN,
        "branches.yaml": BRANCHES,
        "night.yaml": NIGHT,
        "authenticate.yaml": AUTHENTICATE,
        "unused.yaml": UNUSED,
    }
)
PROMPTS = SimPrompts(
    {"zh": {"welcome": "您好", "sorry": "对不起"}, "en": {"welcome": "Hello", "english": "English"}}
)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def drawn() -> Picture:
    return picture(FLOWS, ["main"], PROMPTS, "zh")


def group(drawn: Picture, flow: str) -> Group:
    return next(one for one in drawn.groups if one.flow == flow)


def box(drawn: Picture, flow: str, name: str) -> Box:
    return next(one for one in group(drawn, flow).boxes if one.name == name)


def arrows(drawn: Picture, source: Box, target: Box) -> list[Arrow]:
    return [one for one in drawn.arrows if (one.source, one.target) == (source.id, target.id)]


def test_a_flow_and_those_it_leads_to_each_in_a_group_of_its_own(drawn: Picture) -> None:
    names = ["main", "authenticate", "branches", "night"]
    assert [one.flow for one in drawn.groups] == names
    assert reached(FLOWS, ["main"]) == names
    assert reached(FLOWS, ["night", "no-such-flow"]) == ["night"]


def test_boxes_say_what_is_heard_what_they_need_and_where_a_flow_ends(drawn: Picture) -> None:
    menu = box(drawn, "main", "menu")
    assert menu.heard == "您好 ‹balance› English"
    assert (menu.verb, menu.start, menu.end, menu.level) == ("menu", True, False, 0)
    assert box(drawn, "main", "balance").level == 2
    assert box(drawn, "main", "end").end
    found = box(drawn, "branches", "found")
    assert (found.end, found.outcome) == (True, "found")


def test_a_flow_that_does_not_speak_the_language_speaks_its_own(drawn: Picture) -> None:
    assert box(drawn, "branches", "hello").heard == "Hello"


def test_edges_bear_keys_with_their_labels_and_outcomes_in_words(drawn: Picture) -> None:
    menu, sorry = box(drawn, "main", "menu"), box(drawn, "main", "sorry")
    assert arrows(drawn, menu, box(drawn, "main", "balance"))[0].labels == ("1 Guthaben",)
    assert arrows(drawn, menu, box(drawn, "main", "find"))[0].labels == ("2",)
    edge, handler = sorted(arrows(drawn, menu, sorry), key=lambda one: one.kind)
    assert (edge.kind, edge.labels) == (Kind.EDGE, ("0 person", "no input", "invalid"))
    assert (handler.kind, handler.labels) == (Kind.HANDLER, ("hangup",))
    (branch,) = arrows(drawn, box(drawn, "main", "vip"), sorry)
    assert branch.labels == ("customer.segment == 'vip'", "else")


def test_the_only_way_on_needs_no_words(drawn: Picture) -> None:
    (edge,) = arrows(drawn, box(drawn, "main", "sorry"), box(drawn, "main", "end"))
    assert edge.labels == ()


def test_ways_to_other_flows(drawn: Picture) -> None:
    find, hello = box(drawn, "main", "find"), box(drawn, "branches", "hello")
    assert arrows(drawn, find, hello) == [Arrow(find.id, hello.id, Kind.CALL, ("found", "lost"))]
    elsewhere, late = box(drawn, "main", "elsewhere"), box(drawn, "night", "end")
    assert [one.kind for one in arrows(drawn, elsewhere, late)] == [Kind.JUMP]
    balance, ask = box(drawn, "main", "balance"), box(drawn, "authenticate", "ask")
    assert [one.kind for one in arrows(drawn, balance, ask)] == [Kind.LEVEL]


def test_numbers_and_handlers_lead_into_a_flow(drawn: Picture) -> None:
    entry, handler = group(drawn, "main").markers
    assert (entry.text, entry.sign) == ("95500, 95501", Sign.NUMBER)
    assert (handler.text, handler.sign) == ("error", Sign.EVENT)
    led = {arrow.source: arrow.target for arrow in drawn.arrows}
    assert led[entry.id] == box(drawn, "main", "menu").id
    assert led[handler.id] == box(drawn, "main", "sorry").id


def test_what_leads_to_nothing_drawn_is_left_out() -> None:
    broken = load_files({"main.yaml": MAIN, "night.yaml": NIGHT})
    drawn = picture(broken, ["main"], PROMPTS)
    ids = {one.id for one in (*drawn.groups[0].boxes, *drawn.groups[1].boxes)}
    assert {arrow.target for arrow in drawn.arrows} <= ids
    assert all(arrow.kind not in (Kind.CALL, Kind.LEVEL) for arrow in drawn.arrows)


def test_heat_counts_calls_on_the_ways_and_in_the_boxes() -> None:
    menu = StepTraffic(10, {"0": 3, "no_input": 2, "1": 4, "hangup": 1}, ms=30_000, over=10)
    steps = {Spot("main", "menu"): menu, Spot("main", "find"): StepTraffic(2, {"error": 2})}
    steps[Spot("main", "vip")] = StepTraffic(7, {"error": 7})
    traffic = Traffic(steps, {"v": 10}, first=NOON, last=NOON)
    drawn = picture(FLOWS, ["main"], PROMPTS, traffic=traffic)
    there, sorry = box(drawn, "main", "menu"), box(drawn, "main", "sorry")
    assert there.traffic == menu
    edge, handler = sorted(arrows(drawn, there, sorry), key=lambda one: one.kind)
    assert (edge.calls, handler.calls) == (5, 1)
    flow_handler = next(one for one in drawn.arrows if one.source == "f0error")
    assert flow_handler.calls == 2
    assert box(drawn, "main", "sorry").traffic == StepTraffic()


def test_where_too_many_ways_lead_each_ends_in_a_marker_beside_its_beginning() -> None:
    many = "".join(f"  s{n}: {{say: welcome, next: end}}\n" for n in range(MOST_ARROWS - 1))
    full, fuller = (
        picture(load_files({"main.yaml": MAIN + more}), ["main"], PROMPTS)
        for more in (many.partition("\n")[2], many)
    )
    end = box(full, "main", "end").id
    assert sum(arrow.target == end for arrow in full.arrows) == MOST_ARROWS
    markers = [one for one in group(fuller, "main").markers if one.sign is Sign.STEP]
    assert {one.text for one in markers} == {"end"}
    assert {one.target for one in fuller.arrows} >= {one.id for one in markers}
    assert end not in {arrow.target for arrow in fuller.arrows}
    assert len(fuller.arrows) == len(full.arrows) + 1


def test_without_heat_nothing_is_counted(drawn: Picture) -> None:
    assert {arrow.calls for arrow in drawn.arrows} == {None}
    assert box(drawn, "main", "menu").traffic is None
