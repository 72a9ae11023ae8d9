"""The AGI protocol: any bytes, split anyhow, never crash it and never shift a reply."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ivr.adapters.agi.encoder import encode
from ivr.adapters.agi.environment import MAX_BYTES, Environment
from ivr.adapters.agi.errors import LocalProtocolError, RemoteProtocolError
from ivr.adapters.agi.protocol import (
    CUT,
    MAX_LINE,
    MAX_USAGE_LINES,
    TRANSITIONS,
    Hangup,
    Message,
    Protocol,
    Reply,
    Signal,
    State,
)
from tests.adapters.agi.peer import environment

NOOP = encode("NOOP")
USAGE = (
    b"520-Invalid command syntax.  Proper usage follows:\n"
    b" Usage: GET VARIABLE <variablename>\n   Returns 0 if it is not set.\n\n"
    b"520 End of proper usage.\n"
)


def idle() -> Protocol:
    protocol = Protocol()
    protocol.receive(environment())
    return protocol


def cutting() -> Protocol:
    protocol = waiting()
    protocol.cut(NOOP)
    return protocol


def waiting() -> Protocol:
    protocol = idle()
    protocol.send(NOOP)
    return protocol


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("200 result=0", Reply(200, "0")),
        ("200 result=53", Reply(200, "53")),
        ("200 result=-1 endpos=0", Reply(200, "-1")),
        ("200 result=53 endpos=1600", Reply(200, "53", endpos=1600)),
        ("200 result=0 (timeout) endpos=8000", Reply(200, "0", "timeout", 8000)),
        ("200 result=-1 (hangup) endpos=320", Reply(200, "-1", "hangup", 320)),
        ("200 result= (timeout)", Reply(200, "", "timeout")),
        ("200 result=1 (ANSWER)", Reply(200, "1", "ANSWER")),
        ("200 result=1 ()", Reply(200, "1", "")),
        ("200 result=1 (a) endpos=5)", Reply(200, "1", "a) endpos=5")),
        ("200 result=1 (hangup)", Reply(200, "1", "hangup")),
        ("200 result=1 (钱)\r", Reply(200, "1", "钱")),
        ("510 Invalid or unknown command", Reply(510, data="Invalid or unknown command")),
        (
            "511 Command Not Permitted on a dead channel",
            Reply(511, data="Command Not Permitted on a dead channel"),
        ),
        ("520 Invalid command syntax.", Reply(520, data="Invalid command syntax.")),
    ],
)
def test_every_kind_of_reply(line: str, reply: Reply) -> None:
    protocol = waiting()
    assert protocol.receive(line.encode() + b"\n") == [reply]
    assert protocol.state is State.IDLE


def test_a_usage_reply_of_several_lines_is_one_reply() -> None:
    protocol = waiting()
    assert protocol.receive(USAGE) == [Reply(520, data="usage")]
    protocol.send(NOOP)
    assert protocol.receive(b"200 result=7\n") == [Reply(200, "7")]


def test_trying_is_no_reply() -> None:
    assert waiting().receive(b"100 Trying...\n200 result=0\n") == [Reply(200, "0")]


def test_a_hangup_before_the_answer_is_not_the_answer() -> None:
    protocol = waiting()
    assert protocol.receive(b"HANGUP\n") == [Hangup()]
    assert protocol.hung_up
    assert protocol.receive(b"511 Command Not Permitted\n") == [
        Reply(511, data="Command Not Permitted")
    ]


def test_a_second_hangup_says_nothing_new() -> None:
    assert idle().receive(b"HANGUP\nHANGUP\n") == [Hangup()]


def test_a_hangup_within_a_usage_text_is_seen() -> None:
    assert waiting().receive(b"520-Invalid\nHANGUP\n520 End\n") == [
        Hangup(),
        Reply(520, data="usage"),
    ]


def test_the_call_goes_on_speaking_after_a_hangup() -> None:
    protocol = idle()
    protocol.receive(b"HANGUP\n")
    protocol.send(NOOP)
    assert protocol.receive(b"200 result=1 (x)\n") == [Reply(200, "1", "x")]


@pytest.mark.parametrize(
    "line",
    [b"200 result=0\n", b"\n", b"agi_extension: 1\n", b"511 x\n", b"100 Trying\n", b"520-Usage\n"],
)
def test_a_line_that_nothing_asked_for_is_refused(line: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        idle().receive(line)


@pytest.mark.parametrize(
    "line", [b"\n", b"hello\n", b"200\n", b"200 ok\n", b"hangup\n", b"510-a\n"]
)
def test_a_line_that_is_no_reply_is_refused(line: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        waiting().receive(line)


def test_commands_are_never_pipelined() -> None:
    with pytest.raises(LocalProtocolError):
        waiting().send(NOOP)
    with pytest.raises(LocalProtocolError):
        Protocol().send(NOOP)


def test_nothing_is_sent_after_the_end() -> None:
    protocol = idle()
    protocol.end()
    protocol.end()
    with pytest.raises(LocalProtocolError):
        protocol.send(NOOP)


def test_what_is_read_is_bounded() -> None:
    with pytest.raises(RemoteProtocolError):
        Protocol().receive(b"agi_x: " + b"x" * MAX_BYTES)
    with pytest.raises(RemoteProtocolError):
        waiting().receive(b"2" * (MAX_LINE + 1))
    with pytest.raises(RemoteProtocolError):
        waiting().receive(b"200 result=" + b"2" * MAX_LINE + b"\n")
    with pytest.raises(RemoteProtocolError):
        waiting().receive(b"520-Usage\n" + b"x\n" * (MAX_USAGE_LINES + 1))


def test_the_table_names_every_state_and_only_the_end_closes() -> None:
    assert set(TRANSITIONS) == set(State)
    for signals in TRANSITIONS.values():
        assert signals[Signal.END] is State.CLOSED
        assert all(
            to is not State.CLOSED for signal, to in signals.items() if signal is not Signal.END
        )


def feed(protocol: Protocol, pieces: list[bytes]) -> list[Message | str]:
    """All messages, and the word "refused" if the peer was cut off."""
    heard: list[Message | str] = []
    for piece in pieces:
        try:
            heard.extend(protocol.receive(piece))
        except RemoteProtocolError:
            return [*heard, "refused"]
    return heard


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in pairwise(edges)]


CUTS = st.lists(st.integers(min_value=0, max_value=2000), max_size=40)
LINES = st.sampled_from(
    [b"HANGUP\n", b"200 result=0\n", b"200 result=1 (a\xff)\n", b"511 dead\n", b"520 End\n", b"520-Us\n",
     b"100 Trying\n", b"\n", b"x\n", b"200 result=53 endpos=160\n"]
)  # fmt: skip


@given(CUTS, st.lists(LINES, max_size=6))
def test_where_a_read_is_cut_changes_nothing(places: list[int], lines: list[bytes]) -> None:
    data = environment() + b"".join(lines)
    whole, pieces = Protocol(), Protocol()
    expected, heard = feed(whole, [data]), feed(pieces, cut(data, places))
    # What came before the offence in the same read is not delivered, but the offence always is.
    assert heard[-1:] == ["refused"] if "refused" in expected else heard == expected


@given(st.lists(st.one_of(LINES, st.binary(max_size=30)), max_size=8), CUTS)
@example([b"520-", b"HANGUP\n"], [])
def test_any_bytes_for_a_reply_give_at_most_one_reply(
    parts: list[bytes], places: list[int]
) -> None:
    heard = feed(waiting(), cut(b"".join(parts), places))
    assert sum(type(message) is Reply for message in heard) <= 1
    assert sum(type(message) is Hangup for message in heard) <= 1
    assert not any(type(message) is Environment for message in heard)


@given(st.binary(max_size=600), CUTS)
def test_any_bytes_for_an_environment_do_no_harm(data: bytes, places: list[int]) -> None:
    heard = feed(Protocol(), cut(data, places))
    assert len(heard) <= 1 or heard[0] == "refused" or isinstance(heard[0], Environment)


@given(
    st.lists(
        st.tuples(st.integers(0, 999), st.lists(st.just(b"HANGUP\n"), max_size=2), CUTS), max_size=8
    )
)
def test_each_reply_belongs_to_its_command(
    script: list[tuple[int, list[bytes], list[int]]],
) -> None:
    protocol = idle()
    for number, hangups, places in script:
        protocol.send(NOOP)
        data = b"".join(hangups) + b"200 result=%d\n" % number
        replies = [m for m in feed(protocol, cut(data, places)) if type(m) is Reply]
        assert replies == [Reply(200, str(number))]


def test_what_is_cut_short_has_one_reply() -> None:
    protocol = cutting()
    assert protocol.receive(b"200 result=0\n") == [Reply(200, CUT)]
    assert protocol.state is State.IDLE


@pytest.mark.parametrize("key", ["0", "53", "-1"])
def test_what_was_over_before_it_was_cut_says_how_and_nobody_wants_the_other_reply(
    key: str,
) -> None:
    protocol = cutting()
    over = f"200 result={key} endpos=1600\n".encode()
    assert protocol.receive(over + b"200 result=0\n") == [Reply(200, key, endpos=1600)]
    assert protocol.state is State.IDLE


def test_the_reply_that_nobody_wants_may_come_with_the_next_commands() -> None:
    protocol = cutting()
    assert protocol.receive(b"200 result=0 endpos=8\n") == [Reply(200, "0", endpos=8)]
    protocol.send(NOOP)
    assert protocol.receive(b"200 result=0\n") == []
    assert protocol.receive(b"200 result=1 (ANSWER)\n") == [Reply(200, "1", "ANSWER")]
    assert protocol.state is State.IDLE


def test_a_dead_channel_is_told_once_although_it_was_cut() -> None:
    protocol = cutting()
    said = protocol.receive(b"511 Command Not Permitted on a dead channel\nHANGUP\n200 result=0\n")
    assert [type(one) for one in said] == [Reply, Hangup]
    assert protocol.state is State.IDLE


@pytest.mark.parametrize("protocol", [idle(), cutting()])
def test_only_what_is_pending_can_be_cut_and_once(protocol: Protocol) -> None:
    with pytest.raises(LocalProtocolError, match="cut"):
        protocol.cut(NOOP)
