"""The hotline that is measured: its flows, and prompts of a fifth of a second each."""

from __future__ import annotations

import math
import socket
from pathlib import Path

from bench.wire import PROMPT_MS, PROMPTS
from ivr.adapters.prompts.manifest import Entry, write_manifest
from ivr.app.config import AgiConfig, BankConfig, Config, FloorConfig, LimitsConfig
from ivr.model.say import segments
from lab.mulaw import encode

FLOWS = Path(__file__).resolve().parent / "flows"
LANGUAGE = "en"
SPOKEN_BY_THE_ENGINE = (
    "no-input", "invalid-choice", "invalid-entry", "entry-cleared", "sorry-technical", "sorry-repeat",
    "survivability", "goodbye",
)  # fmt: skip
NO_END = 1_000_000_000


def configuration(folder: Path, port: int) -> Config:
    """Return the configuration of an engine that keeps everything in `folder`."""
    return Config(
        flows=FLOWS,
        prompts=folder / "prompts",
        state=folder / "var",
        agi=AgiConfig(port=port, max_calls=10_000),
        floor=FloorConfig(port=_free_port()),
        bank=BankConfig(file=folder / "var/bank.sqlite"),
        # One call keys thousands of account numbers here.
        limits=LimitsConfig(steps=NO_END),
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def prepare(folder: Path) -> None:
    """Write the prompts."""
    names = {name: name for name in (*PROMPTS, *SPOKEN_BY_THE_ENGINE)}
    prompts = folder / "prompts"
    home = prompts / LANGUAGE
    home.mkdir(parents=True)
    lines = [f"{name}: {text}\n" for name, text in names.items()]
    (prompts / f"{LANGUAGE}.yaml").write_text("".join(lines), "utf-8")
    sound = tone()
    texts = {**segments(LANGUAGE), **names}
    for name in texts:
        (home / f"{name}.ulaw").write_bytes(sound)
    write_manifest(home, {name: Entry("", "", text, "tone") for name, text in texts.items()})
    (folder / "var").mkdir()


def tone() -> bytes:
    """Return a prompt: 440 Hz, 8 kHz µ-law."""
    return encode(
        round(8000 * math.sin(2 * math.pi * 440 * at / 8000)) for at in range(PROMPT_MS * 8)
    )
