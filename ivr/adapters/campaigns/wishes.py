"""Who wants no calls, who agrees to be called for sales, and what they do not want to be offered."""

from __future__ import annotations

from ivr.adapters.campaigns.file import CampaignFile
from ivr.centre.campaigns.dialable import Wishes
from ivr.ports.campaigns import NoCall, Scope

AGREE = """
    INSERT INTO consents (telephone, at, given, by) VALUES (?, ?, ?, ?)
    ON CONFLICT (telephone, at) DO UPDATE SET given = excluded.given, by = excluded.by"""
_AGREED = "SELECT given FROM consents WHERE telephone = ? ORDER BY at DESC LIMIT 1"


class WishesFile(CampaignFile):
    """The part of the file that is about people, whatever the campaign."""

    async def no_calls(self) -> tuple[NoCall, ...]:
        """Return who wants no calls. Raises PortError."""
        rows = await self._rows(
            "SELECT telephone, scope, at, by, why FROM no_calls ORDER BY at DESC"
        )
        return tuple(
            NoCall(telephone, Scope(scope), self._time(at), by, why)
            for telephone, scope, at, by, why in rows
        )

    async def bar(self, telephone: str, scope: Scope, by: str, why: str) -> None:
        """Write down that a telephone is not called. Raises PortError."""
        await self._do(
            "INSERT INTO no_calls (telephone, scope, at, by, why) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (telephone, scope) DO NOTHING",
            *(telephone, scope.value, self._now(), by, why),
        )

    async def unbar(self, telephone: str, scope: Scope) -> bool:
        """Let a telephone be called again; False: it might be. Raises PortError."""
        sql = "DELETE FROM no_calls WHERE telephone = ? AND scope = ?"
        return bool(await self._do(sql, telephone, scope.value))

    async def agree(self, telephone: str, given: bool, by: str) -> None:
        """Write down that somebody agrees to be called for sales, or not any more. Raises PortError."""
        await self._do(AGREE, telephone, self._now(), given, by)

    async def refuse(self, who: str, product: str) -> None:
        """Write down that somebody does not want a product. Raises PortError."""
        await self._do(
            "INSERT INTO refusals (who, product, at) VALUES (?, ?, ?)"
            " ON CONFLICT (who, product) DO UPDATE SET at = excluded.at",
            *(who, product, self._now()),
        )

    async def wishes(self, telephone: str, customer: str = "") -> Wishes:
        """Return what is known of somebody's wishes. Raises PortError."""
        scopes = await self._rows("SELECT scope FROM no_calls WHERE telephone = ?", telephone)
        agreed = await self._rows(_AGREED, telephone)
        refused = await self._rows(
            "SELECT product FROM refusals WHERE who IN (?, ?)", telephone, customer or telephone
        )
        return Wishes(
            frozenset(Scope(scope) for (scope,) in scopes),
            bool(agreed and agreed[0][0]),
            frozenset(product for (product,) in refused),
        )
