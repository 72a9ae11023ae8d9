"""What live tests of several nodes share: Kamailio, two Asterisks, PostgreSQL, Redis and two engines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import installation
from lab.cluster import Cluster
from lab.fixtures import STAND_INS, TEST_TIMING, write_recording
from lab.ports import free_block


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """Run the proxy, the Asterisks and the telephones; no engine listens."""
    prompts = folder / "prompts"
    for language in ("zh", "en"):
        for name in STAND_INS:
            write_recording(prompts / language / f"{name}.ulaw", f"{language}/{name}")
    with free_block() as ports:
        found = installation.find(lambda text: None)
        site = Cluster(folder, ports, found, prompts, TEST_TIMING, tethered=True)
        try:
            site.start()
            yield site
        finally:
            site.stop()
