"""Which cases somebody sees, and what they may do to them.

Supervisors reach all; agents their own, those of the desks they work for, and, to read and to add to,
those they have opened and those of the customer they are talking with. Whoever a case complains about
reaches it in no way.
"""

from __future__ import annotations

import enum
from collections.abc import Collection

import msgspec

from ivr.ports.cases import CaseRecord
from ivr.ports.floor import CallerView
from ivr.ports.staff import Person, Role


class Reach(enum.IntEnum):
    """How far somebody may go with a case."""

    NOTHING = 0
    READ = 1  # read it, note something, promise the customer a call
    ACT = 2


class Worker(msgspec.Struct, frozen=True):
    """Somebody who works on cases: the `desks` they work for, and the caller whom they have now."""

    person: Person
    desks: Collection[str] = ()
    caller: CallerView | None = None

    @property
    def name(self) -> str:
        """What the book calls them."""
        return self.person.agent or self.person.name

    @property
    def owners(self) -> frozenset[str]:
        """As whom they own cases."""
        return frozenset((self.name, *self.desks))

    @property
    def sees_all(self) -> bool:
        """Whether they see everybody's."""
        return self.person.role.covers(Role.SUPERVISOR)

    def reach(self, case: CaseRecord) -> Reach:
        """Return how far they may go with a case."""
        if self.name in case.accused:
            return Reach.NOTHING
        if self.sees_all or case.owner in self.owners:
            return Reach.ACT
        theirs = self.caller.customer if self.caller is not None else ""
        if case.opened_by == self.name or (theirs and theirs == case.customer):
            return Reach.READ
        return Reach.NOTHING
