"""Messages to those who own cases: what time has done, and the case's number, and nothing of its customer."""

from __future__ import annotations

import logging

from ivr.app.config.cases import CasesConfig
from ivr.centre.cases.acts import Act, Escalated, Overran, Reminded
from ivr.model.errors import PortError
from ivr.ports.cases import CaseRecord
from ivr.ports.notify import Notice, Notify

_LOG = logging.getLogger("ivr.cases")


class OwnersByMessage:
    """Tells owners, where the configuration says under which number the message system knows them. What
    cannot be sent holds up no case; it is tried again as long as this engine runs."""

    def __init__(self, notify: Notify, settings: CasesConfig) -> None:
        self._notify = notify
        self._settings = settings
        self._unsent: dict[str, Notice] = {}

    async def tell(self, case: CaseRecord, act: Act) -> None:
        """Tell whoever owns a case then what is about to be done to it: once, however often it is begun."""
        stage = _stage(case, act)
        owner = act.to if isinstance(act, Escalated) else case.owner
        number = self._settings.owners.get(owner)
        if not stage or number is None:
            return
        template, *which = stage
        key = ":".join(("case", case.number, str(case.reopened), template, *which))
        day = str(case.due.date()) if case.due else ""
        self._unsent[key] = Notice(
            key, number, template, self._settings.language, {"number": case.number, "day": day}
        )
        try:
            await self.send()
        except PortError as error:
            _LOG.warning("case %s: its owner is told later: %s", case.number, error)

    async def send(self) -> None:
        """Send what is not sent yet. Raises PortError."""
        for key, notice in tuple(self._unsent.items()):
            await self._notify.send(notice)
            del self._unsent[key]


def _stage(case: CaseRecord, act: Act) -> tuple[str, ...]:
    """Return the template of what an owner is told of an act, and which of its kind it is; nothing for
    acts that they are not told of."""
    match act:
        case Reminded():
            return "owner-reminded", str(case.reminded + 1)
        case Escalated(rung=rung):
            return "owner-escalated", str(rung)
        case Overran(due=due):
            return "owner-overdue", str(due.date())
    return ()
