"""Typed-ahead keys on a real Asterisk: none is lost, whatever the engine does meanwhile.

What counts is what reached Asterisk, by its own log: on a crowded machine the test's telephone may
swallow a key, so callers type some more than the thousand that must arrive.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from ivr.adapters.agi.channel import KEYS
from ivr.adapters.agi.line import AgiLine
from ivr.model.prompt import Recording
from lab.library import Library
from lab.site import Lab
from lab.telephone import PhoneCall, Telephone
from tests.live.edge_kit import Call, Edge, serving
from tests.live.kit import arrivals

CALLS = 6
KEYS_A_CALL = 175
ENOUGH = 1000
SPACING_MS = 120


async def play(line: AgiLine, prompt: Recording, keys: list[str]) -> None:
    """Play a prompt to its end, keeping each key, as the dialogue does."""
    start = 0
    while True:
        streamed = await line.stream(prompt, start=start, interruptible=True)
        if streamed.key is None:
            return
        keys.append(streamed.key)
        start = streamed.at


async def listen(line: AgiLine, prompts: list[Recording], typing: asyncio.Task[None]) -> str:
    """Prompts, entries and look-ups, quick and slow, in turn, until the caller has typed all."""
    keys: list[str] = []
    while not typing.done():
        for prompt in prompts:
            await play(line, prompt, keys)
        for _ in range(3):
            keys += await line.wait_digit(500) or ""
        await line.attend(asyncio.sleep(2), keys.append)
        await line.attend(asyncio.sleep(0.03), keys.append)
    # The last keys may still be on their way.
    while (key := await line.wait_digit(1000)) is not None:
        keys.append(key)
    return "".join(keys)


async def one(placed: PhoneCall, call: Call, prompts: list[Recording], seed: int) -> str:
    """One caller, typing all the time; what the engine got."""
    typed = "".join(random.Random(seed).choices(KEYS, k=KEYS_A_CALL))
    typing = asyncio.create_task(placed.press(typed, spacing_ms=SPACING_MS))
    heard = await listen(call.line, prompts, typing)
    await typing
    await call.leave()
    return heard


@pytest.mark.asterisk
@pytest.mark.timeout(60)
async def test_no_key_of_a_thousand_is_lost(lab: Lab, tmp_path: Path) -> None:
    edge = Edge(lab, tmp_path)
    prompts = [edge.recording(f"prompt-{notes}", notes) for notes in (2, 5, 1)]
    async with (
        arrivals(lab) as arrived,
        serving(edge),
        Telephone(lab, Library.of(tmp_path)) as phone,
    ):
        pairs = [await edge.call(phone) for _ in range(CALLS)]
        heard = await asyncio.gather(
            *(one(*pair, prompts, seed) for seed, pair in enumerate(pairs))
        )
        sent = [arrived.on(call.connection.environment.channel) for _, call in pairs]
    assert sum(map(len, sent)) >= ENOUGH, "the telephone did not deliver enough keys"
    assert heard == sent
