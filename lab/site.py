"""A whole lab: the engine's Asterisk with the project's configuration, and the telephone."""

from __future__ import annotations

import shutil
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.adapters.asterisk.template import scripts, templates
from lab import sounds
from lab.asterisk import Asterisk
from lab.errors import LabError
from lab.installation import REPOSITORY, Installation
from lab.ports import ADDRESS, Ports, require_free

HOTLINE = "95500"
SURVEYS = "95501"
"""To ring back and answer a survey."""
AMI_USER = "engine"
QUEUE = "service"
AGENTS = [f"agent{number}" for number in range(1001, 1013)]
"""The endpoints of agents' telephones."""
CODES = "_*XX"
"""What agents dial from them."""
REGISTERED_SECONDS = 10.0
CONFIGURATION = REPOSITORY / "asterisk-conf"
TELEPHONE = REPOSITORY / "lab" / "telephone-conf"
SHARED = ["acl", "ccss", "cdr", "cel", "features", "indications", "pjproject", "stasis", "udptl"]
"""Files of `asterisk-conf` that say the same for the telephone: what it does not do."""

Files = tuple[Sequence[Path], dict[str, object], tuple[str, ...]]
"""Templates, what their placeholders stand for, and the engine nodes."""


@dataclass(frozen=True)
class Timing:
    """How long things may last in this lab; tests shorten them.

    `rounds` is how often the engine nodes are asked before a call goes to the fallback, a tenth
    of a second apart.
    """

    call_seconds: int = 14400
    queue_seconds: int = 600
    agent_seconds: int = 60
    rounds: int = 8


@dataclass
class Lab:
    """Where everything of one lab is. `prompts` holds one folder of recordings a language."""

    folder: Path
    ports: Ports
    installation: Installation
    prompts: Path = REPOSITORY / "prompts"
    timing: Timing = Timing()
    tethered: bool = False

    def __post_init__(self) -> None:
        self.exchange = Asterisk(
            "exchange", self.folder / "exchange", self.installation, self.tethered
        )
        self.handset = Asterisk(
            "telephone", self.folder / "telephone", self.installation, self.tethered
        )

    @property
    def entrance(self) -> str:
        """The address that telephones call and register at."""
        return ADDRESS

    @property
    def nodes(self) -> tuple[str, ...]:
        """The engine nodes that calls are offered to, as `host:port`."""
        return tuple(f"{ADDRESS}:{port}" for port in (self.ports.agi, self.ports.agi_second))

    @property
    def ami_secret(self) -> str:
        """The engine's AMI password."""
        return self.exchange.secret("ami")

    @property
    def softphone_password(self) -> str:
        """What a person's softphone registers with, as user `softphone`."""
        return self.exchange.secret("softphone")

    @property
    def sounds(self) -> Path:
        """Where the lab's own sounds are."""
        return self.folder / "sounds"

    def start(self) -> None:
        """Start what does not run yet, or runs with another configuration than it would have now
        (after a `git pull`, say); return when both are ready.

        Raises LabError for a busy port or an Asterisk that does not come up; then nothing that
        this call started is left running.
        """
        self._start_exchange()
        try:
            self._start_handset()
        except BaseException:
            self.stop()
            raise

    def _start_exchange(self) -> None:
        if self.exchange.alive():
            if self.exchange.configured(*self._exchange_files()):
                return
            self.exchange.stop()
        require_free(self.ports.sip, socket.SOCK_DGRAM, "SIP of the exchange")
        require_free(self.ports.ami, socket.SOCK_STREAM, "AMI of the exchange")
        self._configure_exchange()
        self.exchange.start()

    def configure(self) -> None:
        """Write both configurations, without starting anything."""
        self._configure_exchange()
        self._configure_handset()

    def _configure_exchange(self) -> None:
        sounds.write(self.sounds)
        self.exchange.configure(*self._exchange_files())

    def _exchange_files(self) -> Files:
        return templates(), self._exchange_values(), self.nodes

    def _exchange_values(self) -> dict[str, object]:
        ports, timing = self.ports, self.timing
        return {
            "SIP_ADDRESS": ADDRESS,
            "SIP_PORT": ports.sip,
            "TRUNK_ADDRESS": ADDRESS,
            "TRUNK_PORT": ports.phone_sip,
            "SOFTPHONE_PASSWORD": self.softphone_password,
            "RTP_FIRST": ports.rtp[0],
            "RTP_LAST": ports.rtp[1],
            "AMI_ADDRESS": ADDRESS,
            "AMI_PERMIT": f"{ADDRESS}/255.255.255.255",
            "AMI_PORT": ports.ami,
            "AMI_USER": AMI_USER,
            "AMI_SECRET": self.ami_secret,
            "QUEUE": QUEUE,
            "MUSIC": self.sounds / "music",
            "SOUNDS": self.sounds,
            "PROMPTS": self.prompts,
            "DIALPLANS": scripts(),
            "PYTHON": sys.executable,
            "HOTLINE": [HOTLINE, SURVEYS],
            "NUMBER": [HOTLINE, SURVEYS, CODES],
            "CODES": CODES,
            "AGENT": AGENTS,
            "AGENT_PASSWORD": self.exchange.secret("agents"),
            "PROXIED": [],
            "SOFTPHONE": ["softphone"],
            "DESK": [],
            "DEMO": ["800"],
            "APOLOGY": "survivability",
            "GOODBYE": "goodbye",
            "NODES": len(self.nodes),
            "ROUNDS": timing.rounds,
            "CALL_SECONDS": timing.call_seconds,
            "QUEUE_SECONDS": timing.queue_seconds,
            "AGENT_SECONDS": timing.agent_seconds,
        }

    def _start_handset(self) -> None:
        if self.handset.alive():
            if self.handset.configured(*self._handset_files()):
                return
            self.handset.stop()
        require_free(self.ports.phone_sip, socket.SOCK_DGRAM, "SIP of the telephone")
        require_free(self.ports.phone_ami, socket.SOCK_STREAM, "AMI of the telephone")
        self._configure_handset()
        self.handset.start()
        self._await_agents()

    def registered(self) -> set[str]:
        """Return the agents whose telephones have said where they are."""
        contacts = self.exchange.rx("pjsip show contacts")
        return {agent for agent in AGENTS if f"{agent}/sip:" in contacts}

    def _await_agents(self) -> None:
        """Wait until every agent's telephone has said where it is."""
        deadline = time.monotonic() + REGISTERED_SECONDS
        while True:
            missing = sorted({*AGENTS} - self.registered())
            if not missing:
                return
            if time.monotonic() > deadline:
                raise LabError(f"no telephone of {', '.join(missing)}: {self.handset.log}")
            time.sleep(0.05)

    def _configure_handset(self) -> None:
        self.handset.configure(*self._handset_files())

    def _handset_files(self) -> Files:
        values: dict[str, object] = {
            "SIP_PORT": self.ports.phone_sip,
            "HOTLINE_ADDRESS": self.entrance,
            "HOTLINE_PORT": self.ports.sip,
            "RTP_FIRST": self.ports.phone_rtp[0],
            "RTP_LAST": self.ports.phone_rtp[1],
            "AMI_PORT": self.ports.phone_ami,
            "AMI_SECRET": self.handset.secret("ami"),
            "AGENT": AGENTS,
            "AGENT_PASSWORD": self.exchange.secret("agents"),
        }
        shared = [CONFIGURATION / f"{name}.conf" for name in SHARED]
        return [*shared, *TELEPHONE.glob("*.conf")], values, ()

    def stop(self) -> list[str]:
        """End what runs of this lab, nothing else; return the names of what was ended."""
        return [one.name for one in (self.handset, self.exchange) if one.stop()]

    def remove(self) -> None:
        """Stop, then delete the lab's folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
