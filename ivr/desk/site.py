"""Everything that pages need: the ports, who is logged in, and the limits."""

from __future__ import annotations

import time
from datetime import timedelta

from ivr.app.config import DeskConfig
from ivr.app.floor.client import Far
from ivr.app.recordings import Sounds
from ivr.desk.casewatch import CaseWatch
from ivr.desk.offers import Offers
from ivr.desk.rates import Limiter, Rate
from ivr.desk.records import Records
from ivr.desk.sessions import Sessions
from ivr.desk.wall import Wall
from ivr.desk.watch import Watch
from ivr.desk.wording import LANGUAGES
from ivr.ports.clock import Clock
from ivr.ports.ledger import OrderLedger
from ivr.ports.staff import Staff
from ivr.ports.voc import VocBook

LOGINS = Rate(60, 60)
"""Logins from one address: a whole hall may come by one."""
TRIES = Rate(10, 60)
"""Logins under one name; that many wrong passwords have locked it before (`Staff.check`)."""
ACTS = Rate(60, 20)
"""What one session may do."""
COOKIE = "onecall-desk"


class Site:
    """What a desk is made of."""

    def __init__(
        self,
        settings: DeskConfig,
        clock: Clock,
        staff: Staff,
        far: Far,
        watch: Watch,
        casewatch: CaseWatch,
        records: Records,
        offers: Offers,
        feedback: VocBook,
        ledger: OrderLedger,
        sounds: Sounds,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.staff = staff
        self.agents, self.dictation = far.agents, far.dictation
        self.cases, self.callbacks = far.cases, far.callbacks
        self.watch, self.casewatch = watch, casewatch
        self.records = records
        self.offers = offers
        self.feedback = feedback
        self.ledger, self.sounds = ledger, sounds
        self.sessions = Sessions(
            clock.now,
            timedelta(milliseconds=settings.idle),
            timedelta(milliseconds=settings.session),
        )
        # Browsers send a cookie of such a name only over https, and take it from no other path.
        self.cookie = f"__Host-{COOKIE}" if settings.https else COOKIE
        self.logins, self.tries, self.acts = Limiter(LOGINS), Limiter(TRIES), Limiter(ACTS)

        self.closing = False
        self._walls = {language: Wall(language, offers) for language in LANGUAGES}

    def wall(self, language: str) -> Wall:
        """Return the wallboard in a language, for all who look at it."""
        return self._walls[language]

    async def look_over(self) -> None:
        """End the sessions of people who are not there any more, or have another role: also where only
        a stream is open. Raises PortError."""
        for session in self.sessions.all():
            person = await self.staff.person(session.person.name)
            if person is None or person.role is not session.person.role:
                self.sessions.end(session)

    def close(self) -> None:
        """End all streams: the desk stops, browsers come back when it is there again."""
        self.closing = True
        self.watch.wake()
        self.casewatch.wake()

    def seconds(self) -> float:
        """Return seconds that only ever grow, for rate limits."""
        return time.monotonic()
