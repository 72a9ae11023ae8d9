"""The trend of a year: this month beside the reports of those before it, as they were made."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from ivr.centre.voc import control
from ivr.centre.voc.figures import Row, VocReport, digest, read_report
from ivr.centre.voc.values import Month
from ivr.model.errors import PortError
from ivr.ports.voc import KeptReport, Proof

MONTHS = 12


class Past(msgspec.Struct, frozen=True):
    """An earlier month as its report has it: complaints, the calls that they are compared with, and the
    report's SHA-256 (hex)."""

    month: str
    complaints: int
    calls: int
    sha256: str


def past(
    kept: Sequence[KeptReport], month: Month, branch: str, zone: str, mark: int | None
) -> tuple[list[Past], Proof]:
    """Return the earlier months of a year of which there is a report, with the proof of what was read;
    with a `mark`, so many reports. The latest report of a month counts. Raises PortError for one that
    was changed, Unverifiable for one that cannot be read."""
    names, one = set[str](), month
    for _ in range(MONTHS - 1):
        one = one.before
        names.add(str(one))
    reports = [(it, read_report(_genuine(it))) for it in kept if it.month in names]
    mine = [(it, found) for it, found in reports if (found.branch, found.zone) == (branch, zone)]
    mine = mine[:mark]
    latest = {it.month: _of(found, it.sha256) for it, found in mine}
    ordered = [latest[name] for name in sorted(latest)]
    return ordered, Proof(len(ordered), digest([it.sha256 for it, _ in mine]), len(mine))


def rows(months: Sequence[Past]) -> list[Row]:
    """Return the rows of the figure: complaints per 1,000 calls by month, with the limits of Laney's
    u′-chart where there are enough months (`control.limits`)."""
    centre, found = control.limits(
        [one.complaints for one in months], [one.calls / 1000 for one in months]
    )
    return [
        {
            "month": one.month,
            "complaints": one.complaints,
            "calls": one.calls,
            "per_thousand": point.rate,
            "centre": centre,
            "low": point.low,
            "high": point.high,
            "signal": point.signal,
            "report": one.sha256,
        }
        for one, point in zip(months, found, strict=True)
    ]


def _of(report: VocReport, sha256: str) -> Past:
    days = report.rows("trend")
    complaints, calls = (
        sum(int(day[name] or 0) for day in days) for name in ("complaints", "calls")
    )
    return Past(report.month, complaints, calls, sha256)


def _genuine(kept: KeptReport) -> bytes:
    if hashlib.sha256(kept.body).hexdigest() != kept.sha256:
        raise PortError("voc", f"the kept report {kept.sha256[:12]} of {kept.month} was changed")
    return kept.body
