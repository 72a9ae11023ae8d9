"""One target under atheris: `python -m fuzz.one TARGET [libFuzzer's options] CORPUS`."""

from __future__ import annotations

import asyncio
import sys

import atheris

with atheris.instrument_imports(include=["ivr", "fuzz"]):
    from fuzz.targets import TARGETS


def main() -> None:
    """Fuzz until the runs are done, or something is found (exit status other than 0)."""
    name = sys.argv.pop(1)
    # An action of the AMI library has a future, and a future a loop.
    asyncio.set_event_loop(asyncio.new_event_loop())
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
