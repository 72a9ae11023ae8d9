"""Loading flow files: what is right becomes a FlowSet, what is wrong is told all at once."""

from __future__ import annotations

import os
from datetime import date, time
from pathlib import Path

import pytest

from ivr.adapters.flowfile import load, load_files, try_load, try_load_files, version_of
from ivr.adapters.flowfile.calendars import HOLIDAY_YEARS
from ivr.model.calendar import Span
from ivr.model.errors import FlowError
from ivr.model.step import Unreadable

MAIN = """\
flow: main
numbers: ["95500"]
languages: [zh, en]
start: hello
defaults: {timeout: 4s}
on: {error: end}
steps:
  hello: {say: welcome, next: end}
  end: {hangup: done}
"""
SERVICE = """\
calendar: service
zone: Asia/Shanghai
week: {mon-fri: ["09:00-12:00", "13:00-17:30"], sat: "09:00-12:00", sun: closed}
holidays: CN
holiday_hours: ["10:00-12:00"]
workdays: [2027-02-06]
exceptions: {2026-12-31: ["09:00-15:00"], 2026-10-08: closed}
"""


def found(files: dict[str, str]) -> list[str]:
    """Return the problems as `file:line:column code`."""
    problems = try_load_files(files).problems
    assert all(problem.hint for problem in problems)
    return [f"{problem.place} {problem.code}" for problem in problems]


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


def test_a_flow_becomes_what_it_says() -> None:
    flows = load_files({"main.yaml": MAIN, "calendars/service.yaml": SERVICE})
    flow = flows.for_number("95500")
    assert flow is flows.flows["main"]
    assert flow.languages == ("zh", "en")
    assert flow.defaults.timeout_ms == 4000
    assert flow.handlers == {"error": "end"}
    assert flow.steps["hello"].edges == {"done": "end"}
    assert str(flow.steps["hello"].place) == "main.yaml:8:3"
    assert str(flow.steps["hello"].place_of("=welcome")) == "main.yaml:8:16"
    assert flow.steps["end"].step.ends


def test_a_calendar_becomes_what_it_says() -> None:
    calendar = load_files({"main.yaml": MAIN, "service.yaml": SERVICE}).calendars["service"]
    office = (Span(time(9), time(12)), Span(time(13), time(17, 30)))
    assert calendar.week == (*([office] * 5), (Span(time(9), time(12)),), ())
    assert date(2026, 10, 1) in calendar.holidays
    assert {date(2026, 9, 20), date(2027, 2, 6)} <= calendar.workdays
    assert calendar.exceptions == {
        date(2026, 12, 31): (Span(time(9), time(15)),),
        date(2026, 10, 8): (),
    }
    assert date(2026, 1, 1).year in HOLIDAY_YEARS


def test_days_may_go_over_the_weekend() -> None:
    week = changed(SERVICE, 'sat: "09:00-12:00", sun: closed', "sat-sun: 10:00-24:00")
    calendar = load_files({"main.yaml": MAIN, "service.yaml": week}).calendars["service"]
    assert calendar.week[5] == calendar.week[6] == (Span(time(10), None),)


@pytest.mark.parametrize(
    ("old", "new", "problems"),
    [
        # the head
        ("flow: main", "flow: mian", ["main.yaml:1:7 IVR202"]),
        ("flow: main", "flwo: main", ["main.yaml:1:1 IVR201"]),
        ("flow: main", "flow: main\ncalendar: main", ["main.yaml:1:1 IVR201"]),
        ("start: hello\n", "", ["main.yaml:1:1 IVR205"]),
        ("start: hello", "start: hello\nstrat: x", ["main.yaml:5:1 IVR204"]),
        ('["95500"]', "[95500]", ["main.yaml:2:11 IVR206"]),
        ('["95500"]', '"95500"', ["main.yaml:2:10 IVR206"]),
        ('["95500"]', '["955 00"]', ["main.yaml:2:11 IVR206"]),
        ("[zh, en]", "[]", ["main.yaml:3:12 IVR206"]),
        ("timeout: 4s", "timeout: 4", ["main.yaml:5:21 IVR206"]),
        ("timeout: 4s", "timeout: 4 seconds", ["main.yaml:5:21 IVR206"]),
        ("timeout: 4s", "tries: many", ["main.yaml:5:19 IVR206"]),
        ("timeout: 4s", "bargein: no", ["main.yaml:5:21 IVR206"]),
        ("timeout: 4s", "terminator: #", ["main.yaml:5:24 IVR101"]),
        ("timeout: 4s", "timeout: ", ["main.yaml:5:21 IVR109"]),
        ("on: {error: end}", "on: {eror: end}", ["main.yaml:6:6 IVR206"]),
        # steps
        ("{hangup: done}", "hangup", ["main.yaml:9:8 IVR209"]),
        ("{hangup: done}", "{note: x}", ["main.yaml:9:3 IVR209"]),
        ("{hangup: done}", "{hangup: done, say: x}", ["main.yaml:9:23 IVR209"]),
        ("{hangup: done}", "{hangpu: done}", ["main.yaml:9:9 IVR208"]),
        ("{hangup: done}", "{hangup: done, reason: x}", ["main.yaml:9:23 IVR204"]),
        ("{hangup: done}", "{hangup: done, next: end}", ["main.yaml:9:23 IVR210"]),
        ("{hangup: done}", "{hangup: done, requires: 2}", ["main.yaml:9:33 IVR206"]),
        ("{hangup: done}", "{hangup: done, requires: {auth: 9}}", ["main.yaml:9:40 IVR206"]),
        ("  end:", "  E nd:", ["main.yaml:9:3 IVR206"]),
        ("next: end", "next: end, on: {done: end}", ["main.yaml:8:25 IVR211"]),
        ("next: end", "next: [end]", ["main.yaml:8:31 IVR206"]),
        ("{say: welcome, next: end}", "say：welcome", ["main.yaml:8:10 IVR209"]),
        # bodies
        ("welcome,", ",", ["main.yaml:8:16 IVR206"]),
        ("welcome,", "Welcome to us,", ["main.yaml:8:16 IVR206"]),
        ("welcome,", '"{{ x }}",', ["main.yaml:8:16 IVR206"]),
        ("welcome,", "[welcome, {monye: 1}],", ["main.yaml:8:27 IVR204"]),
        ("welcome,", "[welcome, {money: 1, number: 2}],", ["main.yaml:8:26 IVR206"]),
        ("welcome,", "{prompt: welcome, bargin: any},", ["main.yaml:8:34 IVR204"]),
        ("say: welcome", "set: {x: [1]}", ["main.yaml:8:20 IVR206"]),
        ("say: welcome", "set: {1x: 2}", ["main.yaml:8:16 IVR206"]),
        ("say: welcome", "collect: {into: x, most: 99}", ["main.yaml:8:20 IVR205", "main.yaml:8:36 IVR206"]),
        # expressions, at the very character
        ("welcome,", '{money: "{{ x + }}"},', ["main.yaml:8:28 IVR207"]),
        ("welcome,", '{money: "{{ a.b.c }}"},', ["main.yaml:8:28 IVR207"]),
        ("welcome,", '{money: "{{ 1 + f(x) }}"},', ["main.yaml:8:32 IVR207"]),
        ("welcome,", '{money: "No. {{ x }}"},', ["main.yaml:8:29 IVR207"]),
        # YAML
        ("timeout: 4s", "timeout: 4s, timeout: 5s", ["main.yaml:5:25 IVR106"]),
        ('["95500"]', "[095500]", ["main.yaml:2:11 IVR108"]),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(old: str, new: str, problems: list[str]) -> None:
    assert found({"main.yaml": changed(MAIN, old, new)}) == problems


@pytest.mark.parametrize(
    ("old", "new", "problems"),
    [
        ("Asia/Shanghai", "Asia/Shangai", ["service.yaml:2:7 IVR212"]),
        ("mon-fri:", "mon-frei:", ["service.yaml:3:8 IVR212"]),
        ("sat:", "fri:", ["service.yaml:3:49 IVR212"]),
        ("13:00-17:30", "11:00-17:30", ["service.yaml:3:17 IVR212"]),
        ("holidays: CN", "holidays: China", ["service.yaml:4:11 IVR212"]),
        ("holidays: CN", "holidays: [CN, 2026-13-01]", ["service.yaml:4:16 IVR212"]),
        ("10:00-12:00", "12:00-10:00", ["service.yaml:5:17 IVR212"]),
        ("10:00-12:00", "10-12", ["service.yaml:5:17 IVR212"]),
        ("10:00-12:00", "10:00-25:00", ["service.yaml:5:17 IVR212"]),
        ("[2027-02-06]", "tomorrow", ["service.yaml:6:11 IVR206"]),
        ("2026-12-31", "31.12.2026", ["service.yaml:7:14 IVR212"]),
        ("-08: closed", "-08: close", ["service.yaml:7:55 IVR212"]),
        ("workdays", "workday", ["service.yaml:6:1 IVR204"]),
    ],
)
def test_a_calendars_mistake_is_told_at_its_place(old: str, new: str, problems: list[str]) -> None:
    text = changed(SERVICE, old, new)
    assert found({"main.yaml": MAIN, "service.yaml": text}) == problems


def test_all_mistakes_come_in_one_run() -> None:
    wrong = changed(changed(MAIN, "4s", "4"), "hangup: done", "hangpu: done")
    calendar = changed(SERVICE, "CN", "China")
    problems = found({"main.yaml": wrong, "service.yaml": calendar, "x.yaml": "a: 1\na: 2"})
    assert problems == [
        "main.yaml:5:21 IVR206",
        "main.yaml:9:9 IVR208",
        "service.yaml:4:11 IVR212",
        "x.yaml:1:1 IVR201",
        "x.yaml:2:1 IVR106",
    ]


def test_hints_say_what_was_meant() -> None:
    result = try_load_files({"main.yaml": changed(MAIN, "hangup: done", "hangpu: done")})
    assert [problem.hint for problem in result.problems] == ["did you mean `hangup`?"]
    assert str(result.problems[0]) == (
        "main.yaml:9:9: IVR208 there is no step type `hangpu` (did you mean `hangup`?)"
    )


@pytest.mark.parametrize(
    ("new", "message", "hint"),
    [
        ("hangup", "`end` is not a step", "write {hangup: …}"),
        ("[hangup]", "`end` is not a step", "e.g. {say: welcome, next: menu}"),
        ("{hangup: 完成}", "`完成` cannot be used here", "one word: a-z, 0-9, _ and -"),
        ('{say: "m\u200b"}', "`m\\u200b` cannot be used here", "a prompt's id"),
        ("{say: {1: m}}", "`1` is unknown here", "known: account, date, digits, duration"),
        ("{return: Ok}", "`Ok` cannot be used here", "a name: a-z"),
        ("{remember: {all: true}}", "`all` is unknown here", "delete it: nothing can stand here"),
    ],
)
def test_messages_and_hints(new: str, message: str, hint: str) -> None:
    (problem,) = try_load_files({"main.yaml": changed(MAIN, "{hangup: done}", new)}).problems
    assert problem.message == message
    assert problem.hint.startswith(hint)
    assert "root" not in problem.hint


def test_the_hint_for_a_missing_key_can_be_written() -> None:
    (problem,) = try_load_files({"main.yaml": MAIN.replace("languages: [zh, en]\n", "")}).problems
    assert problem.message == "`languages` is missing"
    assert problem.hint.startswith("write `languages: [zh, en]`. ")


def test_a_list_is_not_too_short_because_its_items_are_wrong() -> None:
    wrong = changed(MAIN, "{hangup: done}", "{branch: [{when: 1, then: end}], next: end}")
    assert found({"main.yaml": wrong}) == ["main.yaml:9:25 IVR206"]


@pytest.mark.proof
def test_a_step_with_countless_mistakes_is_told_of_in_no_time() -> None:
    many = ", ".join(f"{number}: {{gto: end}}" for number in range(10_000))
    menu = f"{{menu: {{prompt: welcome, choices: {{{many}}}}}}}"
    result = try_load_files({"main.yaml": changed(MAIN, "{hangup: done}", menu)})
    assert 50 <= len(result.problems) <= 100
    assert isinstance(result.sound.flows["main"].steps["end"].step, Unreadable)


def test_a_flow_with_a_bad_step_is_kept_for_further_checks_and_never_published() -> None:
    result = try_load_files({"main.yaml": changed(MAIN, "hangup: done", "hangpu: done")})
    assert result.flow_set is None
    assert isinstance(result.sound.flows["main"].steps["end"].step, Unreadable)
    assert result.broken == frozenset()


def test_of_a_flow_with_a_bad_head_the_rest_is_kept_for_further_checks() -> None:
    wrong = changed(changed(MAIN, "start: hello\n", ""), "[zh, en]", "zh")
    result = try_load_files({"main.yaml": wrong})
    assert result.flow_set is None
    flow = result.sound.flows["main"]
    assert flow.unread == {"start", "languages"}
    assert (flow.start, flow.languages, set(flow.steps)) == ("", (), {"hello", "end"})
    assert flow.numbers
    assert result.broken == frozenset()


def test_an_unknown_key_of_the_head_may_be_any_that_is_not_there() -> None:
    result = try_load_files(
        {"main.yaml": changed(MAIN, "start: hello", "start: hello\nretruns: {}")}
    )
    assert result.sound.flows["main"].unread >= {"returns", "accepts"}
    assert "start" not in result.sound.flows["main"].unread


def test_a_step_that_stands_twice_is_read_twice() -> None:
    again = changed(MAIN, "  end: {", "  hello: {say: other, next: nowhere}\n  end: {")
    result = try_load_files({"main.yaml": again})
    assert [problem.code for problem in result.problems] == ["IVR106"]
    flow = result.sound.flows["main"]
    assert flow.steps["hello (line 9)"].edges == {"done": "nowhere"}
    assert flow.unread == {"steps"}


@pytest.mark.parametrize(
    ("step", "edges", "partial"),
    [
        ("{menu: {prompt: m, choices: {1: a}, tires: 2}}", {"1": "a"}, False),
        ("{menu: {prompt: m, choices: {1: a}, tries: x}}", {"1": "a"}, False),
        ("{menu: {prompt: m, choices: {1: a, 2: {gto: b}, 3: c}}}", {"1": "a", "3": "c"}, True),
        ("{branch: [{when: 1, then: a}, {when: '{{ x }}', then: b}]}", {"1": "b"}, True),
        ("{branch: [{when: '{{ x }}', then: b, or: c}, {then: d}]}", {"1": "b"}, True),
        ("{say: m, on: {done: a, error: [b]}}", {"done": "a"}, True),
        ("{say: m, onn: {done: a}}", {}, True),
        ("{say: m, on: {done: a}, on: {error: b}}", {"done": "a"}, True),
    ],
)
def test_a_step_is_read_as_far_as_it_can_be(
    step: str, edges: dict[str, str], partial: bool
) -> None:
    text = changed(MAIN, "{say: welcome, next: end}", step)
    result = try_load_files({"main.yaml": text})
    assert result.flow_set is None
    node = result.sound.flows["main"].steps["hello"]
    assert not isinstance(node.step, Unreadable)
    assert (dict(node.edges), node.partial) == (edges, partial)


def test_a_file_is_not_to_be_given_a_name_that_no_flow_may_have() -> None:
    (problem,) = try_load_files({"Main.yaml": MAIN}).problems
    assert (problem.code, problem.hint) == ("IVR202", "name the file main.yaml")
    (problem,) = try_load_files({"other.yaml": MAIN}).problems
    assert problem.hint == "write flow: other, or name the file main.yaml"


def test_scripted_callers_are_no_flows_and_no_part_of_the_version(tmp_path: Path) -> None:
    (tmp_path / "main.yaml").write_text(MAIN)
    alone = load(tmp_path)
    (tmp_path / "callers").mkdir()
    (tmp_path / "callers" / "hears-all.yaml").write_text("caller: hears all\n")
    assert load(tmp_path) == alone
    (tmp_path / "shops").mkdir()
    (tmp_path / "shops" / "callers.yaml").write_text(MAIN.replace("main", "callers"))
    assert load(tmp_path).version != alone.version


def test_two_flows_of_one_name_are_refused() -> None:
    assert found({"a/main.yaml": MAIN, "b/main.yaml": MAIN}) == ["b/main.yaml:1:7 IVR203"]


def test_a_flow_and_a_calendar_may_have_the_same_name() -> None:
    calendar = changed(SERVICE, "calendar: service", "calendar: main")
    flows = load_files({"main.yaml": MAIN, "hours/main.yaml": calendar})
    assert (set(flows.flows), set(flows.calendars)) == ({"main"}, {"main"})


def test_no_flow_at_all() -> None:
    assert found({}) == [".:1:1 IVR213"]


def test_the_version_is_of_the_bytes_and_paths() -> None:
    files = {"main.yaml": MAIN, "service.yaml": SERVICE}
    version = load_files(files).version
    assert version == load_files(dict(reversed(files.items()))).version == version_of(files)
    assert len(version) == 64
    assert version_of({**files, "main.yaml": MAIN + "\n"}) != version
    assert version_of({"main.yaml": MAIN, "x/service.yaml": SERVICE}) != version
    assert version_of({"a": "bc"}) != version_of({"ab": "c"})


# --- folders ---------------------------------------------------------------------------------


def test_a_folder_loads_as_its_files_do(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "main.yaml").write_bytes(MAIN.replace("\n", "\r\n").encode())
    (tmp_path / "sub" / "service.yaml").write_text(SERVICE, encoding="utf-8")
    (tmp_path / ".#main.yaml").write_text("an editor's", encoding="utf-8")
    (tmp_path / "README.md").write_text("not a flow", encoding="utf-8")
    flows = load(tmp_path)
    assert sorted(flows.files) == ["main.yaml", "sub/service.yaml"]
    again = load_files(flows.files)
    assert again == flows


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "main.yml").write_text(MAIN, encoding="utf-8")
    (tmp_path / "latin.yaml").write_bytes(b"flow: latin\nnote: caf\xe9\n")
    (tmp_path / "large.yaml").write_bytes(b"#" * 1_000_001)
    problems = [f"{problem.place} {problem.code}" for problem in try_load(tmp_path).problems]
    assert problems == ["large.yaml:1:1 IVR102", "latin.yaml:2:10 IVR100", "main.yml:1:1 IVR100"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    problems = [str(one) for one in try_load(tmp_path).problems]
    assert "pipe.yaml:1:1: IVR100 this is no file (put a flow file in its place)" in problems


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="there is no such folder"):
        load(tmp_path / "flows")


def test_the_error_names_every_problem() -> None:
    with pytest.raises(FlowError) as caught:
        load_files(
            {"main.yaml": changed(changed(MAIN, "4s", "4"), "end}\nsteps", "end, x: y}\nsteps")}
        )
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("main.yaml:5:21: IVR206")


def test_the_demo_flows_load() -> None:
    flows = load(Path(__file__).parents[3] / "flows")
    assert flows.for_number("95500") is not None
