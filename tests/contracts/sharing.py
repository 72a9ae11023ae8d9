"""An engine's part of a store that several share, as a process: `python -m tests.contracts.sharing URL NAME`.

It tells the store of calls until its standard input ends, and says how many when all is written.
"""

from __future__ import annotations

import asyncio
import sys

from ivr.adapters.clock import SystemClock
from ivr.adapters.store.database import DatabaseStore
from ivr.database import Server
from ivr.model.secret import Secret
from tests.surveys import asking, served


async def engine(url: str, name: str) -> int:
    """Serve calls until told to stop; return how many there were."""
    place = Server(Secret(url))
    store = await DatabaseStore.open(
        place, SystemClock("Asia/Shanghai"), asking_of=lambda files: asking()
    )
    stopped = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    count = 0
    while not stopped.done():
        for event in served():
            store.events.emit(f"{name}.{count}", event)
        count += 1
        await asyncio.sleep(0.005)
    await store.flush(30_000)
    await store.close()
    return count


if __name__ == "__main__":
    sys.stdout.write(str(asyncio.run(engine(*sys.argv[1:]))))
