"""Who works here: added, changed, locked out and let in again, each with a line in the trail."""

from __future__ import annotations

from ivr.adapters.staff.embedded import AGENT, NAME, EmbeddedStaff, keyed
from ivr.centre.pin import is_weak
from ivr.database import Connection
from ivr.model.errors import PortError
from ivr.model.secret import Secret
from ivr.ports.staff import Person, Role

PIN_DIGITS = 6
PASSWORD_LEAST = 12
PASSWORD_MOST = 64


class Register:
    """Changes staff on behalf of `by`. Every method raises PortError: what is wrong, and what to do."""

    def __init__(self, staff: EmbeddedStaff, by: str) -> None:
        self._staff = staff
        self._by = by

    async def add(self, person: Person) -> None:
        """Add somebody, who can log in nowhere yet."""
        _well_formed(person)

        def adding(database: Connection) -> None:
            taken = database.execute(
                "SELECT name FROM people WHERE name = ? OR agent = ?", (person.name, person.agent)
            ).fetchone()
            if taken:
                raise PortError("staff", f"{taken[0]} has this name or agent number already")
            database.execute(
                "INSERT INTO people (name, role, agent, shown) VALUES (?, ?, ?, ?)",
                (person.name, person.role.value, person.agent or None, person.shown),
            )
            self._note(database, "staff.add", f"{person.name} {person.role} {person.agent}".strip())

        await self._staff.write(adding)

    async def role(self, name: str, role: Role) -> None:
        """Give somebody another role."""
        await self._change(name, "role", role.value, f"staff.role.{role}")

    async def active(self, name: str, *, on: bool) -> None:
        """Let somebody log in, or no longer: what they have open on a desk ends as well."""
        await self._change(name, "active", on, "staff.enable" if on else "staff.disable")

    async def pin(self, name: str, pin: Secret) -> None:
        """Give an agent a PIN for telephones."""
        agent = (await self._known(name)).agent
        if not agent:
            raise PortError("staff", f"{name} is no agent: a PIN goes with an agent number")
        keys = pin.reveal()
        if len(keys) != PIN_DIGITS or not keys.isdigit() or is_weak(keys, agent):
            raise PortError("staff", f"a PIN is {PIN_DIGITS} digits that are not easy to guess")
        await self._credential(name, "pin", pin)

    async def password(self, name: str, password: Secret) -> None:
        """Give somebody a password for the desk."""
        await self._known(name)
        text = password.reveal()
        plain = all("!" <= letter <= "~" for letter in text)
        if not plain or not PASSWORD_LEAST <= len(text) <= PASSWORD_MOST:
            raise PortError(
                "staff",
                f"a password is {PASSWORD_LEAST} to {PASSWORD_MOST} letters, digits and signs of ASCII "
                "without spaces",
            )
        if name in text.lower() or len(set(text)) < PASSWORD_LEAST // 2:
            raise PortError("staff", "this password is easy to guess: take several random words")
        await self._credential(name, "password", password)

    async def unlock(self, name: str) -> bool:
        """Let somebody's credentials be tried again; tells whether anything was counted."""
        agent = (await self._known(name)).agent

        def unlocking(database: Connection) -> bool:
            self._note(database, "staff.unlock", name)
            counted = [self._staff.counted("password", name), self._staff.counted("pin", agent)]
            done = database.execute("DELETE FROM attempts WHERE of IN (?, ?)", counted)
            return done.rowcount > 0

        return await self._staff.write(unlocking)

    async def _credential(self, name: str, kind: str, secret: Secret) -> None:
        hashed = await self._staff.hasher.hashed(keyed(kind, name), secret)
        await self._change(name, f"{kind}_hash", hashed, f"staff.{kind}")

    async def _change(self, name: str, column: str, value: str | bool, what: str) -> None:
        def changing(database: Connection) -> None:
            done = database.execute(
                f"UPDATE people SET {column} = ? WHERE name = ?",  # noqa: S608  # names of our own
                (value, name),
            )
            if not done.rowcount:
                raise _nobody(name)
            self._note(database, what, name)

        await self._staff.write(changing)

    async def _known(self, name: str) -> Person:
        for person in await self._staff.people():
            if person.name == name:
                return person
        raise _nobody(name)

    def _note(self, database: Connection, what: str, about: str) -> None:
        self._staff.noted(database, self._by, what, about)


def _nobody(name: str) -> PortError:
    return PortError("staff", f"there is no {name}: see `ivr staff list`")


def _well_formed(person: Person) -> None:
    if not NAME.fullmatch(person.name):
        raise PortError("staff", f"{person.name!r} is no login name; write one like li.na")
    if person.agent and not AGENT.fullmatch(person.agent):
        raise PortError("staff", f"{person.agent!r} is no agent number: 4 to 6 digits")
