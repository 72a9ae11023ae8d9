"""Scripted callers on a real telephone: the YAML that the simulator runs, over SIP and RTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ivr.model.scripted import Action, HangsUp, Hears, Presses, Says, ScriptedCaller, Waits
from lab.engine import Engine, Event
from lab.telephone import NotHeard, PhoneCall, Telephone

PATIENCE_SECONDS = 60.0
"""How long a caller waits for a prompt if the script does not say."""
LAST_SECONDS = 90.0
"""How long the engine may take to end a call after the caller's last action."""
SPEECH = bytes(range(128, 256)) * 8
"""An eighth of a second of something that is not silence."""

Tell = Callable[[str, str], None]
"""Told what happens: `pressed`, `waited`, `said`, `hung up`, and what."""


class LiveCaller:
    """Plays a script on a telephone. `failures` is what was not as expected, in plain words."""

    def __init__(
        self,
        phone: Telephone,
        engine: Engine,
        script: ScriptedCaller,
        tell: Tell = lambda what, detail: None,
    ) -> None:
        self._phone = phone
        self._engine = engine
        self._script = script
        self._tell = tell

    async def run(self) -> tuple[str, ...]:
        """Place the call, play the script, wait for the call's end; return the failures."""
        script = self._script
        since = len(self._engine.events)
        call = await self._phone.call(script.calls, ani=script.ani or "anonymous")
        started = await self._engine.happens("CallStarted", since=since, within=10)
        failures: list[str] = []
        try:
            for action in script.script:
                await self._do(call, action)
        except NotHeard as error:
            failures.append(str(error))
            await call.hang_up()
        await call.ended(LAST_SECONDS)
        ended = await self._ended(since, started["call"])
        lines = [line for line in self._engine.events[since:] if line["call"] == started["call"]]
        failures += script.expects.failures(
            ended=ended,
            trail=[_step(line) for line in lines if line["event"]["type"] == "StepEntered"],
            heard=[heard.name.rpartition("/")[2] for heard in call.heard],
        )
        return tuple(failures)

    async def _ended(self, since: int, call_id: str) -> str:
        """Return why the engine says the call ended."""
        while True:
            line = await self._engine.happens("CallEnded", since=since, within=LAST_SECONDS)
            if line["call"] == call_id:
                return str(line["event"]["reason"])
            since = self._engine.events.index(line) + 1

    async def _do(self, call: PhoneCall, action: Action) -> None:
        match action:
            case Hears(hears=hears, within=within):
                await call.hears(hears, within / 1000 if within else PATIENCE_SECONDS)
            case Presses(presses=presses, apart=apart):
                self._tell("pressed", presses)
                await call.press(presses, spacing_ms=apart)
            case Waits(waits=waits):
                self._tell("waited", f"{waits} ms")
                # What the script says is that time passes; there is no event for that.
                await asyncio.sleep(waits / 1000)
            case Says(says=says):
                self._tell("said", says)
                call.speak(SPEECH * (action.ms * 8 // len(SPEECH)))
                await asyncio.sleep(action.ms / 1000)
            case HangsUp():
                self._tell("hung up", "")
                await call.hang_up()


def _step(line: Event) -> str:
    return f"{line['event']['flow']}.{line['event']['step']}"
