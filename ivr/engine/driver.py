"""The driver: performs a script's commands on ports, records them, and sends back the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

from ivr.model.commands import Command, Script
from ivr.model.errors import CallerHungUp, PortError, StepDeadline

R = TypeVar("R")

TOLD: tuple[type[Exception], ...] = (CallerHungUp, PortError, StepDeadline)
"""What is thrown into a script, to be handled there. Anything else ends the call."""


class Recorder(Protocol):
    """Takes every command with its answer, or with the error that was its answer."""

    def answered(self, command: Command[Any, Any], answer: Any) -> None: ...
    def raised(self, command: Command[Any, Any], error: Exception) -> None: ...


async def certain() -> None:
    """Take every hang-up for one."""


class Driver:
    """Runs scripts against ports, by name. `channel` is one of them: while another port works,
    it keeps the caller's line open, so that no key is lost.

    `hung_up` is awaited at the first hang-up, before the script is told: where a caller can look
    gone who was only moved to another connection, it raises to end the script unheard.
    """

    def __init__(
        self,
        ports: Mapping[str, Any],
        recorder: Recorder,
        hung_up: Callable[[], Awaitable[None]] = certain,
    ) -> None:
        self._ports = ports
        self._channel = ports["channel"]
        self._recorder = recorder
        self._hung_up: Callable[[], Awaitable[None]] | None = hung_up

    async def run(self, script: Script[R]) -> R:
        """Run a script to its end and return its result. Raises what the script raises."""
        error: Exception | None = None
        answer: Any = None
        while True:
            try:
                command = script.throw(error) if error is not None else script.send(answer)
            except StopIteration as stop:
                result: R = stop.value
                return result
            error = None
            try:
                if command.instant:
                    answer = command.perform_now(self._ports[command.port])  # type: ignore[attr-defined]
                else:
                    answer = await self._perform(command)
            except TOLD as told:
                if isinstance(told, CallerHungUp) and self._hung_up is not None:
                    await self._hung_up()
                    self._hung_up = None
                error = told
                self._recorder.raised(command, told)
            else:
                self._recorder.answered(command, answer)

    def _perform(self, command: Command[Any, Any]) -> Awaitable[Any]:
        port = self._ports[command.port]
        work = command.perform(port)
        return work if port is self._channel else self._channel.attend(work)
