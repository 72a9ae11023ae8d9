"""What is done with cases as time goes by, by every engine: each act is decided on the case as it stands,
so that it does not matter how often, by how many, or after which kill it is done."""

from __future__ import annotations

from collections.abc import Callable

from ivr.app.cases.book import Book
from ivr.app.cases.owners import OwnersByMessage
from ivr.centre.cases.acts import SURVEY_DUE, Asked, Noticed
from ivr.centre.cases.decisions import BY_ITSELF, due, message
from ivr.model.errors import PortError
from ivr.ports.cases import CaseRecord
from ivr.ports.clock import Clock
from ivr.ports.notify import Notice, Notify
from ivr.ports.surveys import CaseSurveys

AT_ONCE = 100
"""Cases that are looked at in one round."""

Alert = Callable[[CaseRecord, str], None]
"""Tells people that a case wants somebody: the case, and which kind of alert it is (`ivr.model.floor`)."""


class CaseRounds:
    """Reminds owners, takes cases up the ladder, sends messages, and has customers asked."""

    def __init__(
        self,
        book: Book,
        notify: Notify,
        owners: OwnersByMessage,
        surveys: CaseSurveys,
        alert: Alert,
        clock: Clock,
    ) -> None:
        self._book = book
        self._notify = notify
        self._owners = owners
        self._surveys = surveys
        self._alert = alert
        self._clock = clock

    async def look(self) -> None:
        """Do what is due. What cannot be done now holds up no other case, and is done in a later round.
        Raises PortError."""
        problem: PortError | None = None
        try:
            await self._owners.send()
        except PortError as error:
            problem = error
        for case in await self._book.store.awake(self._clock.now(), AT_ONCE):
            try:
                await self._see_to(case)
            except PortError as error:
                problem = error
        if problem is not None:
            raise problem

    async def _see_to(self, case: CaseRecord) -> None:
        template = message(case)
        if template:
            sent = Noticed(template, await self._notify.send(_notice(case, template)))
            await self._book.act(case.number, BY_ITSELF, lambda one: sent)
        elif case.survey == SURVEY_DUE:
            asked = Asked(await self._surveys.ask(case))
            await self._book.act(case.number, BY_ITSELF, lambda one: asked)
        else:
            await self._age(case)

    async def _age(self, case: CaseRecord) -> None:
        now = self._clock.now()
        act = due(case, now)
        if act is None:
            return
        # Before it is done: after a kill in between it is said again, which is sent once.
        await self._owners.tell(case, act)
        done = (await self._book.act(case.number, BY_ITSELF, lambda one: due(one, now))).case
        if done is None or done.entries == case.entries:
            return
        overdue = "case-overdue" if done.overran != case.overran else "case-waits"
        self._alert(done, overdue if done.owner == case.owner else "case-moved")


def _notice(case: CaseRecord, template: str) -> Notice:
    return Notice(
        key=f"case:{case.number}:{case.reopened}:{template}",
        customer=case.customer,
        template=template,
        language=case.language,
        values={
            "kind": case.kind,
            "number": case.number,
            "day": str(case.due.date()) if case.due else "",
        },
    )
