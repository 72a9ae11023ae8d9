"""What is fuzzed: each takes bytes and states a law. Whatever else is raised is a defect; so is a second's thought.

| target | the law |
|---|---|
| yaml | a flow file is loaded, or told what is wrong with it, each in its place |
| agi | a connection's bytes are messages, or a peer's mistake; where the wire cuts them changes nothing |
| command | an AGI command is one line, or it is refused |
| ami | a manager's bytes are events, whatever they are; where the wire cuts them changes nothing |
| action | an AMI action is one action, or it is refused |
| expression | an expression is computed, or told why not |
| http | a request's body is arguments, or it is refused without repeating it |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import msgspec

from ivr.adapters.agi.encoder import MAX_BYTES, encode
from ivr.adapters.agi.errors import LocalProtocolError, RemoteProtocolError
from ivr.adapters.agi.protocol import Message, Protocol, State
from ivr.adapters.ami.link import MAX_MESSAGE, Link
from ivr.adapters.ami.messages import AmiMessage, Question, headers
from ivr.adapters.flowfile.loader import try_load_files
from ivr.http.methods import Method, methods_of
from ivr.http.problems import without_values
from ivr.http.wire import decode
from ivr.model.errors import EvaluationError, PortError
from ivr.model.expressions import Expression, ParseError
from ivr.model.values import Money
from ivr.ports.bank import Bank
from ivr.ports.dictation import Dictation
from ivr.ports.payments import Payments

_NOTHING = encode("NOOP")


def yaml(data: bytes) -> None:
    """Load a flow file."""
    text = data.decode("utf-8", "surrogateescape")
    found = try_load_files({"main.yaml": text})
    lines = text.count("\n") + text.count("\r") + 1
    for problem in found.problems:
        _hold(1 <= problem.place.line <= lines + 1, f"{problem} is in no line of the file")
    _hold(bool(found.problems) or found.flow_set is not None, "nothing, and no reason")


def agi(data: bytes) -> None:
    """Read a connection twice: a line at a time, and cut as the first bytes say."""
    cuts, stream = data[:8], data[8:]
    lines = stream.splitlines(keepends=True)
    whole = _conversation([line] for line in lines)
    _hold(_conversation(_cut(line, cuts) for line in lines) == whole, "the cuts change it")


def _conversation(pieces: Iterator[Sequence[bytes]]) -> tuple[list[Message], bool]:
    """Return the messages of a connection that sends whenever it may, and whether the peer erred."""
    protocol, messages = Protocol(), list[Message]()
    try:
        for piece in pieces:
            for part in piece:
                messages += protocol.receive(part)
            if protocol.state is State.IDLE:
                protocol.send(_NOTHING)
        protocol.end()
    except RemoteProtocolError:
        return messages, True
    return messages, False


def command(data: bytes) -> None:
    """Encode a command of the bytes' words."""
    words = data.decode("utf-8", "surrogateescape").split("\x1f")
    try:
        line = bytes(encode(*words))
    except LocalProtocolError:
        return
    _hold(line.count(b"\n") == 1 and line.endswith(b"\n"), "more than one line")
    _hold(b"\r" not in line and b"\0" not in line, "a control character")
    _hold(len(line) <= MAX_BYTES, "too long a line")


class _Wire:
    """A transport that nothing leaves by."""

    def abort(self) -> None:
        """End."""


def ami(data: bytes) -> None:
    """Read a manager's bytes twice: whole, and cut as the first bytes say."""
    cuts, stream = data[:8], data[8:]
    _hold(_events([stream]) == _events(_cut(stream, cuts)), "the cuts change it")


def _events(pieces: Sequence[bytes]) -> list[tuple[str, str]]:
    heard: list[AmiMessage] = []
    link = Link(heard.append, lambda: None)
    link.transport, link.responses, link.closed = _Wire(), {}, False
    for piece in pieces:
        link.data_received(piece)
    _hold(sum(map(len, pieces)) > MAX_MESSAGE or not link.closed, "it hung up")
    return [(one.name, one["Uniqueid"]) for one in heard]


def action(data: bytes) -> None:
    """Encode an action of the bytes' fields."""
    parts = data.decode("utf-8", "surrogateescape").split("\x1f")
    fields = dict(zip(parts[::2], parts[1::2], strict=False))
    try:
        sent = Question("Redirect", "0" * 32, headers(fields)).encode()
    except PortError:
        return
    _hold(sent.endswith(b"\r\n\r\n") and sent.count(b"\r\n\r\n") == 1, "more than one action")
    lines = sent[:-4].split(b"\r\n")
    _hold(all(line.find(b": ") > 0 for line in lines), "a line that is no header")
    _hold(sum(line.lower().startswith(b"action:") for line in lines) == 1, "another action")


_SCOPE: Mapping[str, Any] = {
    "balance": Money.of("1234.50"),
    "amount": Money.of("0.01"),
    "what": "pay",
    "number": "6222021001",
    "tries": 3,
    "done": True,
    "day": date(2026, 11, 23),
    "customer.segment": "vip",
    "customer.products": ("fund", "deposit"),
    "nothing": None,
}


def expression(data: bytes) -> None:
    """Read an expression and compute it."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        read = Expression("{{" + text + "}}")
        read.evaluate(_SCOPE)
    except (ParseError, EvaluationError):
        return


def http(data: bytes) -> None:
    """Take a request's body for one of the operations."""
    if not data:
        return
    methods = _methods()
    method = methods[data[0] % len(methods)]
    try:
        method.arguments(decode(data[1:], method.request))
    except msgspec.ValidationError as error:
        said = without_values(str(error))
        _hold(len(said) < 1_000, "the refusal repeats what was sent")
    except msgspec.DecodeError:
        return


@cache
def _methods() -> tuple[Method, ...]:
    served = {"bank": Bank, "payments": Payments, "dictation": Dictation}
    return tuple(one for name, kind in served.items() for one in methods_of(name, kind).values())


def _cut(stream: bytes, cuts: bytes) -> list[bytes]:
    """Return a stream in pieces, whose lengths the cuts tell in turn."""
    pieces, start = [], 0
    for cut in cuts:
        pieces.append(stream[start : start + cut])
        start += cut
    return [*(piece for piece in pieces if piece), stream[start:]]


def _hold(held: bool, problem: str) -> None:
    """Raise AssertionError unless a law holds; also where Python leaves out `assert`."""
    if not held:
        raise AssertionError(problem)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    one.__name__: one for one in (yaml, agi, command, ami, action, expression, http)
}
