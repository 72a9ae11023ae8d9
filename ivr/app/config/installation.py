"""What Asterisk's own configuration is made of, besides what the engine needs as well."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from ivr.app.config.agents import Endpoint
from ivr.app.config.section import Section
from ivr.model.duration import Duration

Node = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}:[0-9]{1,5}$")]
Address = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")]
Port = Annotated[int, Field(ge=1, le=65535)]


class AsteriskConfig(Section):
    """What `ivr asterisk render` makes Asterisk's configuration of (docs/operating.md)."""

    name: str = Field(
        "asterisk",
        pattern=r"^[a-z][a-z0-9]{0,15}$",
        description="Its `systemname`, unless an entry of `ami` names it.",
    )
    folder: Path = Field(
        Path("/etc/asterisk"), description="Where Asterisk reads its configuration."
    )
    nodes: tuple[Node, ...] = Field(
        (),
        description="The engines that calls are offered to in turn, `host:port`. Left out: this one's "
        "`agi`.",
    )
    sip_address: Address = Field(
        "0.0.0.0",  # noqa: S104  # telephones are elsewhere
        description="Where Asterisk listens for SIP.",
    )
    sip_port: Port = Field(5060, description="UDP port.")
    trunk: Node | None = Field(
        None, description="The carrier, or a session border controller, `host:port`."
    )
    proxy: Node | None = Field(
        None,
        description="The SIP proxy in front of several Asterisks, `host:port`: agents' telephones register "
        "there, and the carrier calls there (docs/nodes.md).",
    )
    rtp_first: Port = Field(10_000, description="First UDP port for sound; a call takes two.")
    rtp_last: Port = Field(20_000, description="Last UDP port for sound.")
    softphones: tuple[Endpoint, ...] = Field(
        (), description="Telephones to try the hotline with, without a trunk."
    )
    passwords: Path = Field(
        Path("var/sip"),
        description="Folder of the SIP passwords of agents' telephones and softphones, a file each; "
        "made where there is none.",
    )
    call: Duration = Field(14_400_000, ge=60_000, description="Asterisk ends a call after so long.")
    wait: Duration = Field(
        600_000, ge=10_000, description="Longest wait in the plain queue while no engine answers."
    )
    rounds: int = Field(
        8, ge=1, le=100, description="How often all nodes are asked before that, 0.1 s apart."
    )
    modules: Path | None = Field(
        None, description="Folder of Asterisk's modules. Left out: where Debian puts them."
    )
    data: Path = Field(Path("/usr/share/asterisk"), description="What Asterisk comes with.")
    music: Path = Field(
        Path("/usr/share/asterisk/moh"), description="Folder of the music for those who wait."
    )
    var: Path = Field(Path("/var/lib/asterisk"), description="Asterisk's database and keys.")
    spool: Path = Field(Path("/var/spool/asterisk"), description="What Asterisk has in work.")
    run: Path = Field(Path("/var/run/asterisk"), description="Its console's socket.")
    log: Path = Field(Path("/var/log/asterisk"), description="Its logs.")
