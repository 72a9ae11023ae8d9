"""Typed-ahead keys on a real Asterisk: none is lost, whatever the engine does meanwhile."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from ivr.adapters.agi.line import KEYS, AgiLine
from ivr.model.prompt import Recording
from lab.library import Library
from lab.site import Lab
from lab.telephone import PhoneCall, Telephone
from tests.live.edge_kit import Call, Edge, serving

CALLS = 10
KEYS_A_CALL = 100
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
    """Prompts, entries and slow look-ups in turn, until the caller has typed all."""
    keys: list[str] = []
    while not typing.done():
        for prompt in prompts:
            await play(line, prompt, keys)
        for _ in range(3):
            key = await line.wait_digit(500)
            keys += key or ""
        await line.attend(asyncio.sleep(2), keys.append)
        await line.attend(asyncio.sleep(0.03), keys.append)
    # The last key may still be on its way.
    while (key := await line.wait_digit(500)) is not None:
        keys.append(key)
    return "".join(keys)


async def one(pair: tuple[PhoneCall, Call], prompts: list[Recording], seed: int) -> tuple[str, str]:
    """One caller: what was typed, and what the engine got."""
    placed, call = pair
    typed = "".join(random.Random(seed).choices(KEYS, k=KEYS_A_CALL))
    typing = asyncio.create_task(placed.press(typed, spacing_ms=SPACING_MS))
    heard = await listen(call.line, prompts, typing)
    await typing
    await call.leave()
    return typed, heard


@pytest.mark.asterisk
@pytest.mark.timeout(60)
async def test_no_key_of_a_thousand_is_lost(lab: Lab, tmp_path: Path) -> None:
    edge = Edge(lab, tmp_path)
    prompts = [edge.recording(f"prompt-{notes}", notes) for notes in (2, 5, 1)]
    async with serving(edge), Telephone(lab, Library.of(tmp_path)) as phone:
        pairs = [await edge.call(phone) for _ in range(CALLS)]
        results = await asyncio.gather(
            *(one(pair, prompts, seed) for seed, pair in enumerate(pairs))
        )
    lost = sum(len(typed) - len(heard) for typed, heard in results)
    assert (lost, [typed for typed, _ in results]) == (0, [heard for _, heard in results])
