"""The FastAGI server on real sockets: calls stay apart, and nothing a peer does stops it."""

from __future__ import annotations

import asyncio
import logging
import socket

import pytest

from ivr.adapters.agi.connection import Connection, End
from ivr.adapters.agi.encoder import encode
from ivr.adapters.agi.errors import ListenError, LocalProtocolError
from ivr.adapters.agi.server import AgiServer, ServerSettings
from ivr.model.errors import CallerHungUp
from tests.adapters.agi.peer import QUICK, connect, environment, serving

NOOP = encode("NOOP")


async def echo(connection: Connection) -> None:
    """A call that asks once and is done."""
    await connection.ask(NOOP, 1)


async def test_a_call_is_answered_and_its_connection_closed() -> None:
    async with serving(echo) as server:
        peer = await connect(server)
        await peer.expect("NOOP", "200 result=0")
        assert await peer.command() == ""
        await peer.close()


async def test_the_environment_may_come_in_many_pieces() -> None:
    async with serving(echo) as server:
        peer = await connect(server, b"")
        for line in environment().splitlines(keepends=True):
            peer.writer.write(line)
            await peer.writer.drain()
            await asyncio.sleep(0)
        await peer.expect("NOOP", "200 result=0")
        await peer.close()


async def test_a_reply_cut_in_two_is_one_reply() -> None:
    got: asyncio.Queue[str] = asyncio.Queue()

    async def ask(connection: Connection) -> None:
        got.put_nowait((await connection.ask(NOOP, 1)).data)

    async with serving(ask) as server:
        peer = await connect(server)
        await peer.command()
        peer.writer.write(b"200 result=1 (a")
        await peer.writer.drain()
        await asyncio.sleep(0.01)
        peer.writer.write(b"b)\n")
        assert await got.get() == "ab"
        await peer.close()


async def test_a_crash_in_one_call_is_logged_with_its_id_and_touches_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def handle(connection: Connection) -> None:
        await connection.ask(NOOP, 1)
        if connection.environment.uniqueid == "9.9":
            raise RuntimeError("a bug")
        await connection.ask(NOOP, 1)

    async with serving(handle) as server:
        good = await connect(server)
        bad = await connect(server, environment(uniqueid="9.9"))
        await bad.expect("NOOP", "200 result=0")
        assert await bad.command() == ""
        await good.expect("NOOP", "200 result=0")
        await good.expect("NOOP", "200 result=0")
        await good.close()
        await bad.close()
    crashes = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert ["9.9" in record.getMessage() for record in crashes] == [True]


@pytest.mark.parametrize(
    ("last_words", "end"),
    [
        pytest.param(b"HANGUP\n", End.HANGUP, id="HANGUP, then EOF"),
        pytest.param(b"", End.LOST, id="EOF"),
        pytest.param(b"200 resu", End.LOST, id="EOF within a reply"),
        pytest.param(b"520-Invalid\n usage", End.LOST, id="EOF within a usage text"),
        pytest.param(b"511 Command Not Permitted on a dead channel\n", End.HANGUP, id="511"),
        pytest.param(b"HANGUP\n511 Command Not Permitted\n", End.HANGUP, id="HANGUP, then 511"),
    ],
)
async def test_every_way_to_go_is_one_exception(last_words: bytes, end: End) -> None:
    gone: asyncio.Queue[End | None] = asyncio.Queue()

    async def ask(connection: Connection) -> None:
        with pytest.raises(CallerHungUp):
            await connection.ask(NOOP, 1)
        gone.put_nowait(connection.end)
        with pytest.raises(CallerHungUp):
            await connection.ask(NOOP, 1)

    async with serving(ask) as server:
        peer = await connect(server)
        await peer.command()
        peer.writer.write(last_words)
        peer.writer.write_eof()
        assert await gone.get() == end
        await peer.close()


async def test_a_reset_connection_is_a_hangup() -> None:
    gone = asyncio.Event()

    async def ask(connection: Connection) -> None:
        with pytest.raises(CallerHungUp):
            await connection.ask(NOOP, 1)
        gone.set()

    async with serving(ask) as server:
        peer = await connect(server)
        await peer.command()
        peer.writer.transport.abort()
        await gone.wait()


async def test_variables_may_be_asked_after_a_hangup_but_not_for_long() -> None:
    done: asyncio.Queue[str] = asyncio.Queue()

    async def ask(connection: Connection) -> None:
        with pytest.raises(CallerHungUp):
            await connection.ask(NOOP, 1)
        await connection.set_variable("IVR_DONE", "1")
        done.put_nowait(await connection.get_variable("DIALSTATUS"))
        while connection.end is not None:  # a handler that would never leave
            await connection.get_variable("DIALSTATUS")

    async with serving(ask) as server:
        peer = await connect(server)
        await peer.command()
        peer.say("HANGUP", "511 Command Not Permitted on a dead channel")
        await peer.expect("SET VARIABLE IVR_DONE 1", "200 result=1")
        await peer.expect("GET VARIABLE DIALSTATUS", "200 result=1 (hangup)")
        assert await done.get() == "hangup"
        began = asyncio.get_running_loop().time()
        while await peer.command() != "":
            peer.say("200 result=0")
        assert asyncio.get_running_loop().time() - began < 1
        await peer.close()


async def test_a_probe_costs_nothing_and_a_silent_peer_is_dropped() -> None:
    started: list[Connection] = []

    async def count(connection: Connection) -> None:
        started.append(connection)

    async with serving(count) as server:
        for _ in range(20):
            await (await connect(server, b"")).close()
        slow = await connect(server, b"agi_network: yes\n")
        assert await slow.command() == ""
        await slow.close()
        assert started == []
        assert server.calls == 0


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n\n\n", id="another protocol"),
        pytest.param(b"agi_x: " + b"x" * 20_000, id="too much"),
        pytest.param(environment(calleridname="a\nagi_extension: 0"), id="a forged key"),
        pytest.param(environment() + b"200 result=0\n", id="a reply before a command"),
    ],
)
async def test_a_peer_that_is_no_asterisk_is_dropped(head: bytes) -> None:
    started: list[Connection] = []

    async def count(connection: Connection) -> None:
        started.append(connection)

    async with serving(count) as server:
        peer = await connect(server, head)
        assert await peer.command() == ""
        await peer.close()
    assert started == []


async def test_an_answer_that_never_comes_ends_the_connection() -> None:
    gone: asyncio.Queue[End | None] = asyncio.Queue()

    async def ask(connection: Connection) -> None:
        with pytest.raises(CallerHungUp):
            await connection.ask(NOOP, 0.05)
        gone.put_nowait(connection.end)

    async with serving(ask) as server:
        peer = await connect(server)
        assert await gone.get() == End.STALLED
        await peer.close()


async def test_a_conversation_may_last() -> None:
    async def ask(connection: Connection) -> None:
        await connection.ask(NOOP, None)

    async with serving(ask) as server:
        peer = await connect(server)
        await peer.command()
        await asyncio.sleep(0.3)  # beyond every limit of the test's server
        peer.say("200 result=0")
        assert await peer.command() == ""
        await peer.close()


async def test_a_cancelled_command_still_owns_its_reply() -> None:
    second: asyncio.Queue[str] = asyncio.Queue()

    async def ask(connection: Connection) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(connection.ask(NOOP, 1), 0.01)
        with pytest.raises(LocalProtocolError):
            await connection.ask(NOOP, 1)
        second.put_nowait("refused")
        await asyncio.sleep(0.03)
        second.put_nowait((await connection.ask(NOOP, 1)).result)

    async with serving(ask) as server:
        peer = await connect(server)
        await peer.command()
        assert await second.get() == "refused"
        peer.say("200 result=1")
        await peer.expect("NOOP", "200 result=2")
        assert await second.get() == "2"
        await peer.close()


async def test_a_draining_server_declines_new_calls_and_finishes_old_ones() -> None:
    async with serving(echo) as server:
        old = await connect(server)
        assert await old.command() == "NOOP"
        stopping = asyncio.create_task(server.stop(grace_s=5))
        await asyncio.sleep(0)
        assert server.draining
        new = await connect(server)
        assert await new.command() == "failure"
        old.say("200 result=0")
        assert await old.command() == ""
        await stopping
        assert server.connections == 0
        await new.close()
        await old.close()


async def test_a_stop_ends_calls_that_do_not_end() -> None:
    ended = asyncio.Event()

    async def linger(connection: Connection) -> None:
        try:
            await connection.ask(NOOP, 1)
        finally:
            ended.set()

    async with serving(linger) as server:
        peer = await connect(server)
        await peer.command()
        await server.stop(grace_s=0.05)
        assert ended.is_set()
        assert await peer.command() == ""
        await peer.close()


async def test_a_full_server_declines() -> None:
    settings = ServerSettings(port=0, max_calls=1, scan_s=0.02, limits=QUICK)
    async with serving(echo, settings) as server:
        first = await connect(server)
        await first.command()
        second = await connect(server)
        assert await second.command() == "failure"
        first.say("200 result=0")
        await first.close()
        await second.close()


async def test_a_call_is_declined_but_never_behind_a_pending_command() -> None:
    async def decline(connection: Connection) -> None:
        if connection.environment.uniqueid == "9.9":
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(connection.ask(NOOP, 1), 0.01)
        connection.refuse()

    async with serving(decline) as server:
        idle = await connect(server)
        assert [await idle.command(), await idle.command()] == ["failure", ""]
        busy = await connect(server, environment(uniqueid="9.9"))
        assert [await busy.command(), await busy.command()] == ["NOOP", ""]
        await idle.close()
        await busy.close()


async def test_a_call_that_comes_back_finds_its_earlier_handler() -> None:
    saved = asyncio.Event()
    seen: asyncio.Queue[bool] = asyncio.Queue()

    async def handle(connection: Connection) -> None:
        if connection.earlier is None:
            with pytest.raises(CallerHungUp):
                await connection.ask(NOOP, 1)
            await saved.wait()
            return
        seen.put_nowait(connection.earlier.done())
        saved.set()
        await asyncio.wait([connection.earlier])
        seen.put_nowait(connection.earlier.done())

    async with serving(handle) as server:
        first = await connect(server)
        await first.command()
        await first.hang_up()
        second = await connect(server)
        assert (await seen.get(), await seen.get()) == (False, True)
        await second.close()


async def test_a_busy_port_is_told_plainly() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ListenError, match=f"127.0.0.1:{port}: another program has this port"):
            await AgiServer(echo, ServerSettings(port=port)).start()


async def test_a_server_that_does_not_listen_has_no_address() -> None:
    server = AgiServer(echo)
    with pytest.raises(ListenError):
        assert server.address
    await server.stop()


async def test_calls_do_not_mix_however_they_interleave() -> None:
    async def sum_up(connection: Connection) -> None:
        total = 0
        for _ in range(20):
            total += int((await connection.ask(NOOP, 5)).result)
        await connection.set_variable("SUM", str(total))

    async def one(server: AgiServer, number: int) -> None:
        peer = await connect(server, environment(uniqueid=f"{number}.1"))
        for _ in range(20):
            await peer.expect("NOOP", f"200 result={number}")
        await peer.expect(f"SET VARIABLE SUM {20 * number}", "200 result=1")
        assert await peer.command() == ""
        await peer.close()

    async with serving(sum_up) as server:
        await asyncio.gather(*(one(server, number) for number in range(50)))
