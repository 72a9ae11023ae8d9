"""Flows that are right in ways that a check could take for wrong: nothing is told of them."""

from __future__ import annotations

import pytest

from tests.broken.kit import BASE, told

MAIN, BRANCH, MESSAGE = "flows/main.yaml", "flows/branch.yaml", "flows/message.yaml"
ZH, EN = "prompts/zh.yaml", "prompts/en.yaml"

RIGHT = [
    # set on every way, or asked for
    (MAIN, "tellings: 0}", "tellings: 0, seen: \"{{ reached if known(reached) else 0 }}\"}"),
    (MAIN, "{{ tellings >= 3 }}", "{{ known(reached) and reached == balance }}"),
    (MAIN, "{{ tellings >= 3 }}", "{{ not known(opens) or tellings > 2 }}"),
    (MAIN, "on: {done: look-up, no_input: menu", "on: {error: unavailable, done: look-up, no_input: menu"),
    (MAIN, "on: {found: say-hours, lost: unavailable}", "on: {found: say-hours, lost: unavailable, error: sorry}"),
    (MAIN, "next: say-balance}", "next: no-hours}\n  no-hours: {branch: [{when: \"{{ known(opens) and known(closes) }}\", then: say-hours}], next: say-balance}"),
    (MAIN, "priority: \"{{ 10 if call.auth >= 2 else 0 }}\"", "priority: \"{{ 10 if known(customer.segment) and customer.segment == 'vip' else 0 }}\""),
    (MAIN, "unavailable: {say: bank-unavailable, next: agent-hours}", "unavailable: {say: [bank-unavailable, {digits: \"{{ customer.account }}\"}], requires: {auth: 2}, on: {done: agent-hours, refused: menu}}"),
    # types that fit
    (MAIN, "balance > money('10000')", "balance * 2 > money(10000) - balance"),
    (MAIN, "{{ tellings >= 3 }}", "{{ str(tellings) + first(tier, 2) in ('3go', '4pl') }}"),
    (MAIN, "{{ tellings >= 3 }}", "{{ call.ani == none or len(call.ani) < number('5') }}"),
    (MAIN, '{money: "{{ balance }}"}', '{money: "{{ str(tellings) }}"}'),
    (MAIN, '{money: "{{ balance }}"}', '{digits: "{{ tellings }}"}, {duration: "{{ tellings }}"}'),
    (MAIN, 'reader: main}', 'reader: "{{ tier if known(tier) else call.id }}"}'),
    (MAIN, "tellings: 0}", "tellings: 0, mixed: 1}\n    next: mix\n  mix:\n    set: {mixed: \"{{ tier if tellings > 1 else mixed }}\"}"),
    (BRANCH, 'closes: "{{ closes }}"', 'closes: "{{ last(closes, 5) }}"'),
    # rounds that wait, or count
    (MAIN, "    next: again\n", "    next: round\n  round: {branch: [{when: \"{{ tellings > 2 }}\", then: again}], next: say-balance}\n"),
    (MAIN, "closed: {say: agents-closed, next: call-back}", "closed: {say: agents-closed, next: listen}\n  listen: {subflow: message, on: {done: agent-hours}}"),
    (MAIN, "unavailable: {say: bank-unavailable, next: agent-hours}", "unavailable: {say: bank-unavailable, next: menu}"),
    (MESSAGE, "nothing: {say: nothing-recorded, next: done}", "nothing: {say: nothing-recorded, next: listen}"),
    # keys and what is said of them
    (MAIN, "      prompt: again-or-menu", "      prompt: again-or-menu\n      repeat: \"\""),
    (MAIN, "on: {no_input: agent-hours, invalid: agent-hours}", "on: {no_input: agent-hours, invalid: agent-hours, back: language}"),
    (MESSAGE, "into: message", "into: spinning"),
    (MAIN, "most: 3, into: number}", "most: 3, timeout: 2s, interdigit: 2s, into: number}"),
    (BRANCH, "shut: {say: branch-shut, next: lost}", "shut: {menu: {prompt: again-or-menu, choices: {1: look-up, 2: look-up, 0: lost, \"#\": lost}}, on: {no_input: lost, invalid: lost}}"),
    (ZH, "查询余额请按一", "查询余额，请按一"),
    (ZH, "人工服务请按零，重听", "如需人工服务，请按零转接，重听"),
    (EN, "For branch hours, press two.", "If you want to hear branch hours, please press 2 now."),
    (EN, "invalid-choice: Sorry, that is not one of the choices.", "invalid-choice: Sorry, press one of the keys that you hear."),
    (ZH, "welcome: 欢迎致电一通银行。", "welcome: 欢迎致电一通银行，您的通话可能会被录音。"),
    ("flows/service.yaml", "holidays: CN", "holidays: []"),
    ("flows/service.yaml", "holidays: CN", "exceptions: {\"2027-01-01\": closed}"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new"), RIGHT)
def test_nothing_is_told(file: str, old: str, new: str) -> None:
    assert BASE[file].count(old) == 1
    assert [str(one) for one in told({**BASE, file: BASE[file].replace(old, new)})] == []
