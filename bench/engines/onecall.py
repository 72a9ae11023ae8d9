"""OneCall, as `ivr serve` runs it: `python -m bench.engines.onecall FOLDER [PORT]`.

The whole product but its witness (no AMI in a synthetic run): flows loaded and checked, the
catalogue of prompts, sessions, journal and events in an SQLite file in FOLDER.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import uvloop

from bench.engines.process import announce, many_files
from bench.site import configuration
from ivr.app.service import running


async def main(folder: Path, port: int) -> None:
    """Listen and serve until SIGTERM."""
    async with running(configuration(folder, port)) as engine:
        announce(engine.address[1])
        await engine.serve(drain_s=2.0)


if __name__ == "__main__":
    many_files()
    logging.basicConfig(level=logging.WARNING)
    uvloop.run(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
