"""Sessions of people who are logged in: kept in this process, named by a signed cookie.

A session ends when nothing was asked for a while, when it is old, and on logging out. Whoever logs in
gets a new one: a cookie that somebody planted before is worth nothing afterwards.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from itsdangerous import BadSignature, Signer

from ivr.desk.drafts import Draft
from ivr.ports.floor import CallerView
from ivr.ports.staff import Person

_ID_BYTES = 32


class Session(msgspec.Struct):
    """Somebody at a desk: since when, when they last did something, what they have dictated, the caller
    whom they had last, and the telephone by which they listened to agents last."""

    id: str
    person: Person
    began: datetime
    seen: datetime
    draft: Draft | None = None
    last: CallerView | None = None
    telephone: str = ""


class Sessions:
    """The sessions there are. `now` tells the time."""

    def __init__(self, now: Callable[[], datetime], idle: timedelta, longest: timedelta) -> None:
        self._now = now
        self._idle = idle
        self._longest = longest
        self._key = secrets.token_bytes(_ID_BYTES)
        self._signer = Signer(self._key, salt="session")
        self._sessions: dict[str, Session] = {}

    def visitor(self) -> str:
        """Return a cookie for somebody who is not logged in."""
        return self._cookie(secrets.token_urlsafe(_ID_BYTES))

    def begin(self, person: Person) -> tuple[str, Session]:
        """Begin a session, and return its cookie with it."""
        now = self._now()
        session = Session(secrets.token_urlsafe(_ID_BYTES), person, now, now)
        self._sessions = {name: one for name, one in self._sessions.items() if self._lasts(one)}
        self._sessions[session.id] = session
        return self._cookie(session.id), session

    def of(self, cookie: str, *, active: bool = True) -> Session | None:
        """Return the session of a cookie, if it has not ended; being looked at by a page that only
        follows the floor does not make it `active`."""
        session = self._sessions.get(self._id(cookie) or "")
        if session is None or not self._lasts(session):
            return None
        if active:
            session.seen = self._now()
        return session

    def all(self) -> tuple[Session, ...]:
        """Return the sessions that have not ended."""
        return tuple(one for one in self._sessions.values() if self._lasts(one))

    def end(self, session: Session) -> None:
        """End a session."""
        self._sessions.pop(session.id, None)

    def token(self, cookie: str) -> str:
        """Return the token that a form must bring back along with a cookie (CSRF); none for a cookie
        that is not ours."""
        found = self._id(cookie)
        if found is None:
            return ""
        return hmac.new(self._key, f"form {found}".encode(), hashlib.sha256).hexdigest()

    def brings(self, cookie: str, token: str) -> bool:
        """Whether a form brings back the token of its cookie."""
        wanted = self.token(cookie)
        return bool(wanted) and hmac.compare_digest(wanted.encode(), token.encode())

    def _cookie(self, name: str) -> str:
        return self._signer.sign(name).decode()

    def _id(self, cookie: str) -> str | None:
        try:
            return self._signer.unsign(cookie).decode()
        except BadSignature:
            return None

    def _lasts(self, session: Session) -> bool:
        now = self._now()
        return now < session.seen + self._idle and now < session.began + self._longest
