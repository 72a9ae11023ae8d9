"""What flows write (texts, numbers, lengths) is tried: by callers who key it, and as values that count."""

from __future__ import annotations

import pytest

from ivr.engine.prove import space
from ivr.engine.prove.script import TooLarge
from tests.engine.prove.kit import changed, found, proved

TELL = "tell: {say: hello, next: menu}"


def _asked(condition: str, form: str = "type: digits, least: 4, most: 8") -> tuple[str, str]:
    return TELL, (
        f"tell: {{collect: {{prompt: number, {form}, into: code}}, "
        "on: {done: look, no_input: agent, invalid: agent}}\n"
        f'  look: {{branch: [{{when: "{{{{ {condition} }}}}", then: told}}], next: agent}}\n'
        "  told: {say: hello, next: menu}"
    )


@pytest.mark.proof
@pytest.mark.parametrize(
    "condition",
    [
        "code == '0000'",
        "code == '424242'",
        "starts(code, '99')",
        "contains(code, '777')",
        "last(code, 2) == '21'",
        "code in '11111 222222'",
        "number(code) > 99900000",
        "len(code) == 6",
        "not (code != '0815' and code != '4711')",
    ],
)
def test_callers_key_what_the_flow_compares_with(condition: str) -> None:
    assert found(proved(changed(_asked(condition)))) == {}


@pytest.mark.parametrize("condition", ["code == 500", "code > 9000", "code - 1 == 77"])
def test_callers_key_the_numbers_that_the_flow_compares_with(condition: str) -> None:
    asked = _asked(condition, "type: number, least: 1, most: 4")
    assert found(proved(changed(asked))) == {}


def test_what_no_entry_can_be_is_still_found() -> None:
    assert found(proved(changed(_asked("code == '123'")))) == {"IVR509": ("told", "")}


def test_callers_key_what_a_subflow_compares_under_another_name() -> None:
    check = """\
flow: look
languages: [en]
start: look
accepts: {number: text}
returns: {ok: {}, wrong: {}}
steps:
  look: {branch: [{when: "{{ number == '4711' }}", then: told}], next: not-it}
  told: {return: ok}
  not-it: {return: wrong}
"""
    asked = (
        TELL,
        "tell: {collect: {prompt: number, least: 4, most: 4, into: code}, "
        "on: {done: look, no_input: agent, invalid: agent}}\n"
        '  look: {subflow: {flow: look, with: {number: "{{ code }}"}}, on: {ok: told, wrong: menu}}\n'
        "  told: {say: hello, next: menu}",
    )
    assert found(proved(changed(asked, more={"look.yaml": check}))) == {}


@pytest.mark.parametrize(
    ("first", "step", "last"), [(12, "left - 1", "left == 0"), (0, "left - 1", "left <= -12")]
)
def test_a_counter_counts_as_far_as_it_is_written(first: int, step: str, last: str) -> None:
    """Twelve silent rounds are more than three failures."""
    counted = (
        "choices: {1: tell, 0: agent}}\n    on: {no_input: agent, invalid: agent}",
        "choices: {1: tell}, tries: 1}\n    on: {no_input: count, invalid: count}\n"
        f'  count: {{set: {{left: "{{{{ {step} }}}}"}}, next: enough}}\n'
        f'  enough: {{branch: [{{when: "{{{{ {last} }}}}", then: agent}}], next: menu}}',
    )
    begun = (
        ("start: menu", "start: begin"),
        ("  menu:\n", f"  begin: {{set: {{left: {first}}}, next: menu}}\n  menu:\n"),
    )
    flows = changed(counted, *begun)
    assert list(found(proved(flows, failures=12))) == []
    assert set(found(proved(flows, failures=11, within_ms=999_000))) == {"IVR502"}


def test_what_grows_without_a_bound_ends_with_where_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(space, "MOST_STATES", 100)
    grows = (
        TELL,
        'tell: {set: {said: "{{ said + str(1) }}"}, next: long}\n'
        '  long: {branch: [{when: "{{ len(said) > 4000 }}", then: agent}], next: menu}',
    )
    begun = (
        ("start: menu", "start: begin"),
        ("  menu:\n", '  begin: {set: {said: ""}, next: menu}\n  menu:\n'),
    )
    with pytest.raises(
        TooLarge, match=r"more than 100 states, \d+ of them at main\.\w+: bound what"
    ):
        proved(changed(grows, *begun))
