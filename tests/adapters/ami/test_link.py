"""The parser on bytes: nothing that comes ends it, and what follows is still understood."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.ami.link import Link
from ivr.adapters.ami.messages import AmiMessage

PIECES = (
    *(b"\r", b"\n", b"\r\n", b"\r\n\r\n", b": ", b":", b"Event: X", b"Response: Error"),
    *(b"Response: Follows", b"EventList: start", b"ActionID: a", b"Output: ", b"\0", b"\xff\xe5"),
)
NOISE = st.lists(st.one_of(st.binary(max_size=20), st.sampled_from(PIECES)), max_size=40).map(
    b"".join
)


def started(heard: list[AmiMessage]) -> Link:
    link = Link(heard.append, lambda: None)
    link.connection_made(asyncio.Transport())
    return link


@given(NOISE, st.data())
def test_noise_ends_nothing(noise: bytes, data: st.DataObject) -> None:
    heard: list[AmiMessage] = []
    link = started(heard)
    cut = data.draw(st.integers(0, len(noise)))
    link.data_received(noise[:cut])
    link.data_received(noise[cut:])
    link.data_received(b"\r\n\r\nEvent: Hangup\r\nChannel: PJSIP/1\r\n\r\n")
    assert (heard[-1].name, heard[-1]["Channel"]) == ("Hangup", "PJSIP/1")
    for message in heard:
        assert isinstance(message.name, str)
        assert all(isinstance(value, str) for _, value in message.items())


@pytest.mark.proof
@given(st.lists(st.text(st.characters(exclude_categories=["C", "Z"])), max_size=5), st.data())
def test_cuts_between_reads_change_nothing(values: list[str], data: st.DataObject) -> None:
    stream = "".join(f"Event: E\r\nValue: {value}\r\n\r\n" for value in values).encode()
    heard: list[AmiMessage] = []
    link = started(heard)
    rest = stream
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        link.data_received(rest[:size])
        rest = rest[size:]
    assert [one["Value"] for one in heard] == values


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("1795395882.945626", 1795395882.945626),
        ("", None),
        ("-1.5", None),
        ("nan", None),
        ("1e9.0", None),
    ],
)
def test_an_event_tells_when_it_happened(told: str, moment: float | None) -> None:
    heard: list[AmiMessage] = []
    started(heard).data_received(f"Event: Hangup\r\nTimestamp: {told}\r\n\r\n".encode())
    assert heard[0].moment == moment


def test_an_answer_repeated_in_one_message_is_read_once() -> None:
    heard: list[AmiMessage] = []
    link = started(heard)
    link.data_received(b"Event: A\r\nEvent: B\r\nActionID: 1\r\nActionID: 2\r\n\r\n")
    assert [one.name for one in heard] == ["A"]
