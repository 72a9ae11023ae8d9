"""Computing a report again from what is stored, up to where it was read then, and comparing every byte."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ivr.adapters.voc.page import page, read_page
from ivr.app.config import Config
from ivr.app.voc.making import Made, Reached, Wanted, make_report
from ivr.app.voc.taxonomies import Taxonomy, in_force, read_taxonomy
from ivr.centre.voc.figures import Unverifiable, VocReport, difference, read_report, report_json
from ivr.centre.voc.values import Month
from ivr.ports.voc import VocBook


class Verdict(msgspec.Struct, frozen=True):
    """Whether a file is what is computed again: `wrong` says what differs first; empty: nothing."""

    report: VocReport
    wrong: str


class _File(msgspec.Struct, frozen=True):
    """A file's bytes, and the report in it; `language` is that of a page, empty for JSON."""

    body: bytes
    report: VocReport
    language: str = ""


async def verify(config: Config, book: VocBook, body: bytes, reached: Reached) -> Verdict:
    """Compute a file of `ivr report voc` again. Raises Unverifiable where that cannot be, PortError."""
    file = _read(body)
    stored = file.report
    if stored.zone != config.zone:
        raise Unverifiable(
            f"it was made in the zone {stored.zone}, and the bank's is {config.zone}"
        )
    taxonomy = await _taxonomy(config, book, stored.taxonomy)
    try:
        month = Month.of(stored.month)
    except ValueError:
        raise Unverifiable(f"`{stored.month}` is no month") from None
    marks: Mapping[str, int] = {name: one.mark for name, one in stored.sources.items()}
    made = await make_report(config, taxonomy, book, Wanted(month, stored.branch, marks), reached)
    return Verdict(stored, difference(stored, made.report) or _around(file, made, taxonomy))


def _read(body: bytes) -> _File:
    if body.lstrip()[:1] == b"{":
        return _File(body, read_report(body))
    try:
        report, language = read_page(body.decode())
    except UnicodeDecodeError as error:
        raise Unverifiable(f"not UTF-8 from byte {error.start} on") from None
    return _File(body, report, language)


async def _taxonomy(config: Config, book: VocBook, sha256: str) -> Taxonomy:
    """Return the taxonomy a report was made by: the one that was kept with it, else the one in force."""
    text = book.taxonomy(sha256)
    found = read_taxonomy(text) if text is not None else await in_force(config)
    if found.sha256 != sha256:
        raise Unverifiable(
            f"the taxonomy {sha256[:12]} it was made by is not kept here; run this where it was made"
        )
    return found


def _around(file: _File, made: Made, taxonomy: Taxonomy) -> str:
    """Say where a file whose figures are right is not what they give."""
    if not file.language:
        again = report_json(made.report)
    else:
        again = page(made.report, taxonomy.document, file.language).encode()
    if file.body == again:
        return ""
    lines = zip(file.body.splitlines(), again.splitlines(), strict=False)
    number = next((n for n, (one, other) in enumerate(lines, 1) if one != other), 0)
    where = f"line {number}" if number else "the last line"
    return f"the figures are right, but the text around them is not, from {where} on"
