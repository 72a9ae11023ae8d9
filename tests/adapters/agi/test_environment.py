"""The environment: hostile until proven otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.agi.environment import MAX_LINES, parse_environment
from ivr.adapters.agi.errors import RemoteProtocolError
from tests.adapters.agi.peer import environment

CONTROLS = [chr(code) for code in (*range(1, 32), 127, 0x85, 0x2028) if chr(code) != "\n"]


def block(**changed: bytes | str) -> bytes:
    return environment(**changed).removesuffix(b"\n\n")  # type: ignore[arg-type]


def test_what_asterisk_sends_is_read() -> None:
    call = parse_environment(block(request="agi://127.0.0.1:4573/call?flow=main&at=hq"))
    assert call.uniqueid == "1763788000.1"
    assert call.channel == "PJSIP/caller-00000001"
    assert (call.script, call.query) == ("call", {"flow": "main", "at": "hq"})
    assert (call.callerid, call.calleridname) == ("13800001111", "Zhang San")
    assert (call.dnid, call.rdnis) == ("95500", "")
    assert (call.context, call.extension, call.language) == ("onecall", "95500", "en")
    assert call.arguments == ()


def test_arguments_come_in_order_after_asterisks_own_lines() -> None:
    assert parse_environment(block(arg_1="main", arg_2="")).arguments == ("main", "")


def test_a_withheld_number_is_anonymous() -> None:
    call = parse_environment(block(callerid="unknown", calleridname="unknown"))
    assert (call.callerid, call.calleridname) == ("", "")


def test_a_name_that_is_no_utf8_is_replaced() -> None:
    assert parse_environment(block(calleridname=b"Jos\xe9")).calleridname == "Jos�"


@pytest.mark.parametrize("control", CONTROLS, ids=lambda c: f"U+{ord(c):04X}")
def test_a_dirty_value_is_emptied(control: str) -> None:
    call = parse_environment(block(calleridname=f"a{control}b", callerid=f"1{control}2"))
    assert (call.calleridname, call.callerid) == ("", "")


@pytest.mark.parametrize("number", ["12;13", "+", "sip:1@x", "1" * 33, "１２"])
def test_a_number_that_is_none_is_anonymous(number: str) -> None:
    assert parse_environment(block(callerid=number)).callerid == ""


def test_a_line_break_hidden_in_the_url_is_emptied() -> None:
    call = parse_environment(block(request="agi://h/call?flow=ma%0Ain&flow=other"))
    assert call.query == {"flow": ""}


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param("agi_extension: 0", id="a later key"),
        pytest.param("agi_uniqueid: 1.1", id="an earlier key"),
        pytest.param("agi_arg_1: main", id="an argument"),
        pytest.param("agi_threadid: 1\nagi_arg_1: main", id="an argument and the last key"),
        pytest.param("anything", id="no variable"),
        pytest.param("", id="an empty line"),
    ],
)
def test_lines_smuggled_in_by_a_value_refuse_the_call(forged: str) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_environment(block(calleridname=f"a\n{forged}"))


@pytest.mark.parametrize(
    "changed",
    [
        {"uniqueid": ""},
        {"uniqueid": "../../x"},
        {"channel": ""},
        {"channel": "PJSIP/\x1b"},
    ],
    ids=str,
)
def test_a_call_without_a_usable_id_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_environment(block(**changed))


def test_too_many_lines_are_refused() -> None:
    many = {f"x{n}": "1" for n in range(MAX_LINES)}
    with pytest.raises(RemoteProtocolError):
        parse_environment(block(**many))


@given(st.binary(max_size=400))
def test_any_caller_name_is_printable_or_refused(name: bytes) -> None:
    try:
        call = parse_environment(block(calleridname=name))
    except RemoteProtocolError:
        assert b"\n" in name
        return
    assert call.calleridname.isprintable()
    assert call.extension == "95500"
