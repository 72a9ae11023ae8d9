"""Lists of whom to call, as CSV: every line is taken or told of, and nothing in between.

The first line names the columns: `number` at least, and any of `customer`, `language`, `zone` (of the
address), `amount`, `reference`, `consent` (`yes`: the customer has agreed to be called for sales).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from ivr.centre.dialling import Numbers
from ivr.model.campaigns import CampaignDocument
from ivr.model.values import Money
from ivr.ports.campaigns import Listed

COLUMNS = ("number", "customer", "language", "zone", "amount", "reference", "consent")
LONGEST = 64
"""Characters of a field."""
_YES, _NO = ("yes", "true", "1"), ("", "no", "false", "0")
_BLANKS = str.maketrans("", "", " -()\u00a0")


class Wrong(msgspec.Struct, frozen=True):
    """A line that cannot be taken: its number in the file, from 1, and why."""

    line: int
    why: str
    text: str = ""


class Again(msgspec.Struct, frozen=True):
    """A line whose number stands in an earlier one (`first`)."""

    line: int
    first: int


class HeadError(ValueError):
    """The first line names no columns, or unknown ones."""


def read_list(
    lines: Iterable[str], campaign: CampaignDocument, numbers: Numbers
) -> Iterator[Listed | Wrong | Again]:
    """Yield what each line of a list says. Raises HeadError for a first line that says nothing."""
    rows = csv.reader(lines, strict=True)
    try:
        head = [name.strip().removeprefix("\ufeff").lower() for name in next(rows, [])]
    except csv.Error as error:
        raise HeadError(f"the first line is no CSV: {error}") from error
    _check_head(head)
    seen: dict[str, int] = {}
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield Wrong(rows.line_num, f"no CSV: {error}")
            continue
        if row is None:
            return
        if any(field.strip() for field in row):
            yield _taken(head, row, rows.line_num, seen, campaign, numbers)


def plain(number: str) -> str:
    """Return a number without what people write between its digits."""
    return number.translate(_BLANKS)


def _check_head(head: list[str]) -> None:
    unknown = [name for name in head if name not in COLUMNS]
    if unknown:
        raise HeadError(f"there is no column `{unknown[0]}`; there are {', '.join(COLUMNS)}")
    if "number" not in head:
        raise HeadError("the first line must name the columns, `number` among them")
    if len(set(head)) < len(head):
        raise HeadError("a column is named twice")


def _taken(
    head: list[str],
    row: list[str],
    line: int,
    seen: dict[str, int],
    campaign: CampaignDocument,
    numbers: Numbers,
) -> Listed | Wrong | Again:
    text = ",".join(row)
    if len(row) != len(head):
        return Wrong(line, f"{len(row)} fields, and {len(head)} columns", text)
    said = {name: field.strip() for name, field in zip(head, row, strict=True)}
    long = next((name for name in said if len(said[name]) > LONGEST), None)
    if long is not None:
        return Wrong(line, f"{long}: more than {LONGEST} characters", text)
    said["number"] = plain(said["number"])
    for name, wrong in _FIELDS.items():
        why = wrong(said.get(name, ""), campaign, numbers)
        if why:
            return Wrong(line, f"{name}: {why}", text)
    first = seen.setdefault(numbers.telephone(said["number"]), line)
    if first != line:
        return Again(line, first)
    return Listed(
        number=said["number"],
        customer=said.get("customer", ""),
        language=said.get("language", ""),
        zone=said.get("zone", ""),
        amount=Money.of(said["amount"]) if said.get("amount") else None,
        reference=said.get("reference", ""),
        consent=said.get("consent", "").lower() in _YES,
    )


def _number(field: str, campaign: CampaignDocument, numbers: Numbers) -> str:
    if not field:
        return "there is none"
    return "" if numbers.allows(field) else f"`{field}` is none that may be dialled"


def _language(field: str, campaign: CampaignDocument, numbers: Numbers) -> str:
    known = campaign.languages
    return "" if not field or field in known else f"`{field}` is none of {', '.join(known)}"


def _zone(field: str, campaign: CampaignDocument, numbers: Numbers) -> str:
    try:
        if field:
            ZoneInfo(field)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"`{field}` is no time zone; write one like Asia/Shanghai"
    return ""


def _amount(field: str, campaign: CampaignDocument, numbers: Numbers) -> str:
    try:
        wrong = bool(field) and Money.of(field).minor <= 0
    except ValueError:
        wrong = True
    return f"`{field}` is no amount; write one like 1234.50" if wrong else ""


def _consent(field: str, campaign: CampaignDocument, numbers: Numbers) -> str:
    return "" if field.lower() in (*_YES, *_NO) else f"`{field}` is neither yes nor no"


_FIELDS: dict[str, Callable[[str, CampaignDocument, Numbers], str]] = {
    "number": _number,
    "language": _language,
    "zone": _zone,
    "amount": _amount,
    "consent": _consent,
}
