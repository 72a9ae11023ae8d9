"""Asterisk's configuration, made of OneCall's: what `ivr asterisk` renders, compares and installs."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from ivr.adapters.asterisk.template import (
    proxy_templates,
    render,
    rendered,
    scripts,
    templates,
)
from ivr.adapters.flowfile.loader import load
from ivr.app.config import AmiConfig, Config, ConfigError, make_token, read_secret
from ivr.app.ledger import ReleaseError, open_ledger, store_place
from ivr.model.flow import FlowSet, is_service_code

LOOPBACK = "127.0.0.1"
REALM = "onecall"
"""What agents' telephones prove themselves for."""
PROXY_FOLDERS = {
    "ETC": "/etc/kamailio",
    "VAR": "/var/lib/kamailio",
    "RUN": "/run/kamailio",
    "KAMAILIO_MODULES": "/usr/lib/x86_64-linux-gnu/kamailio/modules/",
}
"""Where Debian's package has Kamailio keep everything."""
APOLOGY, GOODBYE = "survivability", "goodbye"
"""The recordings that callers hear while no engine answers."""
DESK_SECONDS = 60
UNMADE = "not made yet"
"""Stands for a password that nobody has made, where only a comparison is asked for."""

_CODE = re.compile(r"\*[0-9]{2}")
_CODES = "_*XX"
"""A star and two digits, as nearly all service codes are: a new one needs no new dialplan."""
_DESK = re.compile(r"Local/([0-9]{1,20})@transfer")
_ENDPOINT = re.compile(r"[A-Za-z0-9_-]{1,64}")


async def flows_of(config: Config) -> FlowSet:
    """Return the flows in force, or those of the flows folder where nothing was published.

    Raises FlowError, ReleaseError, LedgerError, PortError.
    """
    try:
        async with open_ledger(config) as ledger:
            release = (await ledger.state()).in_force
            if release is not None:
                return await ledger.flows(release.number)
    except ReleaseError:
        if store_place(config) is not None:
            raise
    return load(config.flows)


def files(config: Config, flows: FlowSet, name: str = "", *, make: bool) -> dict[str, str]:
    """Return the text of each of Asterisk's files, by file name.

    `name` is the Asterisk, where `ami` lists several. With `make`, passwords that are not there yet are
    made. Raises ConfigError and TemplateError.
    """
    nodes = config.asterisk.nodes or (f"{config.agi.host}:{config.agi.port}",)
    ami = _ami(config, name)
    secret = _maker(make)
    values = {
        **_folders(config),
        **_telephones(config, flows, secret),
        **_dialled(config, flows),
        "NAME": ami.name or config.asterisk.name,
        "AMI_ADDRESS": ami.host,
        "AMI_PERMIT": ",".join(f"{one}/255.255.255.255" for one in _engines(nodes)),
        "AMI_PORT": ami.port,
        "AMI_USER": ami.user,
        "AMI_SECRET": secret(ami.secret_file),
        "QUEUE": config.floor.survival,
        "APOLOGY": APOLOGY,
        "GOODBYE": GOODBYE,
        "NODES": len(nodes),
        "ROUNDS": config.asterisk.rounds,
        "CALL_SECONDS": config.asterisk.call // 1000,
        "QUEUE_SECONDS": config.asterisk.wait // 1000,
    }
    return rendered(templates(), values, nodes)


def _engines(nodes: Iterable[str]) -> list[str]:
    """Return the addresses that engines ask from."""
    return list(dict.fromkeys([LOOPBACK, *(node.rpartition(":")[0] for node in nodes)]))


def proxy_files(config: Config, flows: FlowSet) -> dict[str, str]:
    """Return the text of each of the SIP proxy's files, by its path in their folder. Passwords that are not
    there yet are made. Raises ConfigError and TemplateError."""
    own = config.asterisk
    if own.proxy is None or own.trunk is None:
        raise ConfigError(
            "say where the proxy listens and where the carrier is: `asterisk: {proxy, trunk}`"
        )
    hosts = [ami.host for ami in config.asterisks]
    address, _, port = own.proxy.partition(":")
    trunk_address, _, trunk_port = own.trunk.partition(":")
    values = {
        "SIP_ADDRESS": address,
        "SIP_PORT": port,
        "TRUNK_ADDRESS": trunk_address,
        "TRUNK_PORT": trunk_port,
        "ASTERISK": [f"{host}:{own.sip_port}" for host in hosts],
        "ASTERISK_ADDRESS": hosts,
        "REALM": REALM,
        "AGENT": _proving(config, "AGENT", endpoints(config, flows), _maker(make=True)),
        **PROXY_FOLDERS,
    }
    return {
        str(file.relative_to(proxy_templates())): render(file.read_text("utf-8"), values)
        for file in sorted(proxy_templates().rglob("*"))
        if file.is_file() and file.suffix != ".md"
    }


def endpoints(config: Config, flows: FlowSet) -> tuple[str, ...]:
    """Return the telephones that agents may work on."""
    return config.agents.endpoints or tuple(f"agent{one}" for one in flows.queues.agents)


def folder_of(config: Config, ami: AmiConfig | None = None) -> Path:
    """Return where the configuration of an Asterisk is read that is looked at."""
    own = ami.asterisk_conf if ami is not None else None
    return own or config.window.asterisk_conf or config.asterisk.folder


def looked_at(config: Config) -> tuple[tuple[str, Path, tuple[str, ...]], ...]:
    """Return each Asterisk that can be looked at: its name, its folder, and the command for its console."""
    window = config.window
    several = {
        (folder_of(config, one), one.console or window.asterisk): one.name
        for one in config.asterisks
    }
    pairs = several or {(folder_of(config), window.asterisk): ""}
    return tuple((name, folder, console) for (folder, console), name in pairs.items())


def _ami(config: Config, name: str) -> AmiConfig:
    """Return which Asterisk is meant. Raises ConfigError."""
    named = [one for one in config.asterisks if name in ("", one.name)]
    if not config.asterisks:
        raise ConfigError(
            "without a manager interface no agent is called and no card is keyed: write "
            "`ami: {secret_file: FILE}` into onecall.yaml"
        )
    if len(named) != 1:
        names = ", ".join(one.name for one in config.asterisks)
        raise ConfigError(f"say which Asterisk: `ami` lists {names or 'one without a name'}")
    return named[0]


def _maker(make: bool) -> Callable[[Path], str]:
    def secret(file: Path) -> str:
        if make:
            make_token(file)
        return read_secret(file) if file.exists() else UNMADE

    return secret


def _folders(config: Config) -> Mapping[str, object]:
    own = config.asterisk
    return {
        "ETC": own.folder,
        "MODULES": own.modules or _modules(),
        "DATA": own.data,
        "VAR": own.var,
        "SPOOL": own.spool,
        "RUN": own.run,
        "LOG": own.log,
        "MUSIC": own.music,
        "PROMPTS": config.prompts,
        "DIALPLANS": scripts(),
        "PYTHON": sys.executable,
        # The demo's agent has a voice; nobody else needs a sound that is no prompt.
        "SOUNDS": [],
        "DEMO": [],
    }


def _modules() -> Path:
    """Return where Debian has put Asterisk's modules; each kind of machine has a folder of its own."""
    found = sorted(Path("/usr/lib").glob("*/asterisk/modules"))
    return found[0] if found else Path("/usr/lib/asterisk/modules")


def _telephones(
    config: Config, flows: FlowSet, secret: Callable[[Path], str]
) -> Mapping[str, object]:
    own = config.asterisk
    agents = endpoints(config, flows)
    # Where there is a proxy, it is the trunk as well, and telephones prove themselves to it.
    host, _, port = (own.proxy or own.trunk or "").partition(":")
    behind = {"PROXY_ADDRESS": host, "PROXY_PORT": port}
    return {
        "SIP_ADDRESS": own.sip_address,
        "SIP_PORT": own.sip_port,
        "RTP_FIRST": own.rtp_first,
        "RTP_LAST": own.rtp_last,
        "TRUNK_ADDRESS": [{"TRUNK_ADDRESS": host, "TRUNK_PORT": port}] if host else [],
        "AGENT": [] if own.proxy else _proving(config, "AGENT", agents, secret),
        "SOFTPHONE": _proving(config, "SOFTPHONE", own.softphones, secret),
        "PROXIED": [{"PROXIED": _plain(one), **behind} for one in agents] if own.proxy else [],
    }


def _proving(
    config: Config, kind: str, names: Iterable[str], secret: Callable[[Path], str]
) -> list[Mapping[str, str]]:
    folder = config.asterisk.passwords
    return [
        {kind: one, f"{kind}_PASSWORD": secret(folder / f"{_plain(one)}.secret")} for one in names
    ]


def _plain(endpoint: str) -> str:
    """Return a telephone's name, which is that of a file here as well. Raises ConfigError."""
    if not _ENDPOINT.fullmatch(endpoint):
        raise ConfigError(f"{endpoint}: no telephone can be called so; write letters and digits")
    return endpoint


def _dialled(config: Config, flows: FlowSet) -> Mapping[str, object]:
    numbers = sorted({number for flow in flows.flows.values() for number in flow.numbers})
    callers = [one for one in numbers if not is_service_code(one)]
    odd = [one for one in numbers if is_service_code(one) and not _CODE.fullmatch(one)]
    codes = [_CODES, *odd]
    strings = (*config.destinations.values(), *config.agents.branches.values())
    desks = sorted({found[1] for one in strings if (found := _DESK.match(one))})
    return {
        "HOTLINE": callers,
        "NUMBER": [*callers, *codes],
        "CODES": codes,
        "DESK": desks,
        "DESK_SECONDS": DESK_SECONDS,
    }
