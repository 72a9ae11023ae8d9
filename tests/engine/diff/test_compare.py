"""What is different between two sets of flows."""

from __future__ import annotations

import pytest

from ivr.adapters.flowfile import load_files
from ivr.centre.traffic import Spot
from ivr.engine.diff.compare import Change, Difference, Kind, compare

MAIN = """\
flow: main
numbers: ["100"]
languages: [zh]
start: menu
on: {error: sorry}
steps:
  menu:
    menu:
      prompt: {1: main-menu, 2: main-menu-short}
      choices: {1: {goto: balance, label: balance}, 2: {goto: transfer, label: transfer}, 0: agent}
    on: {no_input: agent, invalid: agent}
  balance: {balance: {account: "1"}, requires: {auth: 2}, on: {done: end, unavailable: sorry, refused: end}}
  transfer: {say: [transfers, soon], next: vip}
  vip: {branch: {cases: [{when: "{{ customer.segment == 'vip' }}", then: agent}], else: end}}
  agent: {queue: {name: service, timeout: 60s}, on: {served: end, timeout: end, full: end, empty: end, closed: end, overflow: end}}
  sorry: {say: sorry, next: help}
  help: {subflow: help, on: {done: end}}
  end: {hangup: completed}
"""
HELP = """\
flow: help
languages: [zh]
start: tell
returns: {done: {}}
steps: {tell: {say: hint, next: back}, back: {return: done}}
"""
CALENDAR = (
    'calendar: service\nzone: Asia/Shanghai\nweek: {mon-fri: ["09:00-17:00"]}\nholidays: CN\n'
)
GIFT = """\
order: gift
slots:
  amount: {money: {least: "1.00", most: "9.00"}, prompt: how-much, name: the-amount}
limits: [{most: "5.00", say: too-much}]
case: {kind: gift, owner: desk}
read_back: [gift-of, {money: "{{ amount }}"}]
"""
BEFORE = {"gift.yaml": GIFT, "main.yaml": MAIN, "help.yaml": HELP, "service.yaml": CALENDAR}


def difference(*edits: tuple[str, str], **files: str) -> Difference:
    """Compare the flows with themselves after edits of the main flow, or with other files."""
    main = MAIN
    for old, new in edits:
        assert old in main
        main = main.replace(old, new)
    after = {**BEFORE, "main.yaml": main, **{f"{name}.yaml": text for name, text in files.items()}}
    kept = {name: text for name, text in after.items() if text}
    return compare(load_files(BEFORE), load_files(kept))


def told(*edits: tuple[str, str], **files: str) -> set[Change]:
    return set(difference(*edits, **files).changes)


def test_the_same_flows_are_not_different() -> None:
    found = difference()
    assert found.changes == ()
    assert found.steps[Spot("main", "menu")] == Spot("main", "menu")
    assert found.outcomes[Spot("main", "menu")]["2"] == "2"


def test_comments_notes_and_what_is_so_anyway_are_no_difference() -> None:
    assert told(("  sorry: {", "  # why\n  sorry: {note: why, ")) == set()
    assert (
        told(("  agent: {queue: {name: service,", "  agent: {queue: {name: service, priority: 0,"))
        == set()
    )


def test_keys_that_change_places() -> None:
    moved = "2: {goto: balance, label: balance}, 1: {goto: transfer, label: transfer}"
    kept = "1: {goto: balance, label: balance}, 2: {goto: transfer, label: transfer}"
    found = difference((kept, moved))
    assert set(found.changes) == {
        Change(Kind.KEY, "main", "menu", "transfer", "2", "1"),
        Change(Kind.KEY, "main", "menu", "balance", "1", "2"),
    }
    assert found.outcomes[Spot("main", "menu")]["1"] == "2"


def test_what_belongs_to_a_choice_moves_with_its_key() -> None:
    with_condition = MAIN.replace("label: transfer}", "label: transfer, say: transfers}")
    moved = with_condition.replace("2: {goto: transfer", "3: {goto: transfer")
    before, after = ({**BEFORE, "main.yaml": main} for main in (with_condition, moved))
    assert compare(load_files(before), load_files(after)).changes == (
        Change(Kind.KEY, "main", "menu", "transfer", "2", "3"),
    )


def test_of_steps_with_the_same_body_each_is_renamed_once() -> None:
    twins = MAIN.replace("  end: {", "  one: {hangup: twin}\n  two: {hangup: twin}\n  end: {")
    other = twins.replace(" one:", " eins:").replace(" two:", " zwei:")
    before, after = ({**BEFORE, "main.yaml": main} for main in (twins, other))
    assert set(compare(load_files(before), load_files(after)).changes) == {
        Change(Kind.RENAMED, "main", "eins", "step", "one", "eins"),
        Change(Kind.RENAMED, "main", "zwei", "step", "two", "zwei"),
    }


def test_a_choice_that_leads_elsewhere_and_one_that_is_new() -> None:
    assert told(("2: {goto: transfer,", "2: {goto: vip,")) == {
        Change(Kind.EDGE, "main", "menu", "2 transfer", "transfer", "vip")
    }
    assert told(("0: agent}", "0: agent, 3: {goto: end, label: bye}}")) == {
        Change(Kind.EDGE, "main", "menu", "3 bye", "", "end")
    }
    assert told((", 0: agent}", "}")) == {Change(Kind.EDGE, "main", "menu", "0", "agent", "")}


def test_a_choice_that_is_called_otherwise() -> None:
    assert told(("label: transfer", "label: remittance")) == {
        Change(Kind.FIELD, "main", "menu", "choices.2.label", "transfer", "remittance")
    }


def test_an_edge_that_leads_elsewhere() -> None:
    assert told(("no_input: agent", "no_input: end")) == {
        Change(Kind.EDGE, "main", "menu", "no_input", "agent", "end")
    }


def test_prompts_fields_levels_and_verbs() -> None:
    assert told(("1: main-menu,", "1: main-menu-new,")) == {
        Change(Kind.PROMPT, "main", "menu", "prompt.1", "main-menu", "main-menu-new")
    }
    assert told(("[transfers, soon]", "[transfers, later]")) == {
        Change(Kind.PROMPT, "main", "transfer", "prompt", "transfers + soon", "transfers + later")
    }
    assert told(("timeout: 60s", "timeout: 90s")) == {
        Change(Kind.FIELD, "main", "agent", "timeout", "60000", "90000")
    }
    assert told(("auth: 2", "auth: 3")) == {
        Change(Kind.FIELD, "main", "balance", "requires.auth", "2", "3")
    }
    assert told(("sorry: {say: sorry, next: help}", "sorry: {goto: help}")) == {
        Change(Kind.FIELD, "main", "sorry", "verb", "say", "goto")
    }
    (condition,) = told(("== 'vip'", "== 'gold'"))
    assert (condition.kind, condition.what) == (Kind.FIELD, "cases.1.when")


def test_steps_that_come_and_go() -> None:
    assert told(("  end: {", "  bye: {hangup: bye}\n  end: {")) == {
        Change(Kind.ADDED, "main", "bye", "hangup")
    }
    assert told(("  vip: {branch: {cases: [{when: \"{{ customer.segment == 'vip' }}\", then: agent}], else: end}}\n", ""), ("next: vip", "next: end")) == {
        Change(Kind.REMOVED, "main", "vip", "branch"),
        Change(Kind.EDGE, "main", "transfer", "done", "vip", "end"),
    }  # fmt: skip


def test_a_renamed_step_is_one_change() -> None:
    found = difference(
        ("  transfer:", "  remittance:"), ("goto: transfer", "goto: remittance"),
        ("  menu:\n    menu", "  main-menu:\n    menu"), ("start: menu", "start: main-menu"),
    )  # fmt: skip
    assert set(found.changes) == {
        Change(Kind.RENAMED, "main", "remittance", "step", "transfer", "remittance"),
        Change(Kind.RENAMED, "main", "main-menu", "step", "menu", "main-menu"),
    }
    assert found.steps[Spot("main", "remittance")] == Spot("main", "transfer")


def test_a_renamed_flow_is_one_change() -> None:
    found = difference(
        ("subflow: help", "subflow: hints"), help="", hints=HELP.replace("help", "hints")
    )
    assert found.changes == (Change(Kind.RENAMED, "hints", "", "flow", "help", "hints"),)
    assert found.steps[Spot("hints", "tell")] == Spot("help", "tell")


def test_flows_that_come_and_go() -> None:
    assert told(
        ("  help: {subflow: help, on: {done: end}}", "  help: {say: hint, next: end}"), help=""
    ) == {
        Change(Kind.REMOVED, "help", "", "flow"),
        Change(Kind.FIELD, "main", "help", "verb", "subflow", "say"),
    }
    assert told(night="flow: night\nlanguages: [zh]\nstart: end\nsteps: {end: {hangup: x}}\n") == {
        Change(Kind.ADDED, "night", "", "flow")
    }


@pytest.mark.parametrize(
    ("old", "new", "what", "before", "after"),
    [
        ('numbers: ["100"]', 'numbers: ["100", "101"]', "numbers", "100", "100 + 101"),
        ("languages: [zh]", "languages: [zh, en]", "languages", "zh", "zh + en"),
        ("start: menu", "start: agent", "start", "menu", "agent"),
        ("error: sorry", "error: end", "on.error", "sorry", "end"),
    ],
)
def test_the_head_of_a_flow(old: str, new: str, what: str, before: str, after: str) -> None:
    assert told((old, new)) == {Change(Kind.FIELD, "main", "", what, before, after)}


def test_order_types() -> None:
    assert told(gift=GIFT.replace('most: "5.00"', 'most: "6.00"')) == {
        Change(
            Kind.FIELD, "gift", "", "limits.1.most", "{{ money('5.00') }}", "{{ money('6.00') }}"
        )
    }
    assert {one.what for one in told(gift=GIFT.replace('"9.00"', '"8.00"'))} == {
        "slots.amount.money.most"
    }
    assert {one.what for one in told(gift=GIFT.replace("gift-of, ", ""))} >= {"read_back.all.1.say"}
    assert told(gift="") == {Change(Kind.REMOVED, "gift", "", "order type")}


QUEUES = "queues: {desk: {agents: [anyone], max_wait: 10m}}"
AGENTS = "{skills: {loans: level}, agents: {1001: {name: A, skills: {loans: 60}}}}"


def test_queues_and_agents() -> None:
    def changes(**files: str) -> set[Change]:
        before = {**BEFORE, "queues.yaml": QUEUES, "agents.yaml": AGENTS}
        after = {**before, **{f"{name}.yaml": text for name, text in files.items()}}
        return set(compare(load_files(before), load_files(after)).changes)

    assert changes(queues=QUEUES.replace("10m", "20m")) == {
        Change(Kind.FIELD, "desk", "", "max_wait", "600000", "1200000")
    }
    assert changes(queues=QUEUES + "\nfairness: {overtaken: 60s}") == {
        Change(Kind.FIELD, "queues", "", "fairness.overtaken", "90000", "60000")
    }
    assert changes(queues=QUEUES.replace("desk", "loans")) == {
        Change(Kind.REMOVED, "desk", "", "queue"),
        Change(Kind.ADDED, "loans", "", "queue"),
    }
    truth = AGENTS.replace("60", "true").replace("level", "truth")
    assert changes(agents=truth) == {
        Change(Kind.FIELD, "1001", "", "skills.loans", "60", "True"),
        Change(Kind.FIELD, "queues", "", "skills.loans", "level", "truth"),
    }


def test_calendars() -> None:
    assert told(service=CALENDAR.replace("mon-fri", "fri")) == {
        Change(Kind.FIELD, "service", "", f"week.{day}", "09:00-17:00", "closed")
        for day in ("mon", "tue", "wed", "thu")
    }
    (days,) = told(service=CALENDAR + 'exceptions: {"2026-12-31": ["09:00-12:00"]}')
    assert (days.what, days.before, days.after) == ("exceptions.2026-12-31", "", "09:00-12:00")
    holidays = {one.what for one in told(service=CALENDAR.replace("CN", "[]"))}
    assert holidays == {"holidays", "workdays"}
    assert told(service="# hours\n" + CALENDAR) == set()
    assert told(service="") == {Change(Kind.REMOVED, "service", "", "calendar")}
