"""Campaigns as supervisors see and change them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ivr.adapters.campaigns.lists import DatabaseCampaigns
from ivr.centre.campaigns.lists import plain
from ivr.centre.dialling import Numbers
from ivr.model.campaigns import CampaignDocument
from ivr.ports.campaigns import (
    CampaignView,
    Changed,
    Contact,
    ContactState,
    NoCall,
    Running,
    Scope,
)

Documents = Callable[[], Sequence[CampaignDocument]]


class Book:
    """The CampaignBook port, on the file: what it says holds for an engine too, from that moment on."""

    def __init__(self, store: DatabaseCampaigns, documents: Documents, numbers: Numbers) -> None:
        self._store = store
        self._documents = documents
        self._numbers = numbers

    async def views(self) -> tuple[CampaignView, ...]:
        """Return all campaigns. See `CampaignBook`."""
        return tuple([await self._store.view(one) for one in self._documents()])

    async def run(self, name: str, running: Running, by: str) -> Changed:
        """Start, pause or stop a campaign. See `CampaignBook`."""
        if name not in {one.campaign for one in self._documents()}:
            return Changed(f"there is no campaign `{name}` in the published flows")
        await self._store.run(name, running, by)
        return Changed()

    async def contacts(
        self, name: str, state: ContactState | None = None, limit: int = 100
    ) -> tuple[Contact, ...]:
        """Return contacts of a campaign. See `CampaignBook`."""
        return await self._store.find(name, state, limit)

    async def approve(self, name: str, contacts: Sequence[int], by: str) -> int:
        """Let contacts be called that were looked at. See `CampaignBook`."""
        return await self._store.approve(name, contacts)

    async def no_calls(self) -> tuple[NoCall, ...]:
        """Return who wants no calls. See `CampaignBook`."""
        return await self._store.no_calls()

    async def bar(self, number: str, scope: Scope, by: str, why: str) -> Changed:
        """Call a number no more. See `CampaignBook`."""
        number = plain(number)
        if refused := self._refused(number):
            return refused
        await self._store.bar(self._numbers.telephone(number), scope, by, why)
        return Changed()

    async def unbar(self, number: str, scope: Scope, by: str) -> Changed:
        """Let a number be called again. See `CampaignBook`."""
        done = await self._store.unbar(self._numbers.telephone(plain(number)), scope)
        return Changed() if done else Changed(f"{number} is not on the list ({scope})")

    async def agree(self, number: str, given: bool, by: str) -> Changed:
        """Write down what somebody agrees to. See `CampaignBook`."""
        number = plain(number)
        if refused := self._refused(number):
            return refused
        await self._store.agree(self._numbers.telephone(number), given, by)
        return Changed()

    def _refused(self, number: str) -> Changed | None:
        if Numbers(allow=("",), country=self._numbers.country).allows(number):
            return None
        return Changed(f"`{number}` is no number: digits, perhaps after a plus")
