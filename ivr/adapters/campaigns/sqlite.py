"""Campaigns in an SQLite file: what must not be forgotten in a kill is on the disk before it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import aiosqlite
import msgspec

from ivr.adapters.campaigns.file import millis
from ivr.adapters.campaigns.wishes import AGREE, WishesFile
from ivr.centre.campaigns import contacts
from ivr.centre.campaigns.dialable import Why, why_not
from ivr.centre.campaigns.pacing import ON_ITS_WAY, WINDOW
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
_TALLY = """
    SELECT count(*), count(answered), count(CASE WHEN talked >= ? THEN 1 END), count(dropped)
    FROM attempts WHERE campaign = ? AND at >= ?"""


class Tally(msgspec.Struct, frozen=True):
    """A campaign's calls of the last 24 hours; `talked` without those that soon are not of them."""

    calls: int
    answered: int
    talked: int
    drops: int


class SqliteCampaigns(WishesFile):
    """Campaigns, their contacts and their calls."""

    async def running(self, name: str) -> Running:
        """Return whether a campaign calls anybody. Raises PortError."""
        rows = await self._rows("SELECT running FROM campaigns WHERE name = ?", name)
        return Running(rows[0][0]) if rows else Running.STOPPED

    async def run(self, name: str, running: Running, by: str) -> None:
        """Start, pause or stop a campaign: no call is begun any more that must not be, once this has
        returned. Raises PortError."""
        await self._do(
            "INSERT INTO campaigns (name, running, changed_at, by) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET running = excluded.running,"
            " changed_at = excluded.changed_at, by = excluded.by",
            *(name, running.value, self._now(), by),
        )

    async def take_in(
        self,
        campaign: CampaignDocument,
        lines: Iterable[Listed],
        telephone: Callable[[str], str],
        by: str,
    ) -> Imported:
        """Add contacts to a campaign, all or none; who is on it already stays as they are. Raises
        PortError."""
        now, added, known = self._clock.now(), 0, 0
        async with self._writing() as database:
            for line in lines:
                new = await self._add(database, campaign, line, telephone(line.number), now)
                added, known = added + new, known + (not new)
                if line.consent:
                    await database.execute(AGREE, (telephone(line.number), millis(now), True, by))
        return Imported(added, known)

    async def _add(
        self,
        database: aiosqlite.Connection,
        campaign: CampaignDocument,
        line: Listed,
        telephone: str,
        now: datetime,
    ) -> bool:
        name, first = campaign.campaign, contacts.listed(0, line, telephone, campaign, now)
        values = (name, telephone, first.state.value, millis(now), millis(now), b"")
        added = list(await database.execute_fetchall(_ADD, values))
        for (id_,) in added:
            body = msgspec.json.encode(msgspec.structs.replace(first, id=id_))
            await database.execute("UPDATE contacts SET body = ? WHERE id = ?", (body, id_))
        return bool(added)

    async def due(self, name: str, limit: int) -> tuple[Contact, ...]:
        """Return contacts whose time has come, the earliest first. Raises PortError."""
        return await self._contacts(
            "campaign = ? AND state = 'ready' AND not_before <= ? ORDER BY not_before, id LIMIT ?",
            *(name, self._now(), limit),
        )

    async def find(self, name: str, state: ContactState | None, limit: int) -> tuple[Contact, ...]:
        """Return contacts, the latest changed first. Raises PortError."""
        of = "" if state is None else state.value
        return await self._contacts(
            "campaign = ? AND ? IN ('', state) ORDER BY changed_at DESC, id LIMIT ?",
            *(name, of, limit),
        )

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
        now = self._clock.now()
        async with self._writing() as database:
            found = await self._contacts("id = ?", contact.id)
            running = await self.running(campaign.campaign)
            wishes = await self.wishes(contact.telephone, contact.customer)
            why = why_not(found[0], campaign, running, wishes, now) if found else Why.STATE
            begun = contacts.begun(found[0], attempt, now) if why is None else None
            if begun is None:
                return why or Why.STATE
            await self._put(database, begun)
            await database.execute(
                "INSERT INTO attempts (id, contact, campaign, at) VALUES (?, ?, ?, ?)",
                (attempt, contact.id, campaign.campaign, millis(now)),
            )
        return begun

    async def change(self, id_: int, change: Callable[[Contact], Contact | None]) -> Contact | None:
        """Have a contact be as `change` makes it of how it is; None: it stays. Raises PortError."""
        async with self._writing() as database:
            found = await self._contacts("id = ?", id_)
            changed = change(found[0]) if found else None
            if changed is not None:
                await self._put(database, changed)
        return changed

    async def answered(self, attempt: str) -> None:
        """Write down that a call was answered. Raises PortError."""
        await self._do(
            "UPDATE attempts SET answered = coalesce(answered, ?) WHERE id = ?",
            *(self._now(), attempt),
        )

    async def was_answered(self, attempt: str) -> bool:
        """Return whether a call was answered. Raises PortError."""
        sql = "SELECT answered FROM attempts WHERE id = ? AND answered IS NOT NULL"
        return bool(await self._rows(sql, attempt))

    async def dropped(self, attempt: str) -> None:
        """Write down that whoever answered found no agent. Raises PortError."""
        await self._do("UPDATE attempts SET dropped = ? WHERE id = ?", self._now(), attempt)

    async def talked(self, attempt: str, agent: str) -> None:
        """Write down that an agent was there for whoever answered. Raises PortError."""
        await self._do(
            "UPDATE attempts SET talked = coalesce(talked, ?), agent = ? WHERE id = ?",
            *(self._now(), agent, attempt),
        )

    async def over(self, attempt: str, result: str, outcome: str) -> None:
        """Write down what came of a call. Raises PortError."""
        sql = "UPDATE attempts SET result = ?, outcome = ? WHERE id = ?"
        await self._do(sql, result, outcome, attempt)

    async def tally(self, name: str) -> Tally:
        """Return a campaign's calls of the last 24 hours. Raises PortError."""
        now = self._clock.now()
        soon = millis(now - WINDOW + ON_ITS_WAY)
        rows = await self._rows(_TALLY, soon, name, millis(now - WINDOW))
        return Tally(*rows[0])

    async def approve(self, name: str, ids: Sequence[int]) -> int:
        """Let contacts be called that were looked at; with no `ids`, all. Raises PortError."""
        done = 0
        async with self._writing() as database:
            for contact in await self._contacts("campaign = ? AND state = 'review'", name):
                approved = contacts.approved(contact)
                if approved is not None and (not ids or contact.id in ids):
                    await self._put(database, approved)
                    done += 1
        return done

    async def view(self, campaign: CampaignDocument) -> CampaignView:
        """Return a campaign as people see it. Raises PortError."""
        name = campaign.campaign
        rows = await self._rows(
            "SELECT running, changed_at, by FROM campaigns WHERE name = ?", name
        )
        running, at, by = rows[0] if rows else (Running.STOPPED.value, None, "")
        states = await self._rows(
            "SELECT state, count(*) FROM contacts WHERE campaign = ? GROUP BY state", name
        )
        day = await self._rows(_TALLY, 0, name, millis(self._clock.now() - timedelta(days=1)))
        calls, answered, talked, drops = day[0]
        return CampaignView(
            name=name,
            kind=campaign.kind.value,
            running=Running(running),
            changed_at=None if at is None else self._time(at),
            by=by,
            contacts=dict(states),
            calls=calls,
            answered=answered,
            talked=talked,
            drops=drops,
        )

    async def _contacts(self, where: str, *values: object) -> tuple[Contact, ...]:
        rows = await self._rows(f"SELECT body FROM contacts WHERE {where}", *values)  # noqa: S608
        return tuple(_DECODER.decode(body) for (body,) in rows)

    async def _put(self, database: aiosqlite.Connection, contact: Contact) -> None:
        state, at = contact.state.value, millis(contact.not_before)
        body = msgspec.json.encode(contact)
        values = (state, at, contact.attempt, self._now(), body, contact.id)
        await database.execute(_PUT, values)


_DECODER = msgspec.json.Decoder(Contact)
