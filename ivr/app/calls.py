"""One call: from a FastAGI connection through the flow to its end, or to the next connection."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from ivr.adapters.agi.channel import LineSettings
from ivr.adapters.agi.connection import Connection
from ivr.adapters.agi.environment import Environment
from ivr.adapters.agi.line import AgiLine
from ivr.adapters.agi.server import Handler
from ivr.adapters.clock import monotonic_ms
from ivr.adapters.telemetry.logs import about
from ivr.app.flows import Published
from ivr.app.window import CallPrivacy
from ivr.engine.dialogue import Dialogue
from ivr.engine.driver import Driver
from ivr.engine.interpreter import FAILED, Interpreter
from ivr.engine.journal import JournalRecorder, Sink
from ivr.model.errors import CallerHungUp, FlowError, OneCallError, PortError, Unhandled
from ivr.model.flow import Flow, FlowSet
from ivr.model.limits import Limits
from ivr.model.session import Frame, Session
from ivr.ports.callbackbook import Beginning
from ivr.ports.clock import Clock
from ivr.ports.events import Events
from ivr.ports.prompts import Prompts
from ivr.ports.sessions import Sessions

_LOG = logging.getLogger(__name__)

_CHANNEL = re.compile(r"(.+)-[0-9a-f]{8,}(?:;[12])?")
"""`PJSIP/carrier-0000001a`, `Local/95500@hotline-00000003;2`"""

MOVED_S = 0.5
"""How long after a hang-up a redirected caller may come back on a new connection."""
EARLIER_S = 2.0
"""How long a new connection waits for the old one of the same call to save itself."""


class Moved(OneCallError):
    """The caller did not hang up but went to a new connection, where the call goes on."""


class Impostor(OneCallError):
    """A connection claims a call that Asterisk does not have."""


class Witness(Protocol):
    """Who can tell whether a connection speaks for a real channel."""

    async def believes(self, channel: str, call_id: str) -> bool: ...


Begins = Callable[[str], Awaitable[Beginning | None]]
"""Tells how the session begins of a call (UNIQUEID) that the bank has begun. Raises PortError."""


async def nobody_began(call_id: str) -> Beginning | None:
    """Take every call for one that came in."""
    return None


class Services(msgspec.Struct, frozen=True):
    """What all calls of an engine share. `ports` are the further ports by name (the bank); `scripts`
    answer connections that are no caller's, by the path that the dialplan asks for."""

    published: Published
    prompts: Prompts
    sessions: Sessions
    events: Events
    journal: Sink
    clock: Clock
    ports: Mapping[str, Any]
    line: LineSettings
    limits: Limits
    witness: Witness | None = None
    scripts: Mapping[str, Handler] = {}
    begins: Begins = nobody_began


class Calls:
    """Runs the calls of one engine."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._moving: dict[str, asyncio.Event] = {}

    @property
    def running(self) -> Collection[str]:
        """The ids of the calls that it has now."""
        return self._moving.keys()

    async def handle(self, connection: Connection) -> None:
        """Run one connection's call. An error ends this connection only."""
        environment = connection.environment
        call_id = environment.uniqueid
        other = self._services.scripts.get(environment.script)
        about(call_id)
        try:
            if other is not None:
                await other(connection)
                return
            await self._run(connection, environment)
        except (Moved, CallerHungUp):
            _LOG.info("call %s goes on elsewhere, or is gone", call_id)
        except (Unhandled, FlowError, PortError, Impostor) as error:
            # The marker is not set: the dialplan takes the caller to its fallback.
            _LOG.error("call %s is left to the dialplan: %s", call_id, error)
            connection.refuse()

    async def _run(self, connection: Connection, environment: Environment) -> None:
        services = self._services
        call_id = environment.uniqueid
        await self._supersede(connection, call_id)
        if services.witness and not await services.witness.believes(environment.channel, call_id):
            raise Impostor("Asterisk knows no such channel; the connection is not believed")
        session, flows = await self._session(environment)
        line = AgiLine(connection, services.line)
        dialogue = Dialogue(
            line,
            services.prompts,
            session.language,
            lambda event: services.events.emit(call_id, event),
            monotonic_ms,
            services.ports["waiting"],
            CallPrivacy(call_id, services.ports["window"], services.ports["waiting"]),
        )
        ports = {
            **services.ports,
            "channel": dialogue,
            "clock": services.clock,
            "events": services.events,
            "sessions": services.sessions,
        }
        recorder = JournalRecorder(session, services.journal, monotonic_ms, services.events.emit)
        gone = self._moving[call_id] = asyncio.Event()

        async def hung_up() -> None:
            connection.close()
            if await _happens(gone, MOVED_S) or await self._elsewhere(session):
                raise Moved

        driver = Driver(ports, recorder, hung_up)
        try:
            reason = await driver.run(Interpreter(flows, services.limits).run(session))
        except Unhandled:
            services.sessions.close(session, FAILED)
            raise
        finally:
            if self._moving.get(call_id) is gone:
                del self._moving[call_id]
        services.sessions.close(session, reason)
        await line.finish()

    async def _supersede(self, connection: Connection, call_id: str) -> None:
        """Have an older connection of this call let go before this one begins."""
        moving = self._moving.get(call_id)
        if moving is not None:
            moving.set()
        if connection.earlier is not None:
            await asyncio.wait([connection.earlier], timeout=EARLIER_S)

    async def _elsewhere(self, session: Session) -> bool:
        """Whether another engine has resumed the call since."""
        try:
            return await self._services.sessions.resumed(session.call_id) > session.resumed
        except PortError as error:
            _LOG.error(
                "call %s: whether it goes on elsewhere is not known: %s", session.call_id, error
            )
            return False

    async def _session(self, environment: Environment) -> tuple[Session, FlowSet]:
        """Return the session to run: the saved one of a call that comes back, or a new one."""
        saved = await self._saved(environment.uniqueid)
        if saved is not None:
            flows = await self._services.published.version(saved.version)
            return replace(saved, resumed=saved.resumed + 1, hung_up=False), flows
        begins = await self._services.begins(environment.uniqueid)
        if begins is not None and begins.session is not None:
            flows = await self._services.published.version(begins.session.version)
            return self._goes_on(environment, flows, begins.number, begins.session), flows
        ani = begins.number if begins else environment.callerid
        flows = self._services.published.for_call(ani, environment.uniqueid)
        flow = self._answering(flows, environment)
        session = Session(
            call_id=environment.uniqueid,
            version=flows.version,
            dnis=environment.extension,
            ani=ani,
            language=begins.language if begins else flow.languages[0],
            started_at=self._services.clock.now(),
            frames=(Frame(flow.name, flow.start),),
            trunk=trunk(environment.channel),
        )
        return session, flows

    def _goes_on(
        self, environment: Environment, flows: FlowSet, number: str, first: Session
    ) -> Session:
        """Return the session of a call that goes on with an earlier one, once its own flow has raised
        the caller to the level that was wanted there: as nobody, until then."""
        flow = self._answering(flows, environment)
        return replace(
            first,
            call_id=environment.uniqueid,
            dnis=environment.extension,
            ani=number,
            started_at=self._services.clock.now(),
            frames=(*first.frames, Frame(flow.name, flow.start, guard=True)),
            auth=0,
            active_at=None,
            steps_taken=0,
            failures=0,
            talked_ms=0,
            resumed=0,
            hung_up=False,
            trunk=trunk(environment.channel),
        )

    def _answering(self, flows: FlowSet, environment: Environment) -> Flow:
        flow = flows.for_number(environment.extension)
        if flow is None:
            raise FlowError(
                f"no flow answers the number {environment.extension!r}; add it to a flow's `numbers`"
            )
        return flow

    async def _saved(self, call_id: str) -> Session | None:
        """Return a saved session; a store that cannot be read must not keep callers out."""
        try:
            return await self._services.sessions.load(call_id)
        except PortError as error:
            _LOG.error("call %s begins anew: %s", call_id, error)
            return None


def trunk(channel: str) -> str:
    """Return what a call came in by: its channel's name without what tells it from the next call's."""
    named = _CHANNEL.fullmatch(channel)
    return named[1] if named else ""


async def _happens(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
