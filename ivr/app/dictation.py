"""Forms for agents who take an order for a caller, made of the caller's own flows, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ivr.adapters.notify.texts import Texts
from ivr.adapters.prompts.catalogue import Catalogue
from ivr.app.flows import Published
from ivr.centre.orders.sheet import Line, sheet
from ivr.model.commands import Script
from ivr.model.errors import FlowError, PortError
from ivr.model.prompt import Audible, Prompted
from ivr.model.properties import InputRules, Properties
from ivr.model.step import Context
from ivr.ports.dictation import Choice, DictationForm, FormField
from ivr.ports.sessions import Sessions

PORT = "dictation"


class Dictating:
    """The Dictation port. `ports` are what forms ask: the bank and the clock; `catalogue` returns the
    prompts, whose texts are shown; `texts` has the names of order types."""

    def __init__(
        self,
        published: Published,
        sessions: Sessions,
        ports: Mapping[str, Any],
        catalogue: Callable[[], Catalogue],
        texts: Texts,
    ) -> None:
        self._published = published
        self._sessions = sessions
        self._ports = {**ports, "orders": self}
        self._catalogue = catalogue
        self._texts = texts

    async def types(self, language: str) -> tuple[Choice, ...]:
        """Return the order types that new calls know."""
        orders = self._published.current.orders
        return tuple(Choice(name, self._texts.word("order", name, language)) for name in orders)

    async def form(
        self, call_id: str, order: str, language: str, written: dict[str, str]
    ) -> DictationForm:
        """Return a form as far as it is filled in."""
        session = await self._sessions.load(call_id)
        if session is None:
            raise PortError(PORT, "there is no such call any more")
        try:
            flows = await self._published.version(session.version)
        except FlowError as error:
            raise PortError(PORT, str(error)) from error
        kind = flows.orders.get(order)
        if kind is None:
            raise PortError(PORT, f"the caller's flows have no order type {order!r}")
        rules = InputRules.of(Properties())
        lines = await _answered(sheet(Context(session), kind, written, rules), self._ports)
        fields = tuple(self._field(line, language) for line in lines)
        title = self._texts.word("order", order, language)
        return DictationForm(order, title, fields, not any(line.problem for line in lines))

    def _field(self, line: Line, language: str) -> FormField:
        choices = tuple(Choice(id_, self._words(heard, language)) for id_, heard in line.offers)
        label = self._words(line.label, language)
        return FormField(line.name, line.kind, label, line.text, choices, line.problem)

    def _words(self, heard: Iterable[Audible], language: str) -> str:
        """Put what is heard into words; values are written in figures."""
        texts = self._catalogue().texts(language)
        found = (
            texts.get(one.id, one.id) if isinstance(one, Prompted) else str(one.value)
            for one in heard
        )
        return " ".join(text.strip(" ,.，。") for text in found)


async def _answered(script: Script[tuple[Line, ...]], ports: Mapping[str, Any]) -> tuple[Line, ...]:
    """Run a script that asks nothing of a caller. Raises PortError."""
    answer: Any = None
    error: PortError | None = None
    while True:
        try:
            command = script.throw(error) if error is not None else script.send(answer)
        except StopIteration as stop:
            lines: tuple[Line, ...] = stop.value
            return lines
        error = None
        port = ports.get(command.port)
        try:
            answer = None
            if command.instant:
                answer = command.perform_now(port)  # type: ignore[attr-defined]
            elif port is not None:
                answer = await command.perform(port)
        except PortError as failed:
            error = failed
