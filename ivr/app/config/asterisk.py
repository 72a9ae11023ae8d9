"""How the engine and Asterisk find each other."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from ivr.app.config.section import Section
from ivr.model.duration import Duration


class AgiConfig(Section):
    """Where the engine listens for Asterisk."""

    host: str = Field("127.0.0.1", description="Address to listen on; loopback unless tunnelled.")
    port: int = Field(4573, ge=0, le=65535, description="TCP port; 0 takes a free one.")
    max_calls: int = Field(4000, ge=1, description="Calls at a time; more go to the next node.")


class AmiConfig(Section):
    """How the engine logs in to Asterisk's manager interface: one section, or a list of them, one for each
    Asterisk."""

    name: str = Field(
        "",
        pattern=r"^([a-z][a-z0-9]{0,15})?$",
        description="Of several Asterisks: its `systemname` in asterisk.conf, with which its UNIQUEIDs "
        "begin.",
    )
    host: str = Field("127.0.0.1", description="Where the manager interface listens.")
    port: int = Field(5038, ge=1, le=65535, description="TCP port.")
    user: str = Field("onecall", description="The manager's name in manager.conf.")
    secret_file: Path = Field(description="A file of mode 0600 that holds the secret only.")
    queue_log: Path | None = Field(
        None, description="Asterisk's queue_log, if readable here: what was missed is read from it."
    )
    asterisk_conf: Path | None = Field(
        None, description="Of several Asterisks: what `window.asterisk_conf` is for one."
    )
    console: tuple[str, ...] = Field(
        (), description="Of several Asterisks: what `window.asterisk` is for one."
    )


class WindowConfig(Section):
    """How the engine makes sure that nothing records or logs a card number; needs `ami` as well."""

    asterisk_conf: Path | None = Field(
        None, description="Asterisk's configuration folder, such as /etc/asterisk."
    )
    asterisk: tuple[str, ...] = Field(
        (), description="Command for Asterisk's console, such as [asterisk]; `-rx …` is added."
    )
    recorders: Literal["mute", "stop"] = Field(
        "mute", description="What is done with recorders while a window is open."
    )
    confirm: Duration = Field(2000, description="Longest wait for the event that confirms it.")
    keep: Duration = Field(10_000, description="How long a preflight counts.")
    pins: Literal["recorded", "always"] = Field(
        "recorded",
        description="When a PIN is keyed only in confirmed silence: where something is known to record,"
        " or a queue does; or always.",
    )
    budget: Duration = Field(8000, description="Longest wait for a window to open.")
