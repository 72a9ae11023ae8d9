"""Checks: each finds its mistake, at its place, and nothing in flows that are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.adapters.flowfile import try_load, try_load_files
from ivr.adapters.prompts.catalogue import load_catalogue
from ivr.app.config import Config
from ivr.app.flows import known, verified
from ivr.centre.waiting import OFFER, TOLD
from ivr.engine.check import Known, check
from ivr.model.limits import Limits
from ivr.model.problem import Problem, Severity

MAIN = """\
flow: main
numbers: ["95500"]
languages: [zh, en]
start: menu
on: {error: sorry}
steps:
  menu:
    menu:
      prompt: main-menu
      choices:
        1: who
        0: agent
    on: {no_input: agent, invalid: agent}
  who: {collect: {prompt: which, into: account, most: 6}, on: {done: find, no_input: menu, invalid: menu}}
  find: {subflow: {flow: finder, with: {number: "{{ account }}"}}, on: {found: say, lost: sorry}}
  say: {say: [balance-is, {money: "{{ balance }}"}], next: hours}
  hours: {hours: service, on: {open: agent, closed: bye, holiday: bye}}
  agent: {queue: service, on: {served: bye, timeout: bye, full: bye, empty: bye, closed: bye, overflow: bye}}
  sorry: {say: sorry, next: bye}
  bye: {hangup: done}
"""
FINDER = """\
flow: finder
languages: [zh, en]
start: look
accepts: {number: text}
returns: {found: {balance: text}, lost: {}}
steps:
  look: {branch: {cases: [{when: "{{ number == '1' }}", then: no}]}, next: yes}
  yes: {return: {outcome: found, values: {balance: "{{ number }}"}}}
  no: {return: lost}
"""
SERVICE = """\
calendar: service
zone: Asia/Shanghai
week: {mon-fri: ["09:00-17:30"]}
holidays: ["2026-10-01"]
"""
PROMPTS = frozenset(
    {"main-menu", "which", "balance-is", "sorry", "no-input", "invalid-choice", "invalid-entry"}
    | {"entry-cleared", "enter-account", "enter-pin", "wrong-account-or-pin"}
    | {*TOLD, OFFER}
)
QUEUES = "queues: {service: {agents: [anyone]}}"
AGENTS = 'agents: {"1001": {name: Li Na}}'
BESIDE = {"service.yaml": SERVICE, "queues.yaml": QUEUES, "agents.yaml": AGENTS}
KNOWN = Known(prompts={"zh": PROMPTS, "en": PROMPTS}, destinations={"front-desk"})


def problems(known: Known = KNOWN, /, **files: str) -> tuple[Problem, ...]:
    beside = {"queues": QUEUES, "agents": AGENTS}
    texts = {"main": MAIN, "finder": FINDER, "service": SERVICE, **beside, **files}
    loaded = try_load_files({f"{name}.yaml": text for name, text in texts.items() if text})
    assert loaded.problems == ()
    return check(loaded.sound, known, loaded.broken)


def told(**files: str) -> list[str]:
    found = problems(**files)
    assert all(problem.hint for problem in found)
    return [f"{problem.place} {problem.code}" for problem in found]


def changed(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def test_flows_that_are_right_have_no_problems() -> None:
    assert problems() == ()


END = "next: end}\n  end: {hangup: done}"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # steps
        ("start: menu", "start: meun", ["main.yaml:4:8 IVR301"]),
        ("on: {error: sorry}", "on: {error: sory}", ["main.yaml:5:13 IVR301"]),
        ("0: agent", "0: agnet", ["main.yaml:12:12 IVR301"]),
        ("next: bye", "next: by", ["main.yaml:19:29 IVR301"]),
        # outcomes
        ("open: agent", "opne: agent, open: agent", ["main.yaml:17:32 IVR302"]),
        ("{hangup: done}", "{hangup: done, on: {done: say}}", ["main.yaml:20:28 IVR302"]),
        ("lost: sorry", "lost: sorry, gone: sorry", ["main.yaml:15:98 IVR302"]),
        (", lost: sorry", "", ["main.yaml:15:68 IVR303"]),
        (", full: bye", "", ["main.yaml:18:27 IVR303"]),
        (", next: bye", "", ["main.yaml:19:11 IVR303"]),
        ("{hangup: done}", "{hangup: done, on: {error: sorry, hangup: sorry}}", []),
        ("invalid: menu}}", "invalid: menu, back: menu}}", []),
        # ways
        ("0: agent", "0: bye", ["main.yaml:12:9 IVR408"]),
        ("1: who", "1: sorry", ["main.yaml:14:3 IVR304", "main.yaml:15:3 IVR304", "main.yaml:16:3 IVR304", "main.yaml:17:3 IVR304"]),
        ("{hangup: done}", "{goto: bye}", ["main.yaml:20:3 IVR318"]),
        # flows
        ("flow: finder", "flow: findr", ["main.yaml:15:26 IVR305"]),
        ("number: \"{{ account }}\"", "nubmer: 5", ["main.yaml:15:26 IVR307", "main.yaml:15:41 IVR307"]),
        ("\"{{ account }}\"", "5", ["main.yaml:15:41 IVR307"]),
        ("{hangup: done}", "{return: ok}", ["main.yaml:20:17 IVR308"]),
        ("{hangup: done}", "{goto: {flow: main}}", ["main.yaml:20:3 IVR318"]),
        ("{hangup: done}", "{hangup: done, requires: {auth: 2}}", ["main.yaml:20:9 IVR303", "main.yaml:20:23 IVR317"]),
        # variables
        ("start: menu", "start: find", ["main.yaml:7:3 IVR304", "main.yaml:14:3 IVR304", "main.yaml:15:49 IVR309"]),
        ("{{ account }}", "{{ acount }}", ["main.yaml:15:49 IVR309"]),
        ("{{ account }}", "{{ balance }}", ["main.yaml:15:49 IVR309"]),
        ("{{ account }}", "{{ customer.number }}", ["main.yaml:15:49 IVR309"]),
        ("{{ account }}", "{{ call.ani }}", []),
        ("{{ account }}", "{{ call.pin }}", ["main.yaml:15:49 IVR309"]),
        ("say: sorry", "say: [sorry, {number: \"{{ balance }}\"}]", ["main.yaml:19:33 IVR322"]),  # a handler: it may be set
        ("most: 6", "most: 6, type: pin", ["main.yaml:15:49 IVR310"]),
        ("say: [balance-is, {money: \"{{ balance }}\"}]", "set: {call: 1}", ["main.yaml:16:15 IVR320"]),
        ("into: account", "into: none", ["main.yaml:14:40 IVR320", "main.yaml:15:49 IVR309"]),
        ("say: [balance-is, {money: \"{{ balance }}\"}]", "set: {if: 1}", ["main.yaml:16:15 IVR320"]),
        ("into: account", "into: call", ["main.yaml:14:40 IVR320", "main.yaml:15:49 IVR309"]),
        # names
        ("main-menu", "man-menu", ["main.yaml:9:15 IVR311"] * 2),
        ("say: sorry", "say: {prompt: [{prompt: sorry, language: fr}]}", ["main.yaml:19:35 IVR311"]),
        ("queue: service", "queue: servce", ["main.yaml:18:18 IVR312"]),
        ("{hangup: done}", "{transfer: desk, on: {answered: end, busy: end, no_answer: end, unavailable: end}}\n  end: {hangup: done}", ["main.yaml:20:19 IVR313"]),
        ("hours: service", "hours: servce", ["main.yaml:17:18 IVR314"]),
        ('["95500"]', '["95500", "95500"]', ["main.yaml:2:11 IVR315"]),
        ('["95500"]', "[]", ["main.yaml:1:1 IVR316"]),
        ("{hangup: done}", "{language: fr, " + END, ["main.yaml:20:19 IVR319"]),
        ("{hangup: done}", "{language: en, " + END, []),
        # spoken values
        ("\"{{ balance }}\"", "\"12.50\"", []),
        ("\"{{ balance }}\"", "12 yuan", ["main.yaml:16:35 IVR206"]),
        ("money: \"{{ balance }}\"", "date: 2026-13-01", ["main.yaml:16:34 IVR206"]),
        ("money: \"{{ balance }}\"", "time: 09:30", []),
        ("money: \"{{ balance }}\"", "time: \"9.30\"", ["main.yaml:16:34 IVR206"]),
        ("money: \"{{ balance }}\"", "digits: 12a", ["main.yaml:16:36 IVR206"]),
        ("money: \"{{ balance }}\"", "duration: 5s", ["main.yaml:16:38 IVR206"]),
        # keys
        ("most: 6", "most: 6, terminator: \"*\"", ["main.yaml:14:58 IVR321"]),
        ("most: 6", "most: 6, terminator: \"*\", cancel: \"\"", []),
        ("start: menu", "start: menu\ndefaults: {terminator: \"*\"}", ["main.yaml:15:9 IVR321"]),
        ("most: 6}, on: {", "most: 6, cancel: \"\"}, on: {back: menu, ", ["main.yaml:14:76 IVR302"]),
        ("on: {no_input: agent,", "on: {back: agent, no_input: agent,", []),
        ("0: agent\n    on: {", "\"*\": agent\n    on: {back: agent, ", ["main.yaml:8:5 IVR321"]),
        ("0: agent", "\"*\": agent", []),
        # menus
        ("0: agent", "0: agent\n        10: agent", ["main.yaml:11:9 IVR401"]),
        ("0: agent", "\n        ".join(f"{key}: agent" for key in "02345"), ["main.yaml:8:5 IVR402"]),
    ],
)  # fmt: skip
def test_a_mistake_in_the_main_flow(old: str, new: str, expected: list[str]) -> None:
    assert told(main=changed(MAIN, (old, new))) == expected


def test_a_choice_that_only_some_callers_have_is_no_option_more() -> None:
    choices = [f"{key}: agent" for key in "0234"]
    some = "5: {goto: agent, say: which, when: '{{ call.auth > 0 }}'}"
    main = changed(MAIN, ("0: agent", "\n        ".join([*choices, some])))
    assert not [one for one in told(main=main) if "IVR402" in one]
    assert "main.yaml:8:5 IVR402" in told(main=main.replace(some, "5: agent"))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("found: {balance: text}, ", "", ["finder.yaml:8:27 IVR308", "main.yaml:15:73 IVR302", "main.yaml:16:35 IVR309"]),
        ("balance: text", "amount: text", ["finder.yaml:8:27 IVR308", "finder.yaml:8:43 IVR308", "main.yaml:16:35 IVR309"]),
        ("lost: {}", "lost: {}, gone: {}", ["finder.yaml:5:45 IVR308", "main.yaml:15:68 IVR303"]),
        ("number: text", "", ["finder.yaml:7:34 IVR309", "finder.yaml:8:52 IVR309", "main.yaml:15:41 IVR307"]),
        ("[zh, en]", "[zh]", ["main.yaml:15:26 IVR319"]),
        ("flow: finder", 'flow: finder\nnumbers: ["95500"]', ["finder.yaml:5:1 IVR307", "main.yaml:2:11 IVR315"]),
        ("{return: lost}", "{goto: {flow: main}}", ["finder.yaml:9:21 IVR306"]),
        ("{return: lost}", "{subflow: main}", ["finder.yaml:5:35 IVR308", "finder.yaml:9:17 IVR306"]),
        ("{return: lost}", "{subflow: finder, on: {found: yes, lost: yes}}", ["finder.yaml:5:35 IVR308", "finder.yaml:9:17 IVR306", "finder.yaml:9:17 IVR307"]),
    ],
)  # fmt: skip
def test_a_mistake_between_two_flows(old: str, new: str, expected: list[str]) -> None:
    assert told(finder=changed(FINDER, (old, new))) == expected


def test_flows_that_call_each_other_too_deeply() -> None:
    def link(number: int) -> str:
        callee = f"f{number + 1}" if number < Limits().depth else ""
        step = f"{{subflow: {callee}, on: {{ok: z}}}}" if callee else "{say: sorry, next: z}"
        return (
            f"flow: f{number}\nlanguages: [zh, en]\nstart: a\nreturns: {{ok: {{}}}}\n"
            f"steps:\n  a: {step}\n  z: {{return: ok}}\n"
        )

    flows = {f"f{number}": link(number) for number in range(Limits().depth + 1)}
    deep = {**flows, "f0": flows["f0"].replace("languages", 'numbers: ["1"]\nlanguages')}
    found = problems(**deep)
    assert [problem.code for problem in found] == ["IVR306"]
    shallow = {**deep, f"f{Limits().depth}": ""}
    last = f"f{Limits().depth - 1}"
    shallow[last] = link(Limits().depth).replace(f"f{Limits().depth}", last)
    assert problems(**shallow) == ()


def test_an_authentication_flow_is_found_and_its_refusal_needs_an_edge() -> None:
    guarded = changed(MAIN, ("sorry: {say: sorry,", "sorry: {requires: {auth: 2}, say: sorry,"))
    authenticate = """\
flow: authenticate
languages: [zh, en]
start: ask
returns: {ok: {}, refused: {}}
steps:
  ask: {authenticate: {}, on: {ok: yes, failed: no, locked: no, unavailable: no, no_input: no}}
  yes: {return: ok}
  no: {return: refused}
"""
    assert told(main=guarded) == ["main.yaml:19:11 IVR317", "main.yaml:19:32 IVR303"]
    assert told(main=guarded, authenticate=authenticate) == ["main.yaml:19:32 IVR303"]
    right = changed(guarded, ("say: sorry,", "say: sorry, on: {refused: bye},"))
    assert told(main=right, authenticate=authenticate) == []
    higher = changed(right, ("auth: 2", "auth: 3"))
    assert told(main=higher, authenticate=authenticate) == ["main.yaml:19:11 IVR317"]
    reads = changed(right, ("{{ account }}", "{{ customer.number }}"))
    assert told(main=reads, authenticate=authenticate) == ["main.yaml:15:49 IVR322"]
    shown = changed(
        reads,
        ("find: {", "find: {requires: {auth: 2}, "),
        ("lost: sorry", "lost: sorry, refused: bye"),
    )
    assert told(main=shown, authenticate=authenticate) == []


def test_an_ambiguous_prefix_is_priced_in_seconds() -> None:
    menu = changed(MAIN, ("0: agent", "0: agent\n        10: agent"))
    assert [p.message for p in problems(main=menu)] == [
        "1 is taken only after 3 s, because 10 begins with it"
    ]
    slow = changed(menu, ("start: menu", "start: menu\ndefaults: {interdigit: 1500ms}"))
    assert "after 1.5 s" in problems(main=slow)[0].message
    own = changed(slow, ("prompt: main-menu", "interdigit: 2s\n      prompt: main-menu"))
    assert "after 2 s" in problems(main=own)[0].message


def test_a_name_that_is_not_always_set_is_told_with_a_way_on_which_it_is_not() -> None:
    silent = changed(MAIN, ("done: find, no_input: menu", "done: find, no_input: find"))
    assert [p.message for p in problems(main=silent)] == [
        "`account` is not set on the way menu (1) → who (no_input) → find"
    ]


def test_warnings_are_of_what_can_still_be_used() -> None:
    warned = problems(main=changed(MAIN, ("1: who", "1: sorry")))
    assert {problem.severity for problem in warned} == {Severity.WARNING}
    assert {problem.severity for problem in problems(main=changed(MAIN, ("1: who", "1: x")))} == {
        Severity.ERROR
    }


def test_what_is_not_known_is_not_checked() -> None:
    wrong = changed(MAIN, ("main-menu", "man-menu"))
    assert problems(Known(), main=wrong) == ()


def test_a_step_that_cannot_be_read_hides_no_other_mistake_and_makes_no_new_one() -> None:
    broken = changed(MAIN, ("say: {say:", "say: {sya:"), ("0: agent", "0: agnet"))
    loaded = try_load_files({"main.yaml": broken, "finder.yaml": FINDER, **BESIDE})
    assert [problem.code for problem in loaded.problems] == ["IVR208"]
    found = check(loaded.sound, KNOWN, loaded.broken)
    assert [f"{problem.place} {problem.code}" for problem in found] == ["main.yaml:12:12 IVR301"]


ALL_AT_ONCE = """\
flow: main
numbers: ["95500"]
languages: zh
start: aks
on: {error: [sorry], hangup: nobody}
steps:
  ask: {collect: {prompt: which, type: pin, most: 6, into: pin}, on: {done: leak, no_input: ask}}
  leak: {set: {x: "{{ pin }}"}, next: menu}
  menu:
    menu: {prompt: main-menu, choices: {1: nowhere, 2: {gto: leak}}, tires: 2}
    on: {no_input: leak, invalid: leak}
  menu: {queue: {name: srevice, priority: "{{ len(pin) }}"}, on: {served: gone, timeout: leak, full: leak}}
  call: {subflow: {flow: fidner, with: {number: "{{ pin }}"}}, on: {found: leak, lost: leak}}
"""


def test_one_run_tells_everything() -> None:
    files = {"main.yaml": ALL_AT_ONCE, "finder.yaml": FINDER, "bad.yaml": "flow: ["}
    loaded = try_load_files(files)
    found = (*loaded.problems, *check(loaded.sound, KNOWN, loaded.broken))
    assert all(problem.hint for problem in found)
    assert sorted(f"{problem.place} {problem.code}" for problem in found) == sorted(
        [
            "bad.yaml:2:1 IVR101",
            "main.yaml:3:12 IVR206",  # languages
            "main.yaml:4:8 IVR301",  # the start
            "main.yaml:5:13 IVR206",  # a handler
            "main.yaml:7:66 IVR303",  # no edge for invalid
            "main.yaml:8:19 IVR310",  # a secret into a variable
            "main.yaml:10:44 IVR301",  # a choice to nowhere
            "main.yaml:10:57 IVR204",  # gto
            "main.yaml:10:56 IVR205",
            "main.yaml:10:70 IVR204",  # tires
            "main.yaml:12:3 IVR106",  # the second menu
            "main.yaml:12:24 IVR312",  # its queue
            "main.yaml:12:43 IVR310",  # a secret into a priority
            "main.yaml:12:62 IVR303",  # no edge for empty
            "main.yaml:12:62 IVR303",  # nor for closed
            "main.yaml:12:62 IVR303",  # nor for overflow
            "main.yaml:12:75 IVR301",  # an edge to nowhere
            "main.yaml:13:26 IVR305",  # the flow
            "main.yaml:13:49 IVR310",  # a secret into a subflow
        ]
    )


def test_what_could_not_be_read_makes_no_new_mistake() -> None:
    heads = ["languages: zh", "strat: menu", "numbers: 95500", "start: [menu]", "accepts: x"]
    for head in heads:
        key = head.split(":")[0]
        old = next((line for line in MAIN.splitlines() if line.startswith(key)), "steps:")
        new = f"{head}\nsteps:" if old == "steps:" else head
        files = {"main.yaml": changed(MAIN, (old, new)), "finder.yaml": FINDER}
        loaded = try_load_files({**files, **BESIDE})
        assert loaded.flow_set is None
        assert check(loaded.sound, KNOWN, loaded.broken) == (), head
    for old, new in [
        ("accepts: {number: text}", "accepts: {number: txt}"),
        ("returns: {found", "returns: {Found"),
        ("returns", "retruns"),
        ("flow: finder", "flow: [finder]"),
        ("[zh, en]", "zh"),
    ]:
        files = {"main.yaml": MAIN, "finder.yaml": changed(FINDER, (old, new))}
        loaded = try_load_files({**files, **BESIDE})
        assert loaded.flow_set is None
        assert check(loaded.sound, KNOWN, loaded.broken) == (), new


GOING_ON = """\
flow: finder
languages: [zh, en]
start: on
accepts: {number: text}
returns: {found: {balance: text}, lost: {}}
steps:
  on: {goto: {flow: other}}
"""
OTHER = """\
flow: other
languages: [zh, en]
start: back
returns: {found: {balance: text}, lost: {}}
steps:
  back: {branch: {cases: [{when: "{{ known(call.ani) }}", then: no}]}, next: yes}
  yes: {return: {outcome: found, values: {balance: "1"}}}
  no: {return: lost}
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("start: back", "start: back", []),
        ("balance: text", "balance: money", ["finder.yaml:7:21 IVR308", "other.yaml:7:43 IVR308"]),
        (", lost: {}", ", lost: {}, more: {}", ["finder.yaml:7:21 IVR308", "other.yaml:4:45 IVR308"]),
        ("start: back", "start: back\naccepts: {number: text}", ["finder.yaml:7:21 IVR307"]),
        ("{return: lost}", "{subflow: {flow: finder, with: {number: x}}, on: {found: yes, lost: yes}}", ["finder.yaml:7:21 IVR306", "other.yaml:4:35 IVR308"]),
    ],
)  # fmt: skip
def test_a_flow_that_goes_on_in_anothers_stead(old: str, new: str, expected: list[str]) -> None:
    assert told(finder=GOING_ON, other=changed(OTHER, (old, new))) == expected


def test_a_file_that_cannot_be_read_is_no_unknown_flow() -> None:
    damaged = ("finder", "service", "queues", "agents")
    files = {"main.yaml": MAIN, **{f"{name}.yaml": "flow: [" for name in damaged}}
    loaded = try_load_files(files)
    assert loaded.broken == set(damaged)
    assert check(loaded.sound, KNOWN, loaded.broken) == ()


def test_the_demo_flows_have_no_problems() -> None:
    root = Path(__file__).parents[2]
    names = known(Config(), load_catalogue(root / "prompts"))
    assert verified(try_load(root / "flows"), names)[1] == ()


@pytest.mark.proof
def test_countless_unknown_names_are_told_in_no_time() -> None:
    steps = "".join(f"  s{n}: {{say: m{n}, next: q{n}}}\n" for n in range(4000))
    found = told(
        main=f'flow: main\nnumbers: ["1"]\nlanguages: [zh]\nstart: s0\nsteps:\n{steps}',
        finder="",
        service="",
    )
    assert len(found) == 8000


@pytest.mark.proof
def test_a_large_flow_is_checked_in_no_time() -> None:
    steps = "".join(
        f'  s{n}: {{set: {{v{n}: "{{{{ v{n} }}}}"}}, next: s{(n + 1) % 3000}}}\n'
        for n in range(3000)
    )
    large = f'flow: main\nnumbers: ["1"]\nlanguages: [zh]\nstart: s0\nsteps:\n{steps}'
    codes = [line.split()[1] for line in told(main=large, finder="", service="")]
    assert codes == ["IVR318", *["IVR322"] * 3000]
