"""What is sent and answered: the same for every engine.

Two scripts. `menu` is the menu call: prompt, key, prompt, key, hang-up. `keys` is an account number
of sixteen digits asked for over and over: a prompt and sixteen reads of one key a turn.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

MENU = "menu"
KEYS = "keys"
HELD = "held"
NUMBERS = {MENU: "95500", KEYS: "95502", HELD: "95501"}
"""The number that a caller dials for a script."""

PROMPTS = ("bench-first", "bench-second", "bench-account")
PROMPT_MS = 200
DIGITS = 16

SOUNDS = "/bench"
"""Where prompts are, as far as an engine that never meets a real Asterisk knows."""

Ask = Callable[[str], Awaitable[Any]]


def stream(folder: str, name: str) -> str:
    """Return the command that plays a prompt until any key."""
    return f'STREAM FILE {folder}/bench-{name} "0123456789*#" 0'


WAIT = "WAIT FOR DIGIT 5000"
ACCOUNT = stream(SOUNDS, "account")


def menu_commands(folder: str = SOUNDS) -> tuple[str, ...]:
    """Return the commands of the menu call."""
    first, second = stream(folder, "first"), stream(folder, "second")
    return (first, WAIT, second, WAIT, "HANGUP", "SET VARIABLE IVR_DONE 1")


MENU_COMMANDS = menu_commands()


async def play_menu(ask: Ask, commands: tuple[str, ...] = MENU_COMMANDS) -> None:
    """Play the menu call."""
    for command in commands:
        await ask(command)


async def play_keys(ask: Ask) -> None:
    """Ask for account numbers until the connection ends."""
    while True:
        await ask(ACCOUNT)
        for _ in range(DIGITS):
            await ask(WAIT)


def environment(script: str, port: int, number: int) -> list[bytes]:
    """Return the lines that Asterisk begins an AGI connection with, in its order."""
    dialled = NUMBERS[script]
    text = f"""\
agi_network: yes
agi_network_script: {script}
agi_request: agi://127.0.0.1:{port}/{script}
agi_channel: PJSIP/trunk-{number:08x}
agi_language: en
agi_type: PJSIP
agi_uniqueid: bench-{port}.{number}
agi_version: 22.10.1
agi_callerid: 138{number % 100_000_000:08d}
agi_calleridname: unknown
agi_callingpres: 0
agi_callingani2: 0
agi_callington: 0
agi_callingtns: 0
agi_dnid: {dialled}
agi_rdnis: unknown
agi_context: engine
agi_extension: {dialled}
agi_priority: 4
agi_enhanced: 0.0
agi_accountcode:\x20
agi_threadid: 140123456789{number % 1000:03d}
"""
    return [*text.encode().splitlines(keepends=True), b"\n"]


def answer(line: bytes) -> bytes:
    """Return what Asterisk answers to a command, with the key pressed at once."""
    if line.startswith(b"STREAM"):
        return b"200 result=0 endpos=1600\n"
    if line.startswith(b"WAIT"):
        return b"200 result=49\n"
    if line.startswith(b"HANGUP"):
        return b"200 result=1\nHANGUP\n"
    return b"200 result=1\n"
