"""What keeps a secure window shut, and what happens in an open one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from ivr.adapters.window.closed import ClosedWindow
from ivr.adapters.window.granting import GrantingWindow
from ivr.adapters.window.secure import SecureWindow, Silence
from ivr.model.errors import PortError
from ivr.ports.switch import ChannelInfo, Listening, OnListening, Unconfirmed

CALLER = ChannelInfo("PJSIP/trunk-1", "1.1", "1.1", "Up", "engine", "95500", "AGI")
AGENT = ChannelInfo("PJSIP/agent-2", "1.2", "1.1", "Up", "held", "s", "MusicOnHold")
OTHER = ChannelInfo("PJSIP/trunk-9", "9.9", "9.9", "Up", "engine", "95500", "AGI")


class Exchange:
    """Switch and Recorders in one: `recorded` channels have a recorder, which is muted or not."""

    def __init__(self, *channels: ChannelInfo, recorded: tuple[str, ...] = ()) -> None:
        self.channels = channels
        self.muted = dict.fromkeys(recorded, False)
        self.failing = False
        self.hung_up: list[str] = []
        self.acted = asyncio.Event()
        self.told: OnListening = lambda what, channel, listener: None

    async def core_channels(self) -> tuple[ChannelInfo, ...]:
        return self.channels

    async def hang_up(self, channel: str) -> None:
        self.hung_up.append(channel)
        self.acted.set()

    async def getvar(self, channel: str, name: str) -> str:
        raise NotImplementedError

    async def redirect(self, channel: str, context: str, exten: str, priority: int = 1) -> None:
        raise NotImplementedError

    async def mute(self, channel: str, *, on: bool) -> bool:
        if self.failing:
            raise PortError("ami", "no event came")
        if channel in self.muted:
            self.muted[channel] = on
        self.acted.set()
        return channel in self.muted

    async def stop(self, channel: str) -> bool:
        return self.muted.pop(channel, None) is not None

    def watch(self, told: OnListening) -> None:
        self.told = told


async def nothing_found() -> str:
    return ""


def window(exchange: Exchange, preflight: Callable[..., object] = nothing_found) -> SecureWindow:
    return SecureWindow(exchange, exchange, preflight, Silence.MUTE)  # type: ignore[arg-type]


async def test_every_leg_is_muted_and_only_what_recorded_sounds_again() -> None:
    exchange = Exchange(CALLER, AGENT, OTHER, recorded=("1.1", "1.2", "9.9"))
    secure = window(exchange)
    assert (await secure.open("1.1")).open
    assert exchange.muted == {"1.1": True, "1.2": True, "9.9": False}
    await secure.close("1.1")
    assert exchange.muted == {"1.1": False, "1.2": False, "9.9": False}
    await secure.close("1.1")


async def refused(exchange: Exchange, reason: str) -> None:
    opened = await window(exchange).open("1.1")
    assert not opened.open
    assert reason in opened.problem


async def test_it_stays_shut_when_somebody_could_hear() -> None:
    def joined(bridge: str) -> ChannelInfo:
        return ChannelInfo("PJSIP/trunk-1", "1.1", "1.1", "Up", "e", "9", "Queue", "", bridge)

    def spy(application: str, data: str, name: str = "PJSIP/boss-3") -> ChannelInfo:
        return ChannelInfo(name, "3.3", "3.3", "Up", "spies", "1", application, data)

    await refused(Exchange(joined("b-1")), "joined with somebody")
    await refused(Exchange(OTHER), "no such channel")
    for data in ("PJSIP/trunk-1,q", "pjsip/trunk", "PJSIP/agent,qb", "PJSIP", ",q", ""):
        await refused(Exchange(CALLER, AGENT, spy("ChanSpy", data)), "listens to the call")
    await refused(Exchange(CALLER, spy("ExtenSpy", "95500@engine")), "listens to the call")
    await refused(Exchange(CALLER, spy("Stasis", "", "Snoop/1.1-00000001")), "listens to the call")
    for elsewhere in (spy("ChanSpy", "PJSIP/trunk-9"), spy("Stasis", "", "Snoop/9.9-00000001")):
        assert (await window(Exchange(CALLER, OTHER, elsewhere)).open("1.1")).open


async def test_it_stays_shut_when_the_preflight_finds_anything() -> None:
    async def found() -> str:
        return "preflight: PCI211: the log keys has the levels dtmf"

    exchange = Exchange(CALLER, recorded=("1.1",))
    opened = await window(exchange, found).open("1.1")
    assert (opened.open, opened.problem) == (False, await found())
    assert exchange.muted == {"1.1": False}


async def test_what_was_muted_before_it_failed_is_given_back() -> None:
    class Half(Exchange):
        async def mute(self, channel: str, *, on: bool) -> bool:
            muted = await super().mute(channel, on=on)
            if channel == "1.2" and on:
                raise PortError("ami", "no event came")
            return muted

    exchange = Half(CALLER, AGENT, recorded=("1.1", "1.2"))
    await refused(exchange, "no event came")
    while any(exchange.muted.values()):
        exchange.acted.clear()
        await exchange.acted.wait()


async def test_what_was_muted_for_somebody_who_waits_no_more_is_given_back() -> None:
    class Slow(Exchange):
        async def mute(self, channel: str, *, on: bool) -> bool:
            if channel == "1.2" and on:
                await asyncio.Event().wait()
            return await super().mute(channel, on=on)

    exchange = Slow(CALLER, AGENT, recorded=("1.1", "1.2"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await window(exchange).open("1.1")
    assert exchange.muted["1.1"]
    while any(exchange.muted.values()):
        exchange.acted.clear()
        await exchange.acted.wait()


async def test_what_begins_inside_is_silenced_or_hung_up() -> None:
    exchange = Exchange(CALLER, AGENT)
    secure = window(exchange)
    assert (await secure.open("1.1")).open
    exchange.muted["1.2"] = False
    exchange.acted.clear()
    exchange.told(Listening.RECORDER, "1.2", "")
    await exchange.acted.wait()
    assert exchange.muted == {"1.2": True}
    exchange.acted.clear()
    exchange.told(Listening.SPY, "1.1", "3.3")
    await exchange.acted.wait()
    assert exchange.hung_up == ["3.3"]
    await secure.close("1.1")
    assert exchange.muted == {"1.2": False}
    exchange.told(Listening.SPY, "1.1", "4.4")
    await asyncio.sleep(0)
    assert exchange.hung_up == ["3.3"]


async def test_what_began_in_a_window_that_closes_sounds_again() -> None:
    exchange = Exchange(CALLER)
    secure = window(exchange)
    assert (await secure.open("1.1")).open
    exchange.muted["1.1"] = False
    exchange.told(Listening.RECORDER, "1.1", "")
    await secure.close("1.1")
    exchange.acted.clear()
    await exchange.acted.wait()
    await asyncio.sleep(0)
    assert exchange.muted == {"1.1": False}


async def test_a_call_that_cannot_be_kept_from_being_heard_ends() -> None:
    exchange = Exchange(CALLER)
    secure = window(exchange)
    assert (await secure.open("1.1")).open
    exchange.acted.clear()
    exchange.failing = True
    exchange.told(Listening.RECORDER, "1.1", "")
    await exchange.acted.wait()
    assert exchange.hung_up == ["1.1"]


async def test_nothing_is_done_for_a_channel_that_is_gone() -> None:
    exchange = Exchange(CALLER, recorded=("1.1",))
    secure = window(exchange)
    assert (await secure.open("1.1")).open
    exchange.told(Listening.GONE, "1.1", "")
    exchange.failing = True
    await secure.close("1.1")


async def test_windows_where_nothing_can_be_known_or_nothing_listens() -> None:
    assert not (await ClosedWindow("why").open("1.1")).open
    assert (await ClosedWindow("why").open("1.1")).problem == "why"
    assert (await GrantingWindow().open("1.1")).open


def quiet(exchange: Exchange, *, recording: bool = False) -> SecureWindow:
    return SecureWindow(exchange, exchange, nothing_found, Silence.MUTE, lambda: recording)


async def test_a_pin_is_keyed_while_what_records_the_caller_is_silent() -> None:
    exchange = Exchange(CALLER, recorded=("1.1",))
    secure = quiet(exchange)
    assert (await secure.hush("1.1")).open
    assert exchange.muted == {"1.1": True}
    await secure.unhush("1.1")
    assert exchange.muted == {"1.1": False}


async def test_a_recorder_that_begins_while_a_pin_is_keyed_is_silenced() -> None:
    exchange = Exchange(CALLER)
    secure = quiet(exchange)
    assert (await secure.hush("1.1")).open
    exchange.muted["1.1"] = False
    exchange.acted.clear()
    exchange.told(Listening.RECORDER, "1.1", "")
    await exchange.acted.wait()
    assert exchange.muted == {"1.1": True}


async def test_in_a_window_a_secret_changes_nothing() -> None:
    exchange = Exchange(CALLER, recorded=("1.1",))
    secure = quiet(exchange)
    assert (await secure.open("1.1")).open
    assert (await secure.hush("1.1")).open
    await secure.unhush("1.1")
    assert exchange.muted == {"1.1": True}


@pytest.mark.parametrize(
    ("recording", "known", "asked"),
    [(False, False, True), (True, False, False), (False, True, False)],
)
async def test_without_an_answer_a_pin_is_keyed_only_where_nothing_is_known_to_record(
    recording: bool, known: bool, asked: bool
) -> None:
    exchange = Exchange(CALLER)
    secure = quiet(exchange, recording=recording)
    if known:
        exchange.told(Listening.RECORDER, "1.1", "")
    exchange.failing = True
    assert (await secure.hush("1.1")).open is asked


async def test_a_recorder_that_does_not_say_that_it_is_silent_keeps_a_pin_from_being_keyed() -> (
    None
):
    class Silent(Exchange):
        async def mute(self, channel: str, *, on: bool) -> bool:
            raise Unconfirmed("ami", "no event")

    opened = await quiet(Silent(CALLER)).hush("1.1")
    assert not opened.open
    assert "no event" in opened.problem


async def test_without_a_manager_interface_a_pin_is_keyed_unless_conversations_are_recorded() -> (
    None
):
    assert (await ClosedWindow("why", lambda: False).hush("1.1")).open
    refused = await ClosedWindow("why", lambda: True).hush("1.1")
    assert (refused.open, refused.problem) == (False, "why")
    assert (await GrantingWindow().hush("1.1")).open
