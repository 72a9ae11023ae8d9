"""The prompts that calls hear: a catalogue that is read again when new flows may want new prompts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence

from ivr.adapters.prompts.catalogue import Catalogue, CatalogueError, Missing, load_catalogue
from ivr.app.config import Config, ConfigError
from ivr.model.prompt import Audible, Recording

_LOG = logging.getLogger(__name__)


class LatestPrompts:
    """The Prompts port on the catalogue as it was read last.

    Raises CatalogueError and ConfigError when there is none to begin with.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self.catalogue = catalogue_of(config)

    def render(self, items: Iterable[Audible], language: str) -> tuple[Recording, ...]:
        """Return the recordings to play, in order. Raises PortError."""
        return self.catalogue.render(items, language)

    async def read_again(self) -> None:
        """Read the catalogue anew; one that cannot be used is reported and changes nothing."""
        try:
            self.catalogue = await asyncio.to_thread(catalogue_of, self._config)
        except (CatalogueError, ConfigError) as error:
            _LOG.error("the prompts stay as they were:\n%s", error)


def catalogue_of(config: Config) -> Catalogue:
    """Load the prompts; warn of recordings that say something else than their texts.

    Raises CatalogueError, and ConfigError for prompts without any recording.
    """
    catalogue = load_catalogue(config.prompts)
    lacking = catalogue.missing()
    silent = [one for one in lacking if catalogue.resolve(one.id, one.language) is None]
    if silent:
        raise ConfigError(
            f"{config.prompts}: {len(silent)} prompts have no recording: {_listed(silent)}; "
            "see `ivr prompts list --missing`, then run `ivr prompts build`"
        )
    if lacking:
        _LOG.warning("%d recordings are out of date: %s", len(lacking), _listed(lacking))
    return catalogue


def _listed(missing: Sequence[Missing]) -> str:
    named = ", ".join(f"{one.language}/{one.id}" for one in missing[:10])
    return named if len(missing) <= 10 else f"{named} and {len(missing) - 10} more"
