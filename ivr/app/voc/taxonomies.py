"""The taxonomy in force, and one that a report was made by."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import PurePosixPath

import msgspec

from ivr.adapters.flowfile import load, try_load_files
from ivr.app.config import Config
from ivr.app.ledger import open_ledger, store_place
from ivr.model.errors import OneCallError
from ivr.model.flow import FlowSet
from ivr.model.taxonomy import TaxonomyDocument

FILE = "taxonomy.yaml"


class NoTaxonomy(OneCallError):
    """There are no themes to sort by: why, and what to do."""


class Taxonomy(msgspec.Struct, frozen=True):
    """A taxonomy as it was written, and read. `sha256` (hex) is that of the text."""

    text: str
    document: TaxonomyDocument

    @property
    def sha256(self) -> str:
        """What it is known by."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_taxonomy(text: str) -> Taxonomy:
    """Read a taxonomy. Raises NoTaxonomy."""
    sheet = try_load_files({FILE: text}).sound.taxonomy
    if sheet is None:
        raise NoTaxonomy(f"{FILE} cannot be read by this OneCall; run: ivr check")
    return Taxonomy(text, sheet.document)


async def in_force(config: Config) -> Taxonomy:
    """Return the taxonomy of the flows that are published; before the first release, of those in the
    folder. Raises NoTaxonomy, FlowError, LedgerError, PortError."""
    flows = await _published(config)
    if flows is None:
        flows = await asyncio.to_thread(load, config.flows)
    text = next(
        (text for path, text in flows.files.items() if PurePosixPath(path).name == FILE), None
    )
    if text is None:
        raise NoTaxonomy(f"the flows have no {FILE}: write one (docs/voc.md), and publish it")
    return read_taxonomy(text)


async def _published(config: Config) -> FlowSet | None:
    """Return the flows in force; None before the first release."""
    if store_place(config) is None:
        return None
    async with open_ledger(config) as ledger:
        release = (await ledger.state()).in_force
        return await ledger.flows_of(release.version) if release is not None else None
