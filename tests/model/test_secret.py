"""A secret shows itself nowhere."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import io
import json
import logging
import pickle
import traceback

import msgspec
import pytest
from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticSerializationError
from rich.console import Console
from rich.pretty import pretty_repr
from rich.traceback import Traceback

from ivr.model.digits import Digits, Gather, Status
from ivr.model.secret import MASK, Secret

PIN = "739146"
PAN = "4111111111111111"


class Held(msgspec.Struct):
    """A run-time value that holds one."""

    pin: Secret


@dataclasses.dataclass
class Kept:
    """A plain class that holds one."""

    pin: Secret


class Written(BaseModel):
    """What pydantic makes of one."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    pin: Secret


def keyed(digits: str) -> Secret:
    """Return a secret as it is captured: key by key."""
    gather = Gather(Digits(len(digits), len(digits)), secret=True)
    status = [gather.press(key) for key in digits][-1]
    assert status is Status.COMPLETE_LEN
    assert gather.secret is not None
    assert set(gather.entry) == {"0"}
    return gather.secret


def test_no_way_of_printing_shows_it() -> None:
    secret = keyed(PIN)
    for shown in (
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret:>20}",
        "%s" % secret,  # noqa: UP031
        repr(Held(secret)),
        repr(Kept(secret)),
        repr(Written(pin=secret)),
        pretty_repr({"pin": secret, "held": Held(secret), "kept": Kept(secret)}),
        repr([secret]),
        ascii({"pin": (secret,)}).encode("ascii").decode("unicode-escape"),
    ):
        assert PIN not in shown
        assert MASK in shown


def test_it_is_not_logged() -> None:
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    log = logging.getLogger("test.secret")
    log.addHandler(handler)
    log.error("%s %r %s", keyed(PIN), Held(keyed(PIN)), {"pin": keyed(PIN)})
    log.removeHandler(handler)
    assert told.getvalue().count(MASK) == 3
    assert PIN not in told.getvalue()


def test_it_cannot_be_serialised_by_accident() -> None:
    secret = keyed(PIN)
    for what, refused in (
        (lambda: json.dumps({"pin": secret}), TypeError),
        (lambda: msgspec.json.encode(Held(secret)), TypeError),
        (lambda: msgspec.to_builtins(Held(secret)), TypeError),
        (lambda: Written(pin=secret).model_dump_json(), PydanticSerializationError),
        (lambda: pickle.dumps(Held(secret)), TypeError),
        (lambda: copy.copy(secret), TypeError),
        (lambda: copy.deepcopy(Kept(secret)), TypeError),
        (lambda: {secret: 1}, TypeError),
    ):
        with pytest.raises(refused) as told:
            what()
        assert PIN not in str(told.value)


class Failed(Exception):
    """What goes wrong while a secret is at hand."""


def fails(pin: Secret, held: Held, many: list[Secret]) -> None:
    everything = (pin, held, many)
    raise Failed(f"it failed for {pin} and {everything}")


def failure() -> Failed:
    with pytest.raises(Failed) as caught:
        fails(keyed(PIN), Held(keyed(PIN)), [keyed(PAN)])
    return caught.value


def test_tracebacks_with_locals_hide_it() -> None:
    error = failure()
    plain = "".join(
        traceback.TracebackException.from_exception(error, capture_locals=True).format()
    )
    console = Console(file=io.StringIO(), width=300)
    console.print(
        Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True)
    )
    assert isinstance(console.file, io.StringIO)
    for shown in (plain, console.file.getvalue()):
        # Both show the frame in which it is a local, and this module's own constants elsewhere.
        frame = shown[shown.index("fails") :]
        assert "everything" in frame
        assert MASK in frame
        assert PIN not in frame
        assert PAN not in frame


async def test_asyncio_in_debug_mode_does_not_tell_it(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.0

    async def check(pin: Secret) -> Secret:
        await asyncio.sleep(0)
        return pin

    with caplog.at_level(logging.DEBUG, "asyncio"):
        task = asyncio.create_task(check(keyed(PIN)))
        shown = repr(task) + repr(task.get_coro())
        await task
        shown += repr(task)
        await asyncio.sleep(0)
    assert "Executing" in caplog.text
    assert MASK in shown
    assert PIN not in shown + caplog.text


def test_it_is_compared_and_wiped_in_place() -> None:
    secret = keyed(PIN)
    assert secret.matches(PIN)
    assert not secret.matches("739147")
    assert not secret.matches("73914")
    assert secret != Secret(PIN)
    assert (len(secret), secret.reveal(), secret.head(2), secret.tail()) == (6, PIN, "73", "9146")
    with memoryview(secret._digits) as memory:
        assert PIN.encode() in bytes(memory)
        secret.wipe()
        assert not any(memory)
    assert (len(secret), secret.reveal()) == (0, "")


def test_its_digits_are_lent_without_a_copy() -> None:
    secret = keyed(PAN)
    with secret.exposed() as digits:
        assert bytes(digits) == PAN.encode()
        assert digits.obj is secret._digits
        assert digits.readonly
        secret.wipe()
        assert not any(digits)
    with pytest.raises(ValueError, match="released"):
        digits[0]


def test_a_twin_is_wiped_by_its_own_owner() -> None:
    secret = keyed(PAN)
    twin = secret.twin()
    secret.wipe()
    assert twin.reveal() == PAN


def test_what_is_no_part_of_an_entry_is_not_captured() -> None:
    gather = Gather(Digits(4, 4), secret=True)
    assert [gather.press(key) for key in "12*"][-1] is Status.CANCELLED
    assert gather.secret is not None
    assert gather.secret.reveal() == "12"


def test_it_holds_no_more_than_an_entry() -> None:
    secret = Secret("1" * 64)
    with pytest.raises(ValueError, match="no more"):
        secret.add("2")
