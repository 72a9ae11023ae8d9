"""Reading scripted callers."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.adapters.sim.callers import (
    MAX_BYTES,
    CallerFileError,
    dump_caller,
    load_caller,
    parse_caller,
)


def test_a_caller_is_read(tmp_path: Path) -> None:
    file = tmp_path / "caller.yaml"
    file.write_text("caller: me\ncalls: '95500'\nat: 2026-11-23T10:00:00\nscript: [hangs_up]\n")
    caller = load_caller(file)
    assert caller.calls == "95500"
    assert caller.at is not None
    assert caller.at.hour == 10


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"caller: [", "x: not YAML"),
        (b"", "x: not a scripted caller: write"),
        (b"- a\n", "x: not a scripted caller: write"),
        (b"[" * 63_000, "x: not YAML"),
        (b"caller: me\ncalls: '1'\ncalls: '2'\n", "the key 'calls' stands here twice"),
        (b"caller: me\ncalls: '1'\n[a]: '2'\n", "x: not YAML"),
        (b"caller: me\n", "x: calls: Field required"),
        (b"caller: me\ncalls: 95500\n", "x: calls: "),
        (
            b"caller: me\ncalls: '1'\nscript: [{hears: a}, {press: '1'}]\n",
            "x: script.2: an action is",
        ),
        (
            b"caller: me\ncalls: '1'\nfaults: {bank: {delay: 2}}\n",
            "x: faults.bank.delay: a duration without",
        ),
        (b"caller: me\ncalls: '1'\nscript: [{waits: 2}]\n", '(write "2s", "2ms" or "2m")'),
        (b"caller: me\ncalls: '1'\nscript: [{presses: 1}]\n", "presses: keys are a text"),
        (b"\xff\xfe\x00", "x: not YAML"),
        (b"a" * (MAX_BYTES + 1), "x: larger than"),
    ],
)
def test_what_cannot_be_used_says_why(text: bytes, problem: str) -> None:
    with pytest.raises(CallerFileError, match=r".*") as raised:
        parse_caller(text, "x")
    assert problem in str(raised.value)


def test_every_problem_is_told_at_once() -> None:
    text = b"caller: me\nscript: [{presses: 1}, {waits: 3}]\nsurprise: yes\n"
    with pytest.raises(CallerFileError) as raised:
        parse_caller(text, "x")
    assert len(str(raised.value).splitlines()) == 4


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CallerFileError, match="cannot be read"):
        load_caller(tmp_path / "nobody.yaml")


def test_a_caller_is_written_as_it_is_read() -> None:
    caller = parse_caller(
        b"""
caller: somebody
calls: "95500"
at: 2026-11-23T10:00:00
faults: {bank: {fails: true, well: 2}}
people: {service: {after: 1s, talks: 2s}}
script:
  - hears: welcome
  - presses: "1#"
  - waits: 1500ms
  - {says: a message, takes: 2s}
  - hangs_up
expects: {not_entered: [main.end]}
""",
        "a",
    )
    assert parse_caller(dump_caller(caller).encode(), "b") == caller
