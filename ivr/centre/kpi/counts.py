"""The figures of a queue: sums over stays, and the formulas on them.

A stay counts in the interval in which it was offered, whenever it ended. Every formula is that of
the field notes' terms and formulas; `docs/kpi.md` has them with their sources. What is divided by
nothing is None.
"""

from __future__ import annotations

import msgspec

from ivr.centre.kpi.stay import Fate, Stay


class Thresholds(msgspec.Struct, frozen=True):
    """`within_s` is the T of the service level. Who gives up within `short_s` is no loss in the net
    abandonment: a wrong number, a changed mind."""

    within_s: float = 20
    short_s: float = 5


class Counts(msgspec.Struct):
    """What happened to the callers offered to a queue in some time. Times are sums, in milliseconds.

    offered = handled + abandoned + callbacks + overflowed + waiting, always. `handled_in_time` and
    `abandoned_in_time` were so within T, `abandoned_short` within the short threshold. A stay that is a
    callback was offered when it was promised, and counts in `called_back` alone.
    """

    offered: int = 0
    handled: int = 0
    handled_in_time: int = 0
    abandoned: int = 0
    abandoned_in_time: int = 0
    abandoned_short: int = 0
    callbacks: int = 0
    overflowed: int = 0
    waiting: int = 0
    called_back: int = 0
    handled_wait_ms: int = 0
    abandoned_wait_ms: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    acw_ms: int = 0
    missed: int = 0
    transferred: int = 0
    misrouted: int = 0
    ended_by_agent: int = 0
    ended_by_caller: int = 0

    def count(self, stay: Stay, thresholds: Thresholds, times: int = 1) -> None:
        """Add a stay, or with −1 take it away again: a stay that goes on is counted as it stands."""
        if stay.callback:
            self.called_back += times * (stay.fate is Fate.HANDLED)
            return
        self.offered += times
        self.missed += times * stay.missed
        match stay.fate:
            case Fate.HANDLED:
                self._handled(stay, thresholds, times)
            case Fate.ABANDONED:
                self.abandoned += times
                self.abandoned_wait_ms += times * stay.wait_ms
                self.abandoned_in_time += times * (stay.wait_ms <= 1000 * thresholds.within_s)
                self.abandoned_short += times * (stay.wait_ms <= 1000 * thresholds.short_s)
            case Fate.CALLBACK:
                self.callbacks += times
            case Fate.OVERFLOWED:
                self.overflowed += times
            case Fate.WAITING:
                self.waiting += times

    def _handled(self, stay: Stay, thresholds: Thresholds, times: int) -> None:
        self.handled += times
        self.handled_wait_ms += times * stay.wait_ms
        self.handled_in_time += times * (stay.wait_ms <= 1000 * thresholds.within_s)
        self.talk_ms += times * stay.talk_ms
        self.hold_ms += times * stay.hold_ms
        self.acw_ms += times * stay.acw_ms
        self.transferred += times * bool(stay.target)
        self.misrouted += times * stay.misrouted
        self.ended_by_agent += times * (stay.ended_by == "agent")
        self.ended_by_caller += times * (stay.ended_by == "caller")

    def __add__(self, other: Counts) -> Counts:
        mine, theirs = msgspec.structs.astuple(self), msgspec.structs.astuple(other)
        return Counts(*(one + more for one, more in zip(mine, theirs, strict=True)))

    @property
    def service_level(self) -> float | None:
        """Variant (c), the headline: H_T/O. Nobody who was offered is left out."""
        return _share(self.handled_in_time, self.offered)

    @property
    def service_level_b(self) -> float | None:
        """Variant (b), Asterisk's SL2: (H_T + Ab_T)/(H + Ab)."""
        in_time = self.handled_in_time + self.abandoned_in_time
        return _share(in_time, self.handled + self.abandoned)

    @property
    def abandonment(self) -> float | None:
        """Gross: Ab/O."""
        return _share(self.abandoned, self.offered)

    @property
    def abandonment_net(self) -> float | None:
        """Net: (Ab − Ab_short)/(O − Ab_short)."""
        short = self.abandoned_short
        return _share(self.abandoned - short, self.offered - short)

    @property
    def asa_s(self) -> float | None:
        """Average speed of answer, in seconds: Σ wait of the handled / H."""
        return _seconds(self.handled_wait_ms, self.handled)

    @property
    def time_to_abandon_s(self) -> float | None:
        """Σ wait of the abandoned / Ab, in seconds."""
        return _seconds(self.abandoned_wait_ms, self.abandoned)

    @property
    def aht_s(self) -> float | None:
        """Average handling time, in seconds: (talk + hold + ACW)/H."""
        return _seconds(self.talk_ms + self.hold_ms + self.acw_ms, self.handled)

    @property
    def talk_s(self) -> float | None:
        """Average talk time (ATT), in seconds: talk/H."""
        return _seconds(self.talk_ms, self.handled)

    @property
    def hold_s(self) -> float | None:
        """Average time on hold, in seconds: hold/H."""
        return _seconds(self.hold_ms, self.handled)

    @property
    def acw_s(self) -> float | None:
        """Average after-call work, in seconds: ACW/H."""
        return _seconds(self.acw_ms, self.handled)

    @property
    def transfer_rate(self) -> float | None:
        """Transferred calls/H."""
        return _share(self.transferred, self.handled)

    @property
    def misroute(self) -> float | None:
        """Transferred to another queue within 60 s of the answer/H."""
        return _share(self.misrouted, self.handled)

    @property
    def missed_rate(self) -> float | None:
        """RNA: telephones that rang in vain/all that rang for these callers."""
        return _share(self.missed, self.missed + self.handled)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _seconds(total_ms: int, number: int) -> float | None:
    return total_ms / number / 1000 if number else None
