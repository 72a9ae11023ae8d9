"""Campaigns, their lists and calls: what must not be forgotten in a kill is on the disk before it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from ivr.adapters.campaigns.wishes import AGREE, DatabaseWishes, millis, wishes_of
from ivr.centre.campaigns import contacts
from ivr.centre.campaigns.dialable import Why, why_not
from ivr.centre.campaigns.pacing import ON_ITS_WAY, WINDOW
from ivr.database import Connection
from ivr.model.campaigns import CampaignDocument
from ivr.ports.campaigns import CampaignView, Contact, ContactState, Imported, Listed, Running

_ADD = """
    INSERT INTO contacts (campaign, telephone, state, not_before, attempt, changed_at, body)
    VALUES (?, ?, ?, ?, '', ?, ?)
    ON CONFLICT (campaign, telephone) WHERE state IN ('review', 'ready', 'calling') DO NOTHING
    RETURNING id"""
_PUT = """
    UPDATE contacts SET state = ?, not_before = ?, attempt = ?, changed_at = ?, body = ?
    WHERE id = ?"""
_BODY = "UPDATE contacts SET body = ? WHERE id = ?"
_RUN = """
    INSERT INTO campaigns (name, running, changed_at, by) VALUES (?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET running = excluded.running, changed_at = excluded.changed_at,
      by = excluded.by"""
_RUNS = "SELECT running, changed_at, by FROM campaigns WHERE name = ?"
_BEGIN = "INSERT INTO attempts (id, contact, campaign, at) VALUES (?, ?, ?, ?)"
_ANSWERED = "UPDATE attempts SET answered = coalesce(answered, ?) WHERE id = ?"
_TALKED = "UPDATE attempts SET talked = coalesce(talked, ?), agent = ? WHERE id = ?"
_DROPPED = "UPDATE attempts SET dropped = ? WHERE id = ?"
_OVER = "UPDATE attempts SET result = ?, outcome = ? WHERE id = ?"
_TALLY = """
    SELECT count(*), count(answered), count(CASE WHEN talked >= ? THEN 1 END), count(dropped)
    FROM attempts WHERE campaign = ? AND at >= ?"""
_STATES = "SELECT state, count(*) FROM contacts WHERE campaign = ? GROUP BY state"
_DUE = "campaign = ? AND state = 'ready' AND not_before <= ? ORDER BY not_before, id LIMIT ?"
_FIND = "campaign = ? AND ? IN ('', state) ORDER BY changed_at DESC, id LIMIT ?"


class Tally(msgspec.Struct, frozen=True):
    """A campaign's calls of the last 24 hours; `talked` without those that soon are not of them."""

    calls: int
    answered: int
    talked: int
    drops: int


class DatabaseCampaigns(DatabaseWishes):
    """Campaigns, their contacts and their calls."""

    async def running(self, name: str) -> Running:
        """Return whether a campaign calls anybody. Raises PortError."""
        return await self._database.run(lambda one: _running(one, name), write=False)

    async def run(self, name: str, running: Running, by: str) -> None:
        """Start, pause or stop a campaign: no call is begun any more that must not be, once this has
        returned. Raises PortError."""
        await self._database.do(_RUN, name, running.value, self._now(), by)

    async def take_in(
        self,
        campaign: CampaignDocument,
        lines: Iterable[Listed],
        telephone: Callable[[str], str],
        by: str,
    ) -> Imported:
        """Add contacts to a campaign, all or none; who is on it already stays as they are. Raises
        PortError."""
        now = self._clock.now()

        def taking(connection: Connection) -> Imported:
            added = known = 0
            for line in lines:
                new = _add(connection, campaign, line, telephone(line.number), now)
                added, known = added + new, known + (not new)
                if line.consent:
                    agreed = (telephone(line.number), millis(now), True, by)
                    connection.execute(AGREE, agreed)
            return Imported(added, known)

        return await self._database.run(taking)

    async def due(self, name: str, limit: int) -> tuple[Contact, ...]:
        """Return contacts whose time has come, the earliest first. Raises PortError."""
        return await self._contacts(_DUE, name, self._now(), limit)

    async def find(self, name: str, state: ContactState | None, limit: int) -> tuple[Contact, ...]:
        """Return contacts, the latest changed first. Raises PortError."""
        of = "" if state is None else state.value
        return await self._contacts(_FIND, name, of, limit)

    async def calling(self) -> tuple[Contact, ...]:
        """Return the contacts, of all campaigns, whose calls are not known to be over."""
        return await self._contacts("state = 'calling' ORDER BY id")

    async def of_attempt(self, attempt: str) -> Contact | None:
        """Return the contact whose latest call this is. Raises PortError."""
        found = await self._contacts("attempt = ?", attempt)
        return found[0] if found else None

    async def begin(
        self, contact: Contact, campaign: CampaignDocument, attempt: str
    ) -> Contact | Why:
        """Write down that a call begins, before it does; or return why not: everything is looked at once
        more, as it is on the disk. Raises PortError."""
        now, name = self._clock.now(), campaign.campaign

        def beginning(connection: Connection) -> Contact | Why:
            found = _contact(connection, contact.id)
            if found is None:
                return Why.STATE
            wishes = wishes_of(connection, contact.telephone, contact.customer)
            why = why_not(found, campaign, _running(connection, name), wishes, now)
            begun = contacts.begun(found, attempt, now) if why is None else None
            if begun is None:
                return why or Why.STATE
            _put(connection, begun, now)
            connection.execute(_BEGIN, (attempt, contact.id, name, millis(now)))
            return begun

        return await self._database.run(beginning)

    async def change(self, id_: int, change: Callable[[Contact], Contact | None]) -> Contact | None:
        """Have a contact be as `change` makes it of how it is; None: it stays. Raises PortError."""
        now = self._clock.now()

        def changing(connection: Connection) -> Contact | None:
            found = _contact(connection, id_)
            changed = change(found) if found else None
            if changed is not None:
                _put(connection, changed, now)
            return changed

        return await self._database.run(changing)

    async def answered(self, attempt: str) -> None:
        """Write down that a call was answered. Raises PortError."""
        await self._database.do(_ANSWERED, self._now(), attempt)

    async def was_answered(self, attempt: str) -> bool:
        """Return whether a call was answered. Raises PortError."""
        sql = "SELECT answered FROM attempts WHERE id = ? AND answered IS NOT NULL"
        return bool(await self._database.rows(sql, attempt))

    async def dropped(self, attempt: str) -> None:
        """Write down that whoever answered found no agent. Raises PortError."""
        await self._database.do(_DROPPED, self._now(), attempt)

    async def talked(self, attempt: str, agent: str) -> None:
        """Write down that an agent was there for whoever answered. Raises PortError."""
        await self._database.do(_TALKED, self._now(), agent, attempt)

    async def over(self, attempt: str, result: str, outcome: str) -> None:
        """Write down what came of a call. Raises PortError."""
        await self._database.do(_OVER, result, outcome, attempt)

    async def tally(self, name: str) -> Tally:
        """Return a campaign's calls of the last 24 hours. Raises PortError."""
        now = self._clock.now()
        soon = millis(now - WINDOW + ON_ITS_WAY)
        rows = await self._database.rows(_TALLY, soon, name, millis(now - WINDOW))
        return Tally(*rows[0])

    async def approve(self, name: str, ids: Sequence[int]) -> int:
        """Let contacts be called that were looked at; with no `ids`, all. Raises PortError."""
        now = self._clock.now()

        def approving(connection: Connection) -> int:
            done = 0
            for contact in _found(connection, "campaign = ? AND state = 'review'", (name,)):
                approved = contacts.approved(contact)
                if approved is not None and (not ids or contact.id in ids):
                    _put(connection, approved, now)
                    done += 1
            return done

        return await self._database.run(approving)

    async def view(self, campaign: CampaignDocument) -> CampaignView:
        """Return a campaign as people see it. Raises PortError."""
        name, since = campaign.campaign, millis(self._clock.now() - timedelta(days=1))

        def viewing(connection: Connection) -> CampaignView:
            runs = connection.execute(_RUNS, (name,)).fetchone()
            running, at, by = runs or (Running.STOPPED.value, None, "")
            states = connection.execute(_STATES, (name,)).fetchall()
            tally = Tally(*connection.execute(_TALLY, (0, name, since)).fetchone())
            return CampaignView(
                name=name,
                kind=campaign.kind.value,
                running=Running(running),
                changed_at=None if at is None else self._time(at),
                by=by,
                contacts=dict(states),
                calls=tally.calls,
                answered=tally.answered,
                talked=tally.talked,
                drops=tally.drops,
            )

        return await self._database.run(viewing, write=False)

    async def _contacts(self, where: str, *values: object) -> tuple[Contact, ...]:
        return await self._database.run(lambda one: _found(one, where, values), write=False)


_DECODER = msgspec.json.Decoder(Contact)


def _found(connection: Connection, where: str, values: Sequence[object]) -> tuple[Contact, ...]:
    sql = f"SELECT body FROM contacts WHERE {where}"  # noqa: S608 - conditions of our own
    return tuple(_DECODER.decode(body) for (body,) in connection.execute(sql, values))


def _contact(connection: Connection, id_: int) -> Contact | None:
    found = _found(connection, "id = ?", (id_,))
    return found[0] if found else None


def _running(connection: Connection, name: str) -> Running:
    row = connection.execute(_RUNS, (name,)).fetchone()
    return Running(row[0]) if row else Running.STOPPED


def _add(
    connection: Connection,
    campaign: CampaignDocument,
    line: Listed,
    telephone: str,
    now: datetime,
) -> bool:
    first = contacts.listed(0, line, telephone, campaign, now)
    at = millis(now)
    values = (campaign.campaign, telephone, first.state.value, at, at, b"")
    row = connection.execute(_ADD, values).fetchone()
    if row is not None:
        body = msgspec.json.encode(msgspec.structs.replace(first, id=row[0]))
        connection.execute(_BODY, (body, row[0]))
    return row is not None


def _put(connection: Connection, contact: Contact, now: datetime) -> None:
    state, at = contact.state.value, millis(contact.not_before)
    body = msgspec.json.encode(contact)
    values = (state, at, contact.attempt, millis(now), body, contact.id)
    connection.execute(_PUT, values)
